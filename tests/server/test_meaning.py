import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from knowledge.meaning.learning import Progress
from knowledge.people import Act
from server import doctor, installation
from server.installation import NotReady, opened
from server.settings import Settings
from server.surroundings import Finding
from server.worker import Worker
from tests.commands import Said, loyalty
from tests.factories import a_viewer, an_entry
from tests.server.clients import Server


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "data", semantic=True)
    database = installation.found(settings)
    database.write(lambda session: an_entry(session, a_viewer(session), title="Refund first, ask later"))
    database.close()
    return settings


def run(settings: Settings, *arguments: str) -> Said:
    return loyalty(*arguments, semantic="true", data=settings.data)


def finding(settings: Settings, name: str) -> Finding:
    return next(each for each in doctor.examine(settings) if each.name == name)


def test_the_worker_understands_what_is_published(home: Settings) -> None:
    with opened(home) as here:
        assert here.learning is not None
        busy = Worker(here.database, here.index, home.data, learning=here.learning)
        busy.start()
        busy.caught_up().result(10)
        until = monotonic() + 20
        while here.learning.progress().done < 1 and monotonic() < until:
            sleep(0.05)
        busy.stop()

        assert here.learning.progress() == Progress(1, 1)


def test_a_search_over_http_finds_what_is_said_in_other_words(serve: Callable[..., Server]) -> None:
    server = serve(semantic=True)
    server.database.write(lambda session: an_entry(session, a_viewer(session), title="Refund first, ask later"))
    program = server.client(authorization=f"Bearer {server.token('leo@example.org', Act.ENTRIES_READ)}")

    until = monotonic() + 20
    found = 0
    while monotonic() < until and not found:
        answer = program.ask('{ search(query: "broken device reimbursement") { totalCount } }').json()
        found = answer["data"]["search"]["totalCount"]
        sleep(0.1)

    assert found == 1


def test_without_the_extra_it_does_not_start_and_says_why(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(NotReady, match=r"LOYALTY_SEMANTIC is on, and cannot work\. .*pip install"), opened(home):
        pass

    assert finding(home, "meaning").mend.startswith("Install the extra")
    with opened(home.model_copy(update={"semantic": False})) as here:
        assert here.learning is None


def test_another_model_than_the_one_that_was_named_does_not_run(home: Settings, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not this one")
    other = home.model_copy(update={"semantic_model": str(tmp_path / "model.onnx")})

    with pytest.raises(NotReady, match="SHA-256"), opened(other):
        pass


@pytest.mark.slow
def test_reindexing_computes_all_vectors_and_the_doctor_counts_them(home: Settings) -> None:
    before = run(home, "reindex", "--check")
    done = run(home, "reindex")
    after = run(home, "reindex", "--check")
    told = {each["name"]: each for each in json.loads(run(home, "doctor", "--json").stdout)}

    assert "0 of 1 English entries have vectors." in before.stderr
    assert "1 English entries have vectors." in done.stderr
    assert (after.returncode, after.stdout) == (0, "0 missing, 0 outdated, 0 surplus\n")
    assert "1 of 1 English entries have vectors." in after.stderr
    assert told["meaning"]["mend"] == ""
