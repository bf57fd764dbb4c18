import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import typer.main
from sqlmodel import Session

from knowledge import people, transfer
from knowledge.entries import listing
from knowledge.people import passwords, signing
from knowledge.search import following
from server.cli import app
from server.installation import opened
from server.settings import Settings
from tests.commands import CLEAN, ROOT, RUN, loyalty
from tests.server.clients import PASSWORD

pytestmark = pytest.mark.slow


def commands(group: Any, path: str = "loyalty") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home") / "data"
    assert loyalty("init", "--data", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def inhabited(home: Path) -> Path:
    added = loyalty(
        "person", "add", "Eva@example.org", "--name", "Eva", "--role", "admin", "--data", home, says=PASSWORD
    )
    assert added.returncode == 0, added.stderr
    return home


def test_every_command_and_option_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    lines = {match[1]: line for line in page.splitlines() if (match := re.match(r"\| `(loyalty [a-z ]+[a-z])", line))}
    known = dict(commands(typer.main.get_command(app)))

    assert set(lines) == set(known)
    for name, command in known.items():
        options = {each.opts[0] for each in command.params if each.opts[0].startswith("--")} - {"--data", "--help"}
        assert [option for option in options if option not in lines[name]] == []


def test_the_version_is_said_without_importing_the_product() -> None:
    code = "import sys; from server.cli import app; app(['version'], standalone_mode=False); print(sorted(sys.modules))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=CLEAN, check=True)

    version, modules = said.stdout.splitlines()
    assert version
    assert not re.search(r"'(knowledge|schema|frontend|starlette|sqlalchemy|strawberry)[.']", modules)


def test_init_makes_a_folder_for_nobody_elses_eyes(home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "loyalty.db").exists()
    assert (home / "index").is_dir()


def test_init_twice_changes_nothing(home: Path) -> None:
    def entries() -> int:
        # By the product's own SQLite: two copies of the library in one process undo each other's locks on a file.
        with opened(Settings(data=home)) as place, place.database.reading() as session:
            return len(listing.all_of_them(session, 0, 1_000))

    before = entries()

    again = loyalty("init", "--data", home)

    assert (again.returncode, entries()) == (0, before)
    assert before >= 15


def test_a_folder_without_anything_wants_attention(tmp_path: Path) -> None:
    said = loyalty("person", "list", "--data", tmp_path)

    assert (said.returncode, said.stdout) == (4, "")
    assert "loyalty init" in said.stderr


def test_a_person_is_added_with_a_password_from_standard_input(inhabited: Path) -> None:
    said = loyalty("person", "list", "--json", "--data", inhabited)

    assert {"email": "eva@example.org", "name": "Eva", "role": "ADMIN", "group": ""} in json.loads(said.stdout)


def test_a_weak_password_is_refused_with_its_reason(home: Path) -> None:
    said = loyalty("person", "add", "leo@example.org", "--name", "Leo", "--data", home, says="short")

    assert said.returncode == 1
    assert "at least 12 characters" in said.stderr


def test_a_role_that_is_none_is_a_mistake_of_use(home: Path) -> None:
    said = loyalty("person", "add", "leo@example.org", "--name", "Leo", "--role", "boss", "--data", home, says=PASSWORD)

    assert (said.returncode, said.stdout) == (2, "")


def test_someone_gets_another_role(inhabited: Path) -> None:
    added = loyalty("person", "add", "leo@example.org", "--name", "Leo", "--data", inhabited, says=PASSWORD)
    assert added.returncode == 0, added.stderr

    moved = loyalty("person", "role", "leo@example.org", "leader", "--data", inhabited)

    people = json.loads(loyalty("person", "list", "--json", "--data", inhabited).stdout)
    assert moved.returncode == 0, moved.stderr
    assert [each["role"] for each in people if each["email"] == "leo@example.org"] == ["LEADER"]
    assert loyalty("person", "role", "nobody@example.org", "leader", "--data", inhabited).returncode == 3
    assert loyalty("person", "role", "leo@example.org", "boss", "--data", inhabited).returncode == 2


def test_someone_gets_a_new_password_and_is_signed_out_everywhere(inhabited: Path) -> None:
    with opened(Settings(data=inhabited)) as home:
        secret = home.database.write(lambda session: signed_in(session, "eva@example.org"))

    said = loyalty("person", "password", "eva@example.org", "--data", inhabited, says=f"{PASSWORD} indeed")
    weak = loyalty("person", "password", "eva@example.org", "--data", inhabited, says="short")

    assert said.returncode == 0, said.stderr
    assert (weak.returncode, "at least 12 characters" in weak.stderr) == (1, True)
    with opened(Settings(data=inhabited)) as home, home.database.reading() as session:
        stored = signing.challenge(session, "eva@example.org", "").stored
        assert passwords.matches(f"{PASSWORD} indeed", stored)[0]
        assert signing.viewer(session, secret) is None


def signed_in(session: Session, email: str) -> str:
    person = people.by_email(session, email)
    assert person is not None
    return signing.open(session, person.id, "a browser")


def test_a_token_is_printed_alone(inhabited: Path) -> None:
    made = loyalty("token", "create", "--person", "eva@example.org", "--scopes", "entries:read", "--data", inhabited)

    assert made.returncode == 0, made.stderr
    assert re.fullmatch(r"loyalty_[\w-]{43}\n", made.stdout)


def test_a_token_for_nobody_is_not_found(home: Path) -> None:
    said = loyalty("token", "create", "--person", "nobody@example.org", "--scopes", "entries:read", "--data", home)

    assert (said.returncode, said.stdout) == (3, "")


def test_a_query_answers_as_json(home: Path) -> None:
    said = loyalty("query", "-", "--data", home, says="{ principles { number } }")

    assert [each["number"] for each in json.loads(said.stdout)["data"]["principles"]] == list(range(1, 13))


def test_a_query_goes_through_all_pages(home: Path) -> None:
    source = "query ($after: String) { entries(first: 20, after: $after) { totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }"

    said = loyalty("query", "-", "--paginate", "--data", home, says=source)

    pages = [json.loads(line)["data"]["entries"] for line in said.stdout.splitlines()]
    slugs = [node["slug"] for page in pages for node in page["nodes"]]
    assert len(slugs) == len(set(slugs)) == pages[0]["totalCount"]


def test_what_is_exported_imports_into_an_empty_store(home: Path, tmp_path: Path) -> None:
    assert loyalty("export", tmp_path / "out", "--data", home).returncode == 0

    again = loyalty("import", tmp_path / "out", "--json", "--data", home)

    counts = json.loads(again.stdout)
    assert again.returncode == 0, again.stderr
    assert (counts["created"], counts["updated"], counts["refused"]) == (0, 0, 0)


@pytest.mark.parametrize("command", ["import", "export", "reindex"])
def test_a_terminal_sees_how_far_it_is_and_nobody_else(home: Path, tmp_path: Path, command: str) -> None:
    path = {"import": [ROOT / "knowledge" / "library" / "guides"], "export": [tmp_path / "out"], "reindex": []}[command]

    seen = at_a_terminal(command, *path, "--data", home)

    assert re.search(r"\r\[#{40}\] (\d+) of \1", seen)
    if command == "reindex":
        assert "[#" not in loyalty("reindex", "--data", home).stderr


def at_a_terminal(*arguments: str | Path) -> str:
    """What a terminal shows of standard error."""
    mine, its = os.openpty()
    with (
        os.fdopen(mine, "rb", buffering=0) as terminal,
        subprocess.Popen(
            [*RUN, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=its, cwd=ROOT, env=CLEAN
        ) as process,
    ):
        os.close(its)
        seen = b""
        with suppress(OSError):  # nobody writes any more
            while piece := terminal.read(65536):
                seen += piece
        assert process.wait(60) == 0
    return seen.decode()


def test_the_sample_is_removed_on_request_and_the_index_follows(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert loyalty("init", "--data", folder).returncode == 0
    with opened(Settings(data=folder)) as home:
        transfer.install_sample(home.database)
        following.follow(home.database, home.index)
        before = len(home.index.known())

    unsure = loyalty("sample", "remove", "--data", folder)
    sure = loyalty("sample", "remove", "--yes", "--data", folder)

    assert (unsure.returncode, sure.returncode) == (2, 0), sure.stderr
    with opened(Settings(data=folder)) as home:
        assert not following.difference(home.database, home.index)
        assert len(home.index.known()) < before
        with home.database.reading() as session:
            assert people.by_email(session, "margit@example.com") is None


def test_a_bad_row_is_reported_and_wants_attention(home: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"type": "entry", "kind": "poem", "slug": "x", "title": "X"}\n')

    said = loyalty("import", tmp_path / "rows.jsonl", "--data", home)

    assert said.returncode == 4
    assert "rows.jsonl:1: kind" in said.stderr


def test_an_archive_of_another_tool_is_imported_with_a_report_by_rows(home: Path, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "vault.zip", "w") as zip:
        zip.writestr("Vault/One.md", "See [[Two]] and [[Three]].")
        zip.writestr("Vault/Two.md", "Text.\n")
        zip.writestr("../Three.md", "Text.\n")

    said = loyalty(
        "import", tmp_path / "vault.zip", "--from", "obsidian", "--report", tmp_path / "rows", "--data", home
    )

    assert (said.returncode, said.stdout) == (4, "2 created, 0 updated, 0 unchanged, 1 refused\n")
    assert "read as Obsidian: 2 files\nlinks: 1 rewritten, 1 missing, 0 ambiguous" in said.stderr
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert [row["outcome"] for row in rows] == ["refused", "warning", "created", "created", "summary"]
    assert {"type": "entry", "name": "one", "file": "One.md", "line": 1, "outcome": "created"} in rows
    assert rows[-1]["written"] is True


def test_a_table_is_begun_from_its_template_and_an_archive_goes_out(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "customers.csv"
    assert loyalty("export", table, "--csv-template", "customers").returncode == 0
    columns = table.read_text().strip().split(",")
    table.write_text(
        table.read_text() + ",".join({"external_id": "1", "name": "Pot"}.get(name, "") for name in columns)
    )

    said = loyalty("import", table, "--type", "customers", "--source", "crm", "--dry-run", "--data", home)
    out = loyalty("export", tmp_path / "x.zip", "--data", home)
    again = loyalty("export", tmp_path / "x.zip", "--data", home)

    assert (said.returncode, said.stdout) == (0, "1 created, 0 updated, 0 unchanged, 0 refused\n"), said.stderr
    assert (out.returncode, again.returncode) == (0, 1)
    with ZipFile(tmp_path / "x.zip") as zip:
        assert "data.jsonl" in zip.namelist()


def test_an_import_of_nothing_is_not_found(home: Path, tmp_path: Path) -> None:
    assert loyalty("import", tmp_path / "nowhere", "--data", home).returncode == 3


def test_the_index_is_built_anew_and_agrees(home: Path) -> None:
    assert loyalty("reindex", "--data", home).returncode == 0

    checked = loyalty("reindex", "--check", "--data", home)

    assert (checked.returncode, checked.stdout) == (0, "0 missing, 0 outdated, 0 surplus\n")


def test_the_doctor_says_how_to_mend_what_it_finds(tmp_path: Path, inhabited: Path) -> None:
    well = loyalty("doctor", "--json", "--data", inhabited)
    ill = loyalty("doctor", "--json", "--data", tmp_path)

    assert well.returncode == 0, well.stdout
    assert [each["mend"] for each in json.loads(ill.stdout) if each["mend"]] == ["Run: loyalty init"]
    assert ill.returncode == 4


def test_the_doctor_sees_a_folder_that_others_may_read(inhabited: Path) -> None:
    inhabited.chmod(0o755)
    try:
        said = loyalty("doctor", "--data", inhabited)
    finally:
        inhabited.chmod(0o700)

    assert said.returncode == 4
    assert f"chmod 700 {inhabited}" in said.stdout


def test_the_kept_schema_is_what_the_code_says() -> None:
    assert loyalty("schema", "check").returncode == 0
    assert loyalty("schema", "print").stdout == (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
