from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from knowledge import clock, entries, uses
from knowledge.database import Page, read
from knowledge.entries import EntryRow, freshness
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import Viewer
from knowledge.uses import Told, With
from knowledge.words import Freshness, GroupKind, Kind, Role, Stage, UseResult
from tests.factories import a_draft, a_group, a_viewer, an_entry

REPEAT = With(Stage.REPEAT)


def told(session: Session, viewer: Viewer, entry: EntryRow) -> Told:
    again = read(session, EntryRow, entries.seen_by(viewer).where(entries.entry._e.id == entry.id))[0]
    return uses.told_of(again, viewer)


def test_of_each_person_the_latest_word_counts(session: Session) -> None:
    viewers = [a_viewer(session, group=a_group(session)) for _ in range(7)]
    practice = an_entry(session, viewers[0])
    day = clock.now().date() - timedelta(days=3)
    uses.record(session, viewers[0], practice, UseResult.DID_NOT, among=REPEAT, used_on=day)
    for viewer in viewers[:6]:
        uses.record(session, viewer, practice, UseResult.WORKED, among=REPEAT)
    uses.record(session, viewers[6], practice, UseResult.DID_NOT, among=REPEAT)
    uses.record(session, viewers[6], practice, UseResult.PARTLY, among=With(segment="cafés"), used_on=day)

    found = told(session, viewers[0], practice)

    cells = [(each.among, each.told(UseResult.WORKED).n, each.people.n) for each in found.cells]
    assert cells == [
        (With(Stage.REPEAT, function=GroupKind.SUPPORT), 6, 7),
        (With(segment="cafés", function=GroupKind.SUPPORT), 0, 1),
    ]
    assert (found.overall.people.n, found.overall.told(UseResult.WORKED).n) == (7, 6)
    assert found.overall.worked.low == pytest.approx(0.4869, abs=5e-5)
    assert found.cells[0].worked.distinct_voices == 7


def test_nobody_is_no_share_and_no_cell(session: Session) -> None:
    viewer = a_viewer(session)
    practice = an_entry(session, viewer)

    found = told(session, viewer, practice)

    assert (found.overall.people.n, found.overall.worked.value, found.overall.mine, found.cells) == (0, None, None, [])


def test_that_it_worked_verifies_nothing(session: Session) -> None:
    viewer = a_viewer(session)
    practice = an_entry(session, viewer)

    for _ in range(3):
        uses.record(session, a_viewer(session), practice, UseResult.WORKED)

    assert session.get_one(entries.Entry, practice.id).freshness is Freshness.UNVERIFIED


def test_e3_a_use_that_harmed_contests_at_once(session: Session) -> None:
    steward = a_viewer(session, role=Role.STEWARD)
    practice = an_entry(session, a_viewer(session))
    freshness.verify(session, steward, practice.uid)

    use = uses.record(session, a_viewer(session), practice, UseResult.HARMED, note="It leaked.")
    entry = session.get_one(entries.Entry, practice.id)

    assert entry.freshness is Freshness.CONTESTED
    with pytest.raises(NotAllowed):
        uses.withdraw(session, steward, use.uid)
    assert entry.freshness is Freshness.CONTESTED


def test_a_use_is_taken_back_by_whoever_recorded_it(session: Session) -> None:
    viewer = a_viewer(session)
    practice = an_entry(session, viewer)
    use = uses.record(session, viewer, practice, UseResult.WORKED, among=REPEAT)
    assert told(session, viewer, practice).overall.mine == use.uid

    uses.withdraw(session, viewer, use.uid)

    assert told(session, viewer, practice).cells == []
    with pytest.raises(NotFound):
        uses.withdraw(session, viewer, use.uid)


def test_everything_that_is_wrong_with_a_use_is_said_at_once(session: Session) -> None:
    viewer = a_viewer(session)
    draft = a_draft(session, viewer)
    tomorrow = clock.now().date() + timedelta(days=1)

    with pytest.raises(Invalid) as refused:
        uses.record(
            session, viewer, draft, UseResult.WORKED, among=With(segment="x" * 81), note="y" * 501, used_on=tomorrow
        )

    assert {each.field for each in refused.value.problems} == {"practice", "segment", "note", "usedOn"}


def test_only_colleagues_use_practices_and_read_of_it(session: Session) -> None:
    author, customer = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
    practice = an_entry(session, author)
    use = uses.record(session, author, practice, UseResult.WORKED)

    for outsider in (customer, Viewer()):
        assert uses.by_uid(session, outsider, use.uid) is None
        assert uses.of_entry(practice, outsider, Page()).rows == []
        assert uses.told_of(practice, outsider).cells == []
        with pytest.raises(NotAllowed):
            uses.record(session, outsider, practice, UseResult.WORKED)
    with pytest.raises(Invalid):
        uses.record(session, author, an_entry(session, author, kind=Kind.GUIDE), UseResult.WORKED)
    with pytest.raises(NotFound):
        uses.withdraw(session, author, UUID(int=1))
