"""`backup`, `restore` and `upgrade` over whole installations."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from knowledge import backups, clock, migrations
from knowledge.database import Database
from knowledge.errors import Conflict, Invalid
from knowledge.search import following
from server import backups as taking
from server import doctor, exchange, installation, restoring, upgrading
from server.installation import NotReady
from server.settings import Settings
from server.surroundings import Finding
from tests.commands import CLEAN, ROOT, RUN, loyalty
from tests.conftest import run_sql
from tests.factories import a_viewer, an_entry
from tests.knowledge.test_migrations import counts

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def nothing(done: int, all: int) -> None:
    """Hear of the progress."""


def begun(settings: Settings) -> None:
    with closing(installation.found(settings)) as database:
        database.write(lambda session: an_entry(session, a_viewer(session), title="Descale the valve"))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation with one entry, to be copied."""
    folder = tmp_path_factory.mktemp("once") / "home"
    begun(Settings(data=folder))
    return folder


@pytest.fixture(scope="module")
def template_once(tmp_path_factory: pytest.TempPathFactory, postgres: Any) -> str:
    """The name of such an installation's database on PostgreSQL."""
    run_sql(postgres, "CREATE DATABASE template_once TEMPLATE template0")
    begun(Settings(data=tmp_path_factory.mktemp("once") / "home", database_url=postgres.get_uri("template_once")))
    return "template_once"


@pytest.fixture(params=ENGINES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An installation with one entry."""
    if request.param == "sqlite":
        found: Settings = request.getfixturevalue("sqlite_home")
        return found
    (tmp_path / "home").mkdir(mode=0o700)
    copied, template = request.getfixturevalue("empty"), request.getfixturevalue("template_once")
    return Settings(data=tmp_path / "home", database_url=copied("postgresql", template))


@pytest.fixture
def backup(home: Settings, tmp_path: Path) -> Path:
    """A backup of it."""
    taking.take(home, tmp_path / "backup.zip", nothing)
    return tmp_path / "backup.zip"


def restored(path: Path, settings: Settings, *, replacing: bool = False) -> restoring.Restored:
    with backups.opened(path) as found:
        found.check()
        return restoring.restore(settings, found, replacing=replacing, progress=nothing)


def entries(settings: Settings) -> int:
    with closing(Database(settings.address)) as database:
        return counts(database)["entry"]


def one_more(settings: Settings) -> None:
    with closing(Database(settings.address)) as database:
        database.write(lambda session: an_entry(session, a_viewer(session)))


def findings(settings: Settings) -> dict[str, Finding]:
    return {each.name: each for each in doctor.examine(settings)}


def test_a_backup_is_for_nobody_elses_eyes_and_never_takes_a_name_that_is_taken(home: Settings, backup: Path) -> None:
    before = backup.read_bytes()

    with pytest.raises(FileExistsError):
        taking.take(home, backup, nothing)

    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert backup.read_bytes() == before
    assert list(backup.parent.glob(".*")) == []


def test_a_backup_that_fails_leaves_nothing(home: Settings, tmp_path: Path) -> None:
    with closing(Database(home.address)) as database, database.migrating() as connection:
        connection.execute(text("CREATE TABLE odd (id INTEGER PRIMARY KEY, price NUMERIC)"))

    with pytest.raises(TypeError):
        taking.take(home, tmp_path / "backup.zip", nothing)

    assert [each.name for each in tmp_path.iterdir() if "zip" in each.name] == []


def test_what_came_after_a_backup_is_gone_after_restoring_it_and_the_index_agrees(home: Settings, backup: Path) -> None:
    one_more(home)
    with installation.opened(home) as place:
        following.reconcile(place.database, place.index)

    restored(backup, home, replacing=True)

    assert entries(home) == 1
    with installation.opened(home) as place:
        following.follow(place.database, place.index)
        assert not following.difference(place.database, place.index)


def test_the_former_database_is_kept_whole(sqlite_home: Settings, tmp_path: Path) -> None:
    taking.take(sqlite_home, tmp_path / "backup.zip", nothing)
    one_more(sqlite_home)

    done = restored(tmp_path / "backup.zip", sqlite_home)

    assert done.aside is not None
    assert [each.name for each in done.aside.iterdir()] == ["loyalty.db"]
    with closing(Database(f"sqlite:///{done.aside / 'loyalty.db'}")) as former:
        assert counts(former)["entry"] == 2
    assert not (sqlite_home.data / exchange.UNFINISHED).exists()


@pytest.fixture
def sqlite_home(once: Path, tmp_path: Path) -> Settings:
    return Settings(data=shutil.copytree(once, tmp_path / "home"))


@pytest.fixture
def log_left_behind(sqlite_home: Settings) -> Settings:
    """An installation whose process was killed: its last entry is in the log only."""
    code = (
        "import os, sys; from pathlib import Path; from server.settings import Settings; from tests.server import test_keeping;"
        "from knowledge.database import Database; database = Database(Settings(data=Path(sys.argv[1])).address);"
        "from knowledge.people import OPERATOR;"
        "database.write(lambda session: test_keeping.an_entry(session, OPERATOR, slug='left-behind')); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, sqlite_home.data], check=True, cwd=Path(__file__).parents[2])
    assert (sqlite_home.data / "loyalty.db-wal").stat().st_size
    return sqlite_home


def test_a_log_that_was_left_behind_is_in_the_backup(log_left_behind: Settings, tmp_path: Path) -> None:
    manifest = taking.take(log_left_behind, tmp_path / "backup.zip", nothing)

    assert manifest.rows["entry"] == 2


def test_a_log_that_was_left_behind_stays_with_its_own_database(log_left_behind: Settings, tmp_path: Path) -> None:
    other = Settings(data=tmp_path / "other")
    begun(other)
    taking.take(other, tmp_path / "backup.zip", nothing)

    done = restored(tmp_path / "backup.zip", log_left_behind)

    assert entries(log_left_behind) == 1
    assert done.aside is not None
    with closing(Database(f"sqlite:///{done.aside / 'loyalty.db'}")) as former:
        assert counts(former)["entry"] == 2


def test_a_database_that_is_broken_gives_way_to_a_backup_and_is_kept_as_it_is(
    sqlite_home: Settings, tmp_path: Path
) -> None:
    taking.take(sqlite_home, tmp_path / "backup.zip", nothing)
    (sqlite_home.data / "loyalty.db").write_bytes(b"This was a database." * 500)

    done = restored(tmp_path / "backup.zip", sqlite_home)

    assert entries(sqlite_home) == 1
    assert done.aside is not None
    assert (done.aside / "loyalty.db").read_bytes().startswith(b"This was")


def test_a_database_of_postgresql_that_has_tables_needs_to_be_replaced(
    empty: Callable[[str], str], sqlite_home: Settings, tmp_path: Path
) -> None:
    taking.take(sqlite_home, tmp_path / "backup.zip", nothing)
    there = Settings(data=tmp_path / "there", database_url=empty("postgresql"))
    restored(tmp_path / "backup.zip", there)
    one_more(there)

    with pytest.raises(Conflict):
        restored(tmp_path / "backup.zip", there)

    assert entries(there) == 2
    restored(tmp_path / "backup.zip", there, replacing=True)
    assert entries(there) == 1


def test_nothing_is_restored_while_somebody_is_at_work(home: Settings, backup: Path) -> None:
    with installation.opened(home), pytest.raises(NotReady, match="Stop the server"):
        restored(backup, home, replacing=True)
    with installation.opened(home), pytest.raises(NotReady, match="Stop the server"):
        upgrading.upgrade(home)

    assert entries(home) == 1


@pytest.mark.postgres
def test_a_node_elsewhere_is_at_work_as_well(empty: Callable[[str], str], tmp_path: Path) -> None:
    url = empty("postgresql")
    here, there = (Settings(data=tmp_path / name, database_url=url) for name in ("here", "there"))
    begun(here)
    taking.take(here, tmp_path / "backup.zip", nothing)

    with installation.opened(there), pytest.raises(NotReady, match="connections to the database are open"):
        restored(tmp_path / "backup.zip", here, replacing=True)


def test_nobody_begins_to_work_while_a_folder_is_being_replaced(home: Settings) -> None:
    with installation.alone(home), pytest.raises(NotReady, match="restored or upgraded"):
        installation.open(home)

    installation.open(home).close()


def test_a_damaged_backup_touches_nothing(home: Settings, backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-100])

    with pytest.raises(Invalid):
        restored(backup, home, replacing=True)

    assert entries(home) == 1


def outdated(settings: Settings) -> None:
    """What an upgrade cannot mend: the tables are there, and nothing says of which version they are."""
    with closing(Database(settings.address)) as database, database.migrating() as connection:
        connection.execute(text("DELETE FROM alembic_version"))


def files(settings: Settings) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in settings.data.iterdir() if not each.name.endswith(".lock")}


def test_a_migration_that_fails_leaves_everything_as_it_was(home: Settings) -> None:
    outdated(home)
    before = files(home)

    with pytest.raises(Exception, match="already exists"):
        upgrading.upgrade(home)

    assert files(home) == before
    assert entries(home) == 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", ["", *sorted(migrations.known() - {migrations.head()})])
def test_an_upgrade_brings_every_older_version_up_to_date_and_keeps_its_rows(
    number: str, engine: str, empty: Callable[[str], str], tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "home", database_url="" if engine == "sqlite" else empty(engine))
    settings.data.mkdir()
    with closing(Database(settings.address)) as database, database.migrating() as connection:
        if number:
            migrations.run(connection, number)
            connection.execute(text("INSERT INTO job (kind, subject, due_at, tries) VALUES ('x', '', '2026-01-01', 0)"))

    done = upgrading.upgrade(settings)

    assert (done.before, done.after) == (number, migrations.head())
    assert (done.aside is not None) == (engine == "sqlite")
    with closing(Database(settings.address)) as database:
        assert migrations.is_current(database)
        assert counts(database)["job"] == (1 if number else 0)
    assert upgrading.upgrade(settings).aside is None


def test_tables_of_a_newer_version_are_left_alone(home: Settings) -> None:
    with closing(Database(home.address)) as database, database.migrating() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NotReady, match=r"newer version \(9999\)"):
        upgrading.upgrade(home)


def test_the_doctor_says_when_an_upgrade_is_due_and_how_old_the_last_backup_is(
    sqlite_home: Settings, tmp_path: Path
) -> None:
    new = findings(sqlite_home)["backup"]
    with clock.held(clock.now() + timedelta(days=8)):
        never = findings(sqlite_home)["backup"]
        taking.take(sqlite_home, tmp_path / "backup.zip", nothing)
        fresh = findings(sqlite_home)["backup"]
    with clock.held(clock.now() + timedelta(days=18)):
        old = findings(sqlite_home)["backup"]
    outdated(sqlite_home)

    assert (new.says, new.mend) == ("none yet", "")
    assert (never.says, never.mend) == ("none yet", "Run: loyalty backup FILE")
    assert (fresh.says, fresh.mend) == (f"{tmp_path / 'backup.zip'}, 0 days ago", "")
    assert (old.says, old.mend) == (f"{tmp_path / 'backup.zip'}, 10 days ago", "Run: loyalty backup FILE")
    assert findings(sqlite_home)["migrations"].mend == "Stop the server, then run: loyalty upgrade"


@pytest.fixture(scope="module")
def inhabited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inhabited") / "data"
    assert loyalty("init", "--data", folder).returncode == 0
    return folder


@pytest.mark.slow
def test_the_commands_back_up_check_restore_and_upgrade(inhabited: Path, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "backup.zip", tmp_path / "elsewhere"

    said = loyalty("backup", file, "--json", "--data", inhabited)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["rows"]["entry"] > 15

    checked = loyalty("restore", file, "--check", "--data", elsewhere)
    assert (checked.returncode, elsewhere.exists()) == (0, False), checked.stderr

    first = loyalty("restore", file, "--data", elsewhere)
    assert first.returncode == 0, first.stderr
    found = loyalty("query", "-", "--data", elsewhere, says='{ search(query: "customer") { totalCount } }')
    assert json.loads(found.stdout)["data"]["search"]["totalCount"] > 5

    unasked = loyalty("restore", file, "--data", elsewhere)
    assert (unasked.returncode, "--yes" in unasked.stderr) == (2, True)
    again = loyalty("restore", file, "--yes", "--data", elsewhere)
    assert (again.returncode, "before-restore-" in again.stderr) == (0, True), again.stderr

    assert loyalty("upgrade", "--data", elsewhere).returncode == 0
    assert f"backup: {file}, 0 days ago" in loyalty("doctor", "--data", inhabited).stdout


@pytest.mark.slow
def test_a_backup_can_be_piped(inhabited: Path, tmp_path: Path) -> None:
    command = [*RUN, "backup", "-", "--data", str(inhabited)]
    piped = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=CLEAN)
    (tmp_path / "piped.zip").write_bytes(piped.stdout)

    assert loyalty("restore", tmp_path / "piped.zip", "--check").returncode == 0


@pytest.mark.slow
def test_a_backup_that_is_damaged_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("Nothing of ours.")

    said = loyalty("restore", tmp_path / "notes", "--data", tmp_path / "data")

    assert (said.returncode, "is no backup" in said.stderr, said.stdout) == (1, True, "")
    assert not (tmp_path / "data").exists()
