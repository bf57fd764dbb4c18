import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlmodel import Session

from knowledge.database import Database
from knowledge.meaning import chunks
from knowledge.meaning import learning as module
from knowledge.meaning.encoder import Encoder
from knowledge.meaning.learning import Learning, Progress
from knowledge.meaning.understanding import Meaning
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from tests.factories import a_viewer, an_entry
from tests.knowledge.search.conftest import EVERYTHING

TITLES = ("Refund first, ask later", "Call before they call", "Parking")


def publish_one(session: Session) -> None:
    an_entry(session, a_viewer(session), title="Refund")


@pytest.fixture
def learning(database: Database, index: EmbeddedIndex, meaning: Meaning) -> Learning:
    def write(session: Session) -> None:
        for title in TITLES:
            an_entry(session, a_viewer(session), title=title)

    database.write(write)
    following.follow(database, index)
    return Learning(database, index, meaning)


def test_all_that_is_published_is_understood_a_few_at_a_time(
    learning: Learning, index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    told: list[tuple[int, int]] = []

    before = learning.progress()
    count = learning.learn_all(lambda done, total: told.append((done, total)))

    assert before == Progress(0, 3)
    assert told == [(2, 3), (3, 3)]
    assert (count, learning.learn()) == (3, False)
    assert index.search("broken device reimbursement", EVERYTHING).hits[0].by_meaning


def test_broken_off_it_goes_on_where_it_was(
    learning: Learning, database: Database, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    learning.learn()

    meaning = Meaning(tmp_path / "meaning", encoder)
    again = Learning(database, EmbeddedIndex(tmp_path / "index", meaning=meaning), meaning)

    assert again.progress() == Progress(2, 3)


def test_told_to_stop_it_computes_nothing(learning: Learning) -> None:
    assert not learning.learn(lambda: True)

    assert learning.progress() == Progress(0, 3)


def test_an_index_that_was_lost_does_not_take_the_vectors_along(
    learning: Learning, database: Database, tmp_path: Path, encoder: Encoder
) -> None:
    learning.learn_all(lambda _done, _total: None)
    meaning = Meaning(tmp_path / "meaning", encoder)
    lost = EmbeddedIndex(tmp_path / "another", meaning=meaning)

    Learning(database, lost, meaning).learn()
    following.follow(database, lost)

    assert Learning(database, lost, meaning).progress() == Progress(3, 3)


def test_a_revision_that_the_index_does_not_have_yet_waits_for_it(
    learning: Learning, index: EmbeddedIndex, meaning: Meaning
) -> None:
    lacking, _ = meaning.lacking(index.snapshot())

    assert not learning._learned(dict.fromkeys(lacking, 99), lambda: False)

    assert learning.progress() == Progress(0, 3)


def test_searches_go_on_while_entries_are_understood_and_written(
    learning: Learning, database: Database, index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(chunks, "MOST_ALIKE", 2)
    over = threading.Event()
    totals: set[int] = set()

    def search() -> None:
        last = False
        while not last:
            last = over.is_set()
            totals.add(index.search("broken device reimbursement", EVERYTHING).total)

    with ThreadPoolExecutor(2) as pool:
        searching = [pool.submit(search) for _ in range(2)]
        for _ in range(6):
            database.write(publish_one)
            following.follow(database, index)
            learning.learn_all(lambda _done, _total: None)
            learning.learn()
        over.set()
        for each in searching:
            each.result()

    assert learning.progress() == Progress(9, 9)
    assert index.search("broken device reimbursement", EVERYTHING).total == max(totals)
