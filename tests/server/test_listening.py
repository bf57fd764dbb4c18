"""What is searched for is written down behind the answer: who settled on what, what they opened, and nothing of keystrokes."""

import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.database import Database, table_of
from knowledge.listening.searches import Searched
from knowledge.people import OPERATOR
from knowledge.words import Kind
from server.secrets import secret_of
from server.settings import Settings
from tests.factories import an_entry
from tests.server.clients import Client, Server
from tests.server.conftest import a_program

EVA = "eva@example.org"
KEYSTROKE = {"hx-request": "true"}


def reader(server: Server) -> Client:
    browser = server.client()
    assert browser.sign_in(EVA).status_code == 303
    return browser


def written(server: Server) -> list[Any]:
    """What is there once the application has stopped, which writes what it still holds."""
    server.stack.close()
    with closing(Database(server.settings.address)) as database, database.reading() as session:
        columns = table_of(Searched).c
        return [
            tuple(row) for row in session.connection().execute(select(columns.query, columns.hits, columns.is_watched))
        ]


def test_the_results_page_is_counted_and_what_is_opened_from_it(server: Server) -> None:
    entry = server.database.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, title="Refunds"))
    browser = reader(server)
    browser.get("/search?q=Refund+rules")
    browser.get(f"/entries/{entry.slug}", headers={"referer": "http://testserver/search?q=Refund+rules"})
    browser.get(f"/entries/{entry.slug}", headers={"referer": "http://elsewhere.example/search?q=planted"})
    browser.get(f"/entries/{entry.slug}", headers={"referer": "http://testserver/tags/x?q=planted"})

    server.stack.close()

    with closing(Database(server.settings.address)) as database, database.reading() as session:
        (row,) = session.connection().execute(select(table_of(Searched))).all()
    assert (row.query, row.opened, row.is_watched) == ("refund rules", entry.uid, True)


@pytest.mark.parametrize(
    "path", ["/search?q=refund&after=MjA6YQ", "/feeds/search.atom?q=refund", "/entries/new?kind=story", "/search"]
)
def test_what_nobody_settled_on_is_not_counted(path: str, server: Server) -> None:
    reader(server).get(path)

    assert written(server) == []


def test_a_keystroke_is_not_counted_and_resting_on_it_is(server: Server) -> None:
    browser = reader(server)
    browser.get("/search?q=ref", headers=KEYSTROKE)
    browser.get("/search?q=refund", headers=KEYSTROKE)

    browser.get("/search/beside?q=refund", headers=KEYSTROKE)

    assert written(server) == [("refund", 0, True)]


def test_a_program_is_counted_but_it_is_not_known_what_it_opens(server: Server) -> None:
    a_program(server).ask('{ search(query: "refund") { totalCount } }')

    assert written(server) == [("refund", 0, False)]


def test_strangers_are_not_counted(serve: Any) -> None:
    server = serve(anonymous=True)
    server.client().get("/search?q=refund")

    assert written(server) == []


def test_the_secret_is_for_nobody_elses_eyes_and_stays(tmp_path: Path) -> None:
    chosen = Settings(data=tmp_path / "data")

    secret = secret_of(chosen)

    assert len(secret) == 32
    assert secret_of(chosen) == secret
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]
    assert secret_of(Settings(data=tmp_path / "other", secret="shared")) == secret_of(Settings(secret="shared"))
