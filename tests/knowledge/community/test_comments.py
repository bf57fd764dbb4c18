"""Conversations: how deep, for whom, by whom mended, removed, settled and hidden."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock
from knowledge.community import comments, quotes, speaking
from knowledge.community.comments import Comment, CommentRow
from knowledge.database import Page, table_of
from knowledge.entries import EntryRow, by_uid, publishing, writing
from knowledge.errors import Code, Invalid, NotAllowed, NotFound, RateLimited, Refusal
from knowledge.people import Act, Viewer
from knowledge.words import Audience, CommentAudience, Role
from tests.factories import a_draft, a_viewer, an_entry

INSIDE, READERS = CommentAudience.INSIDE, CommentAudience.READERS


@pytest.fixture
def ines(session: Session) -> Viewer:
    return a_viewer(session, name="Ines")


@pytest.fixture
def rosa(session: Session) -> Viewer:
    return a_viewer(session, name="Rosa", role=Role.CUSTOMER)


@pytest.fixture
def jonas(session: Session) -> Viewer:
    return a_viewer(session, name="Jonas", role=Role.STEWARD)


@pytest.fixture
def entry(session: Session, ines: Viewer) -> EntryRow:
    return an_entry(session, ines, audience=Audience.PUBLIC, body="Replace it *at once*, and ask later.")


def say(session: Session, viewer: Viewer, entry: EntryRow, body: str = "Well.", **more: object) -> CommentRow:
    return speaking.comment(session, viewer, entry, body=body, **more)  # type: ignore[arg-type]


def answer(session: Session, viewer: Viewer, to: CommentRow, body: str = "Yes.", **more: object) -> CommentRow:
    return speaking.reply(session, viewer, to, body=body, **more)  # type: ignore[arg-type]


def heard(session: Session, viewer: Viewer, entry: EntryRow) -> list[str | None]:
    """All that the viewer reads on an entry, depth first."""
    row = by_uid(session, viewer, entry.uid)
    assert row is not None

    def walk(found: list[CommentRow]) -> list[str | None]:
        return [body for each in found for body in (each.body, *walk(list(comments.replies_of(each, viewer))))]

    return walk(list(comments.threads_of(row, viewer, Page()).rows))


def wrong(refused: pytest.ExceptionInfo[Refusal]) -> list[tuple[str, Code]]:
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_an_answer_to_the_deepest_stands_beside_it(session: Session, ines: Viewer, entry: EntryRow) -> None:
    found = [say(session, ines, entry)]

    for _ in range(5):
        found.append(answer(session, ines, found[-1]))

    assert [row.depth for row in found] == [1, 2, 3, 4, 4, 4]
    assert {row.parent_id for row in found[3:]} == {found[2].id}
    assert {row.root_id for row in found} == {found[0].id}


def test_colleagues_are_among_themselves_unless_they_say_otherwise(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    first = say(session, ines, entry, "Among us")
    say(session, ines, entry, "For all", audience=READERS)
    theirs = say(session, rosa, entry, "From outside")
    answer(session, ines, theirs, "What do we say")
    answer(session, ines, theirs, "We come on Friday", audience=READERS)

    assert (first.audience, theirs.audience) == (INSIDE, READERS)
    assert heard(session, rosa, entry) == ["From outside", "We come on Friday", "For all"]
    assert heard(session, Viewer(), entry) == ["From outside", "We come on Friday", "For all"]
    assert len(heard(session, ines, entry)) == 5


def test_a_reply_is_for_no_more_people_than_what_it_answers(session: Session, ines: Viewer, entry: EntryRow) -> None:
    first = say(session, ines, entry)

    with pytest.raises(Refusal) as refused:
        answer(session, ines, first, audience=READERS)

    assert wrong(refused) == [("audience", Code.INVALID)]
    assert answer(session, ines, first).audience is INSIDE


def test_a_customer_does_not_write_for_colleagues_alone(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    with pytest.raises(Refusal) as refused:
        say(session, rosa, entry, audience=INSIDE)

    assert wrong(refused) == [("audience", Code.INVALID)]


def test_a_customer_neither_finds_nor_answers_what_is_inside(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    inside = say(session, ines, entry)

    assert comments.by_uid(session, rosa, inside.uid) is None
    for act in (speaking.remove, speaking.resolve):
        with pytest.raises(NotFound):
            act(session, rosa, inside.uid)


def test_a_whisper_does_not_move_a_thread_for_those_who_do_not_hear_it(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    old = say(session, rosa, entry, "Old")
    say(session, rosa, entry, "New")
    answer(session, ines, old, "Whisper")

    assert heard(session, ines, entry) == ["Old", "Whisper", "New"]
    assert heard(session, rosa, entry) == ["New", "Old"]


def test_a_stranger_and_a_narrow_token_do_not_speak(session: Session, ines: Viewer, entry: EntryRow) -> None:
    narrow = Viewer(id=ines.id, role=ines.role, scopes=frozenset({Act.ENTRIES_READ}))
    for viewer in (Viewer(), narrow):
        with pytest.raises(NotAllowed):
            say(session, viewer, entry)


@pytest.mark.parametrize(
    ("body", "code"), [("  ", Code.INVALID), ("x" * 10_001, Code.TOO_LARGE), ("[" * 300, Code.TOO_LARGE)]
)
def test_words_are_bounded(session: Session, ines: Viewer, entry: EntryRow, body: str, code: Code) -> None:
    with pytest.raises(Refusal) as refused:
        say(session, ines, entry, body)

    assert wrong(refused) == [("body", code)]


def test_everything_wrong_is_said_at_once(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    with pytest.raises(Refusal) as refused:
        say(session, rosa, entry, "", audience=INSIDE, quote="Never said.")

    assert [problem.field for problem in refused.value.problems] == ["body", "quote", "audience"]


def test_thirty_comments_in_ten_minutes_are_enough(session: Session, ines: Viewer, entry: EntryRow) -> None:
    now = clock.now()
    with clock.held(now):
        for _ in range(30):
            say(session, ines, entry)
        with pytest.raises(RateLimited) as refused:
            say(session, ines, entry)
    with clock.held(now + timedelta(minutes=10, seconds=1)):
        say(session, ines, entry)

    assert refused.value.seconds == 600


def test_a_quote_stands_in_the_text_and_stays_when_that_changes(
    session: Session, ines: Viewer, entry: EntryRow
) -> None:
    said = say(session, ines, entry, quote=" “Replace it\nat once,” ")
    before = quotes.is_current(said, ines)
    writing.update(session, ines, entry.uid, 1, {"body": "Ask first.", "audience": Audience.EMPLOYEES})
    publishing.publish(session, ines, entry.uid)

    found = comments.by_uid(session, ines, said.uid)

    assert found is not None
    assert (said.quote, said.quote_revision, before) == ("Replace it at once,", 1, True)
    assert (found.quote, quotes.is_current(found, ines)) == ("Replace it at once,", False)


def test_a_quote_from_a_part_of_a_practice_is_found(session: Session, ines: Viewer, entry: EntryRow) -> None:
    assert say(session, ines, entry, quote="The machine fails again.").quote == "The machine fails again."


def test_one_mends_ones_own_words_and_nobody_elses(
    session: Session, ines: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    said = say(session, ines, entry)

    same = speaking.update(session, ines, said.uid, "Well.")
    mended = speaking.update(session, ines, said.uid, "*Better.*")

    assert same.edited_at is None
    assert (mended.body, mended.edited_at is not None) == ("*Better.*", True)
    assert "<em>Better.</em>" in (mended.body_html or "")
    with pytest.raises(NotAllowed):
        speaking.update(session, jonas, said.uid, "Worse.")
    with pytest.raises(NotAllowed):
        speaking.remove(session, jonas, said.uid)


def test_what_is_removed_leaves_its_place_while_it_has_replies(
    session: Session, ines: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    first = say(session, ines, entry, "First", audience=READERS)
    second = answer(session, ines, first, "Second", audience=READERS)
    third = answer(session, jonas, second, "Third", audience=READERS)
    rows = select(func.count()).select_from(table_of(Comment))

    speaking.remove(session, ines, second.uid)
    speaking.remove(session, ines, first.uid)
    with_a_reply = heard(session, jonas, entry)
    stub = comments.by_uid(session, jonas, first.uid)
    speaking.remove(session, jonas, third.uid)

    assert with_a_reply == [None, None, "Third"]
    assert stub is not None
    assert (stub.body, stub.body_html, comments.author_of(stub), stub.reactions) == (None, None, None, ())
    assert comments.allowed(stub, ines) == []
    assert heard(session, jonas, entry) == []
    assert comments.by_uid(session, jonas, first.uid) is None
    assert session.connection().execute(rows).scalar() == 3  # nothing that people wrote is deleted


def test_a_place_kept_for_a_whisper_is_not_kept_for_those_who_do_not_hear_it(
    session: Session, ines: Viewer, rosa: Viewer, entry: EntryRow
) -> None:
    first = say(session, rosa, entry, "First")
    answer(session, ines, first, "Whisper")

    speaking.remove(session, rosa, first.uid)

    assert heard(session, ines, entry) == [None, "Whisper"]
    assert heard(session, rosa, entry) == []
    assert comments.by_uid(session, rosa, first.uid) is None


def test_a_hidden_comment_is_read_by_its_author_and_those_who_curate(
    session: Session, ines: Viewer, rosa: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    said = say(session, rosa, entry, "Rude")
    with pytest.raises(NotAllowed):
        speaking.hide(session, ines, said.uid, "Rude.")
    with pytest.raises(Invalid):
        speaking.hide(session, jonas, said.uid, " ")

    speaking.hide(session, jonas, said.uid, "Rude.")
    seen = {name: heard(session, viewer, entry) for name, viewer in (("ines", ines), ("rosa", rosa), ("jonas", jonas))}
    speaking.unhide(session, jonas, said.uid)

    assert seen == {"ines": [], "rosa": ["Rude"], "jonas": ["Rude"]}
    assert heard(session, ines, entry) == ["Rude"]


def test_a_conversation_is_settled_by_who_began_it_who_keeps_the_entry_and_who_curates(
    session: Session, ines: Viewer, rosa: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    first = say(session, rosa, entry)
    reply = answer(session, ines, first, audience=READERS)
    with pytest.raises(NotAllowed):
        speaking.resolve(session, a_viewer(session), first.uid)

    for viewer in (rosa, ines, jonas):
        settled = speaking.resolve(session, viewer, reply.uid)
        again = speaking.resolve(session, viewer, first.uid)
        opened = speaking.reopen(session, viewer, first.uid)
        assert (settled.id, settled.resolved_by_id, opened.resolved_at) == (first.id, viewer.id, None)
        assert again.resolved_at == settled.resolved_at


def test_what_was_taken_away_is_not_answered(session: Session, ines: Viewer, jonas: Viewer, entry: EntryRow) -> None:
    said = say(session, ines, entry)
    hidden = speaking.hide(session, jonas, said.uid, "No.")

    with pytest.raises(Refusal) as refused:
        answer(session, jonas, hidden)

    assert wrong(refused) == [("parent", Code.INVALID)]


def test_a_draft_is_talked_about_by_those_who_see_it(session: Session, ines: Viewer, jonas: Viewer) -> None:
    draft = a_draft(session, ines)

    said = say(session, ines, draft)

    assert comments.by_uid(session, ines, said.uid) is not None
    assert comments.by_uid(session, jonas, said.uid) is None
    assert comments.newest(session, ines, Page()).rows == []


def test_paging_through_threads_gives_each_once(session: Session, ines: Viewer, entry: EntryRow) -> None:
    for number in range(7):
        answer(session, ines, say(session, ines, entry, f"Thread {number}"))

    seen, after = [], None
    while True:
        found = comments.threads_of(entry, ines, Page(first=3, after=after))
        seen += [row.body for row in found.rows]
        if not found.has_next:
            break
        after = found.cursors[-1]

    assert seen == [f"Thread {number}" for number in reversed(range(7))]
    assert found.total() == 7
    assert [row.body for row in comments.threads_of(entry, ines, Page(last=2)).rows] == ["Thread 1", "Thread 0"]


def test_nothing_in_a_comment_is_a_place_or_a_heading_of_the_page(
    session: Session, ines: Viewer, entry: EntryRow
) -> None:
    html = say(session, ines, entry, "# Loud\n\nText.[^1]\n\n[^1]: Note.").body_html or ""

    assert "<p><strong>Loud</strong></p>" in html
    assert " id=" not in html
    assert "<h" not in html.replace("<hr", "")
