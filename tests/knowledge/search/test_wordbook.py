import pytest

from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.search import synonyms, wordbook
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.finding import find
from knowledge.search.following import follow
from knowledge.words import Kind, Role
from tests.factories import a_viewer, an_entry


@pytest.fixture
def steward(database: Database) -> Viewer:
    return database.write(lambda session: a_viewer(session, role=Role.STEWARD))


def test_the_list_is_read_once_and_again_when_it_changes(
    database: Database, statements: list[str], steward: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.write(lambda session: synonyms.write(session, steward, "refund, money back"))
    monkeypatch.setattr(wordbook, "LOOKING", 1e9)

    with database.reading() as session:
        assert "refund" in wordbook.current(session)
    statements.clear()
    with database.reading() as session:
        wordbook.current(session)
    assert statements == []

    monkeypatch.setattr(wordbook, "LOOKING", 0)
    database.write(lambda session: an_entry(session, steward))
    statements.clear()
    for _ in range(2):
        with database.reading() as session:
            wordbook.current(session)
    assert len(statements) == 2

    database.write(lambda session: synonyms.write(session, steward, "churn, attrition"))
    with database.reading() as session:
        assert set(wordbook.current(session)) >= {"churn", "attrition"}
        assert "refund" not in wordbook.current(session)


def test_people_find_by_the_list_as_it_is_now(
    database: Database, index: EmbeddedIndex, steward: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordbook, "LOOKING", 0)
    database.write(
        lambda session: an_entry(session, steward, title="Pay it back", body="A refund at once.", kind=Kind.GUIDE)
    )
    follow(database, index)

    def found() -> list[str]:
        with database.reading() as session:
            return [each.entry.title for each in find(session, index, steward, "reimbursement").entries]

    assert found() == []
    database.write(lambda session: synonyms.write(session, steward, "refund, reimbursement"))

    assert found() == ["Pay it back"]
