import pytest

from knowledge import migrations
from knowledge.search.folder import Root, locked
from server.health import is_risky
from tests.server.clients import Client, Server


def test_a_process_that_runs_is_alive_and_says_on_which_engine(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "alive"
    assert answer.json()["engine"].startswith("SQLite 3.")


def test_it_is_ready_when_the_database_answers_and_the_tables_are_current(server_on_both: Server) -> None:
    answer = server_on_both.client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["migrations"] is True


def test_it_is_not_ready_with_tables_of_another_version(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "is_current", lambda database: False)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["migrations"] is False


def test_it_says_how_far_a_new_index_is_and_what_stands_in_its_way(server: Server) -> None:
    root = Root(server.settings.data / "index")
    quiet = server.client().get("/readyz").json()
    with locked(root.path / "rebuilding.lock"):
        root.told(4_000, 10_000)

        answer = server.client().get("/readyz").json()

    assert quiet.keys() == {"status", "migrations", "indexLag"}
    assert answer["indexBuilding"] == {"read": 4_000, "entries": 10_000}


@pytest.mark.parametrize(
    ("engine", "risky"),
    [
        ("SQLite 3.40.1", True),
        ("SQLite 3.51.2", True),
        ("SQLite 3.51.3", False),
        ("SQLite 4.0.0", False),
        ("PostgreSQL 9", False),
    ],
)
def test_an_engine_with_the_bug_that_corrupts_is_known(engine: str, risky: bool) -> None:
    assert is_risky(engine) is risky
