"""Suggested edits: proposed by readers, taken or declined by those who edit."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge.activity import Activity
from knowledge.community import suggesting, suggestions
from knowledge.community.suggestions import SuggestionRow
from knowledge.database import Page, table_of
from knowledge.entries import Entry, EntryRow, by_uid, detail_of, publishing, writing
from knowledge.errors import Code, Conflict, Invalid, NotAllowed, NotFound, RateLimited, Refusal
from knowledge.people import OPERATOR, Viewer
from knowledge.practices import PracticeRow
from knowledge.words import Audience, Role, SuggestionState
from tests.factories import a_draft, a_viewer, an_entry

PART = "practice.do"


@pytest.fixture
def ines(session: Session) -> Viewer:
    return a_viewer(session, name="Ines")


@pytest.fixture
def rosa(session: Session) -> Viewer:
    return a_viewer(session, name="Rosa", role=Role.CUSTOMER)


@pytest.fixture
def entry(session: Session, ines: Viewer) -> EntryRow:
    return an_entry(session, ines, title="Old", audience=Audience.CUSTOMERS, body="As it was.")


def suggested(session: Session, viewer: Viewer, entry: EntryRow, **texts: str) -> SuggestionRow:
    return suggesting.suggest(session, viewer, entry, 1, texts or {"body": "As it is."}, note="It moved.")


def waiting(entry: EntryRow, viewer: Viewer) -> list[int]:
    return [row.id for row in suggestions.open_of(entry, viewer, Page()).rows]


def test_only_what_differs_is_suggested(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    texts = {"title": " Old ", "summary": "", "body": "As it is.", PART: "1. Replace it.", "practice.say": "Sorry."}

    found = suggesting.suggest(session, rosa, entry, 1, texts)

    assert [(part.field, part.before, part.text) for part in suggestions.parts_of(found)] == [
        ("body", "As it was.", "As it is."),
        ("practice.say", "", "Sorry."),
    ]
    with pytest.raises(Invalid):
        suggested(session, rosa, entry, body="As it was.\n")


def test_everything_wrong_is_said_at_once(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    texts = {"title": "", "summary": "x" * 161, "body": "[" * 300, "vision.what": "?"}

    with pytest.raises(Refusal) as refused:
        suggesting.suggest(session, rosa, entry, 1, texts, note="x" * 301)

    assert {problem.field for problem in refused.value.problems} == {"title", "summary", "body", "vision.what", "note"}


@pytest.mark.parametrize("number", [0, 2, 7])
def test_a_suggestion_names_a_revision_that_its_reader_could_read(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow, number: int
) -> None:
    writing.update(session, ines, entry.uid, 1, {"body": "Not out yet."})

    with pytest.raises(Invalid) as refused:
        suggesting.suggest(session, rosa, entry, number, {"body": "Mine."})

    assert refused.value.problems[0].field == "baseRevision"


def test_a_suggestion_is_no_way_to_read_what_was_published_for_others(
    session: Session, ines: Viewer, rosa: Viewer
) -> None:
    inside = an_entry(session, ines, body="Among ourselves.")
    writing.update(session, ines, inside.uid, 1, {"body": "For all.", "audience": Audience.PUBLIC})
    out = publishing.publish(session, OPERATOR, inside.uid)

    with pytest.raises(Invalid):
        suggesting.suggest(session, rosa, out, 1, {"body": "Mine."})
    by_colleague = suggesting.suggest(session, a_viewer(session), out, 1, {"body": "Mine."})

    assert [part.before for part in suggestions.parts_of(by_colleague)] == ["Among ourselves."]


def test_a_suggestion_over_what_was_replaced_meanwhile_is_kept(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    writing.update(session, ines, entry.uid, 1, {"body": "Newer."})
    newer = publishing.publish(session, OPERATOR, entry.uid)

    assert suggested(session, rosa, newer).base_revision == 1


def test_those_who_edit_see_all_suggestions_and_others_their_own(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    colleague, steward = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    first, second = suggested(session, rosa, entry), suggested(session, colleague, entry)

    assert waiting(entry, ines) == waiting(entry, steward) == [second.id, first.id]
    assert (waiting(entry, rosa), waiting(entry, colleague)) == ([first.id], [second.id])
    assert suggestions.by_uid(session, colleague, first.uid) is None
    assert suggestions.by_uid(session, Viewer(), first.uid) is None


def test_taking_it_makes_a_revision_in_the_suggesters_credit(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    found = suggested(session, rosa, entry, title="New", **{PART: "1. Wait."})

    taken = suggesting.take(session, ines, found.uid)

    entry_now = by_uid(session, ines, entry.uid)
    assert entry_now is not None
    latest = writing.latest_revision(session, session.get_one(Entry, entry.id))
    assert (latest.number, latest.title, latest.body) == (2, "New", "As it was.")
    assert latest.note == "Suggested by Rosa: It moved."
    assert latest.author_id == ines.id
    assert entry_now.revision == 1  # what is for customers is approved first
    assert (taken.state, taken.decided_by_id) == (SuggestionState.TAKEN, ines.id)
    assert waiting(entry, ines) == []
    assert verbs(session) == ["suggestion.made", "suggestion.taken"]


def verbs(session: Session) -> list[str]:
    verb = table_of(Activity).c.verb
    found = session.connection().execute(
        select(verb).where(verb.like("suggestion.%")).order_by(table_of(Activity).c.id)
    )
    return list(found.scalars())


def test_taking_it_works_while_another_part_has_moved(session: Session, ines: Viewer) -> None:
    entry = an_entry(session, ines, body="As it was.")
    found = suggested(session, a_viewer(session), entry, **{PART: "1. Wait."})
    writing.update(session, ines, entry.uid, 1, {"body": "Rewritten."})
    publishing.publish(session, ines, entry.uid)

    suggesting.take(session, ines, found.uid)
    publishing.publish(session, ines, entry.uid)

    now = by_uid(session, ines, entry.uid)
    assert now is not None
    assert (now.revision, now.body, detail_of(now, PracticeRow).do) == (3, "Rewritten.", "1. Wait.")


def test_taking_it_is_a_conflict_once_its_part_has_moved(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    found = suggested(session, rosa, entry)
    writing.update(session, ines, entry.uid, 1, {"body": "Rewritten."})

    with pytest.raises(Conflict):
        suggesting.take(session, ines, found.uid)

    assert waiting(entry, ines) == [found.id]


def test_declining_it_says_why_and_changes_nothing(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    found = suggested(session, rosa, entry)
    with pytest.raises(Invalid):
        suggesting.decline(session, ines, found.uid, " ")

    declined = suggesting.decline(session, ines, found.uid, "It moved back.")

    seen = suggestions.by_uid(session, rosa, found.uid)
    assert seen is not None
    assert (seen.state, seen.reason) == (SuggestionState.DECLINED, "It moved back.")
    assert declined.decided_by_id == ines.id
    assert writing.latest_revision(session, session.get_one(Entry, entry.id)).number == 1
    assert verbs(session) == ["suggestion.made", "suggestion.declined"]


Decide = Callable[[Session, Viewer, SuggestionRow], object]


@pytest.mark.parametrize(
    "decide",
    [
        lambda session, viewer, found: suggesting.take(session, viewer, found.uid),
        lambda session, viewer, found: suggesting.decline(session, viewer, found.uid, "No."),
    ],
)
def test_those_who_do_not_edit_decide_nothing_and_nothing_is_decided_twice(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow, decide: Decide
) -> None:
    found = suggested(session, rosa, entry)
    with pytest.raises(NotAllowed):
        decide(session, rosa, found)
    with pytest.raises(NotFound):
        decide(session, a_viewer(session), found)
    decide(session, ines, found)

    with pytest.raises(Invalid):
        decide(session, ines, found)


def test_ten_suggestions_that_wait_are_enough(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    for number in range(10):
        suggested(session, rosa, entry, body=f"Version {number}")

    with pytest.raises(RateLimited) as refused:
        suggested(session, rosa, entry)

    assert refused.value.problems[0].code is Code.RATE_LIMITED


def test_a_draft_of_others_gets_no_suggestions(session: Session, ines: Viewer) -> None:
    draft = a_draft(session, ines)

    assert by_uid(session, a_viewer(session), draft.uid) is None


def test_a_curator_takes_a_suggestion_into_what_becomes_a_draft_again(
    session: Session, ines: Viewer, rosa: Viewer
) -> None:
    entry = a_draft(session, ines, body="As it was.", audience=Audience.CUSTOMERS)
    publishing.submit(session, ines, entry.uid)
    made = suggested(session, rosa, entry)

    taken = suggesting.take(session, a_viewer(session, role=Role.STEWARD), made.uid)

    assert taken.state is SuggestionState.TAKEN
    assert (shown := by_uid(session, ines, entry.uid)) is not None
    assert shown.body == "As it is."
