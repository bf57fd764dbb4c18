"""Questions: addressed, told, waiting, answered and accepted."""

import pytest
from sqlmodel import Session

from knowledge.community import asking, centre, posts, questions, speaking
from knowledge.community.asking import Whom
from knowledge.community.posts import Filter
from knowledge.database import Page
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import Viewer
from knowledge.words import AnswerState, Audience, CommentAudience, Kind, Reason, Role
from tests.factories import a_customer, a_draft, a_group, a_viewer, an_entry, titles
from tests.knowledge.community.test_telling import tell

WAITING, ANSWERED, ACCEPTED = AnswerState


def read(session: Session, entry: EntryRow, viewer: Viewer) -> EntryRow:
    (row,) = [each for each in posts.listing(session, viewer, Page(first=100)).rows if each.id == entry.id]
    return row


def asked_reasons(session: Session, viewer: Viewer) -> list[Reason]:
    tell(session)
    rows = centre.listing(session, viewer, Page(first=100)).rows
    return [row.reason for row in rows if row.reason in (Reason.ASKED, Reason.ACCEPTED)]


def test_whom_a_question_asks_is_told_once_it_is_out_and_it_waits_until_one_of_them_answers(session: Session) -> None:
    group = a_group(session)
    ines, jonas, margit = a_viewer(session), a_viewer(session, group=group), a_viewer(session, role=Role.LEADER)
    asker = a_viewer(session)

    upward = posts.post(session, asker, Kind.QUESTION, title="Why two?", body="", whom=Whom(person=margit.uid))
    grouped = posts.post(session, asker, Kind.QUESTION, title="Which seal?", body="", whom=Whom(group=group.uid))
    draft = a_draft(session, asker, kind=Kind.QUESTION)
    asking.address(session, asker, draft, Whom(person=ines.uid))
    speaking.comment(session, ines, upward, body="I wonder as well.")
    speaking.comment(session, jonas, grouped, body="The blue one.")

    assert [asked_reasons(session, each) for each in (margit, jonas, ines)] == [[Reason.ASKED], [Reason.ASKED], []]
    assert [questions.state_of(read(session, each, asker), asker) for each in (upward, grouped)] == [WAITING, ANSWERED]
    assert questions.waiting_since(read(session, upward, ines), ines) == upward.published_at
    assert titles(questions.waiting_for(session, margit, Page()).rows) == ["Why two?"]
    assert titles(posts.listing(session, jonas, Page(), Filter(asked_of_me=True)).rows) == ["Which seal?"]
    assert titles(posts.listing(session, jonas, Page(), Filter(waiting=True)).rows) == ["Why two?"]
    assert questions.waiting_for(session, ines, Page()).rows == []


def test_an_answer_is_accepted_by_whoever_asked_or_curates_and_taken_back(session: Session) -> None:
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=a_customer(session))
    ines, jonas, steward = a_viewer(session), a_viewer(session), a_viewer(session, role=Role.STEWARD)
    question = an_entry(session, ines, kind=Kind.QUESTION, audience=Audience.CUSTOMERS)
    whispered = speaking.comment(session, jonas, question, body="Between us.", audience=CommentAudience.INSIDE)
    said = speaking.comment(session, jonas, question, body="Weekly.", audience=CommentAudience.READERS)

    asking.accept(session, ines, whispered.uid)
    to_ines, to_rosa = (questions.state_of(read(session, question, each), each) for each in (ines, rosa))
    asking.accept(session, steward, said.uid)
    now = read(session, question, rosa)
    answer = questions.answer_of(now, rosa)
    told = asked_reasons(session, jonas)
    speaking.hide(session, steward, said.uid, "Not so.")
    hidden = questions.state_of(read(session, question, rosa), rosa)
    asking.unaccept(session, ines, question.uid)

    assert (to_ines, to_rosa) == (ACCEPTED, ANSWERED)
    assert answer is not None
    assert (answer.uid, questions.state_of(now, rosa), hidden) == (said.uid, ACCEPTED, WAITING)
    assert told == [Reason.ACCEPTED]
    assert questions.state_of(read(session, question, ines), ines) is ANSWERED
    for who, comment, refusal in (
        (jonas, whispered.uid, NotAllowed),
        (rosa, whispered.uid, NotFound),
        (steward, said.uid, Invalid),
    ):
        with pytest.raises(refusal):
            asking.accept(session, who, comment)
    elsewhere = speaking.comment(session, ines, an_entry(session, ines), body="Well.")
    with pytest.raises(Invalid):
        asking.accept(session, ines, elsewhere.uid)


def test_nobody_is_asked_who_would_not_see_it_nor_by_customers(session: Session) -> None:
    mine, other = a_group(session), a_group(session)
    ines, jonas = a_viewer(session, group=mine), a_viewer(session, group=other)
    rosa = a_viewer(session, role=Role.CUSTOMER)
    question = a_draft(session, ines, kind=Kind.QUESTION, audience=Audience.GROUP, audience_groups=[mine.uid])

    for whom in (Whom(person=jonas.uid), Whom(group=other.uid), Whom(person=rosa.uid), Whom(jonas.uid, mine.uid)):
        with pytest.raises(Invalid):
            asking.address(session, ines, question, whom)
    with pytest.raises(NotAllowed):
        posts.post(session, rosa, Kind.QUESTION, title="You there?", body="", whom=Whom(person=jonas.uid))
    with pytest.raises(Invalid):
        asking.address(session, ines, an_entry(session, ines, kind=Kind.IDEA), Whom(group=mine.uid))
    asking.address(session, ines, question, Whom(group=mine.uid))
    asking.address(session, ines, question, Whom())
    assert questions.standing_of(question, ines) is not None
    assert questions.person_of(question, ines) is None
