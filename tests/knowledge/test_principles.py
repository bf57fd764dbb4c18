from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from knowledge import clock, evidence
from knowledge.database import Database, Page
from knowledge.entries import detail_of, practising
from knowledge.people import Viewer
from knowledge.principles import PrincipleRow
from knowledge.words import Audience, Kind, MissingLink, Role, Stance, Status
from tests.factories import a_customer, a_viewer, an_entry, some_feedback, titles

MONDAY = date(2026, 11, 16)


def test_k1_the_twelve_are_there_and_complete_after_install(stocked: Database) -> None:
    with stocked.reading() as session:
        found = practising.twelve(session, Viewer())
        numbers = [detail_of(row, PrincipleRow).number for row in found]

    assert numbers == list(range(1, 13))
    assert all(row.title and row.summary and len(row.body) > 200 for row in found)
    assert {(row.audience, row.status) for row in found} == {(Audience.PUBLIC, Status.PUBLISHED)}


def test_k2_each_principle_shows_what_speaks_of_it_and_what_is_missing(session: Session) -> None:
    leader, customer = a_viewer(session, role=Role.LEADER), a_customer(session)
    guest = a_viewer(session, role=Role.CUSTOMER, customer=customer)
    listening = an_entry(session, leader, kind=Kind.PRINCIPLE, audience=Audience.PUBLIC, detail={"number": 4})
    bare = an_entry(session, leader, kind=Kind.PRINCIPLE, detail={"number": 5})
    practice = an_entry(session, leader, title="Ring back", principles=[4], audience=Audience.PUBLIC)
    an_entry(session, leader, title="Faster", kind=Kind.INITIATIVE, principles=[4])

    first = {row.id: row for row in practising.twelve(session, leader)}
    lacks = [each.what for each in practising.missing(first[listening.id], leader)]
    evidence.attach(session, leader, practice, some_feedback(session, leader, customer=customer), Stance.SUPPORTS)
    then = {row.id: row for row in practising.twelve(session, leader)}
    seen = {row.id: row for row in practising.twelve(session, guest)}[listening.id]

    assert lacks == [MissingLink.EVIDENCE, MissingLink.INSIGHT]
    assert [each.what for each in practising.missing(then[listening.id], leader)] == [MissingLink.INSIGHT]
    assert [each.what for each in practising.missing(then[bare.id], leader)] == [
        MissingLink.PRACTICE,
        MissingLink.INSIGHT,
        MissingLink.INITIATIVE,
    ]
    assert titles(practising.in_practice(then[listening.id], leader, Page()).rows) == ["Ring back"]
    initiatives = practising.in_practice(then[listening.id], leader, Page(), kinds=(Kind.INITIATIVE,))
    assert titles(initiatives.rows) == ["Faster"]
    assert practising.in_practice(seen, guest, Page(), kinds=(Kind.INITIATIVE,)).rows == []
    assert practising.missing(seen, guest) == ()


def test_the_principle_of_the_week_changes_on_mondays_and_each_has_its_turn() -> None:
    turns = [practising.of_the_week(MONDAY + timedelta(weeks=week)) for week in range(24)]

    assert sorted(turns[:12]) == list(range(1, 13))
    assert turns[12:] == turns[:12]
    assert len({practising.of_the_week(MONDAY + timedelta(days=day)) for day in range(7)}) == 1
    assert practising.of_the_week(MONDAY) != practising.of_the_week(MONDAY - timedelta(days=1))
    with clock.held(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)):  # the week of 28 December goes on
        assert practising.of_the_week() == practising.of_the_week(date(2026, 12, 28))
