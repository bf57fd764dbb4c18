import pytest
from sqlmodel import Session

from knowledge import feedback
from knowledge.database import Database
from knowledge.words import Role
from tests.asking import Ask, Bug
from tests.factories import a_viewer

TWO = """mutation ($first: CreateEntryInput!, $second: CreateFeedbackInput!) {
  first: createEntry(input: $first) { entry { slug } errors { field code } }
  second: createFeedback(input: $second) { feedback { verbatim } errors { field code } }
}"""
ENTRY = {"kind": "STORY", "title": "Twenty to ten"}


def slugs(ask: Ask, viewer: object) -> list[str]:
    found = ask.data("{ viewer { drafts { nodes { slug } } } }", viewer)  # type: ignore[arg-type]
    return [node["slug"] for node in found["viewer"]["drafts"]["nodes"]]


def test_refused_root_mutation_leaves_nothing_of_itself_and_all_of_the_other(database: Database, ask: Ask) -> None:
    ines = database.write(a_viewer)

    done = ask.data(TWO, ines, first=ENTRY, second={"verbatim": "  ", "channel": "PHONE", "anonymous": True})

    assert done["first"]["entry"] == {"slug": "twenty-to-ten"}
    assert done["second"] == {"feedback": None, "errors": [{"field": "verbatim", "code": "INVALID"}]}
    assert slugs(ask, ines) == ["twenty-to-ten"]


def test_bug_in_the_second_root_mutation_leaves_nothing_of_the_first(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = database.write(a_viewer)
    monkeypatch.setattr(feedback, "record", lambda *_, **__: 1 / 0)

    with pytest.raises(Bug) as caught:
        ask(TWO, ines, first=ENTRY, second={"verbatim": "It leaks.", "channel": "PHONE"})

    assert caught.value.answer.data is None
    assert "division" not in str(caught.value.answer.errors)
    assert slugs(ask, ines) == []


def test_entry_that_may_not_be_published_is_not_written_either(database: Database, ask: Ask) -> None:
    ines = database.write(a_viewer)

    done = ask.data(
        TWO,
        ines,
        first={**ENTRY, "audience": "CUSTOMERS", "publish": True},
        second={"verbatim": "x", "channel": "PHONE"},
    )

    assert done["first"] == {"entry": None, "errors": [{"field": "audience", "code": "NOT_ALLOWED"}]}
    assert slugs(ask, ines) == []


def test_all_that_is_wrong_is_said_at_once(database: Database, ask: Ask) -> None:
    def a_leader(session: Session) -> object:
        return a_viewer(session, role=Role.LEADER)

    margit = database.write(a_leader)
    wrong = {"kind": "INITIATIVE", "title": "", "summary": "x" * 200, "slug": "No!", "principles": [13],
             "initiative": {"plannedLaunch": "2026-03-01", "plannedCompletion": "2026-02-01"}}  # fmt: skip

    done = ask.data(TWO, margit, first=wrong, second={"verbatim": "x", "channel": "PHONE"})  # type: ignore[arg-type]

    fields = [error["field"] for error in done["first"]["errors"]]
    assert fields == ["title", "summary", "slug", "principles", "initiative.plannedCompletion"]
