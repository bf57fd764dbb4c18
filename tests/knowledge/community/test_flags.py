"""Flags: raised once by a reader, seen and settled by those who keep the entry, and E3 for what is unsafe."""

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.community import flags, speaking
from knowledge.community.flags import Flag
from knowledge.database import Page, table_of
from knowledge.entries import EntryRow, by_uid
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, FlagOutcome, FlagReason, FlagState, Freshness, Role
from tests.factories import a_draft, a_viewer, an_entry


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
    return an_entry(session, ines, audience=Audience.CUSTOMERS)


def freshness(session: Session, entry: EntryRow) -> Freshness:
    found = by_uid(session, OPERATOR, entry.uid)
    assert found is not None
    return found.freshness


def test_flagging_again_while_it_waits_changes_what_was_said(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    first = flags.flag(session, rosa, entry, FlagReason.OUTDATED)
    second = flags.flag(session, rosa, entry, FlagReason.WRONG, note="Look at step two.")

    assert first.id == second.id
    assert (second.reason, second.note) == (FlagReason.WRONG, "Look at step two.")
    assert session.connection().execute(select(func.count()).select_from(table_of(Flag))).scalar() == 1


def test_e3_a_safety_report_contests_the_entry_at_once(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    flags.flag(session, rosa, entry, FlagReason.OUTDATED)
    before = freshness(session, entry)

    flags.flag(session, rosa, entry, FlagReason.UNSAFE, note="The lid sprays steam.")

    assert (before, freshness(session, entry)) == (Freshness.UNVERIFIED, Freshness.CONTESTED)


def test_e3_a_safety_report_contests_nothing_that_is_not_published(session: Session, ines: Viewer) -> None:
    draft = a_draft(session, ines)

    flags.flag(session, ines, draft, FlagReason.UNSAFE, note="The lid sprays steam.")

    assert freshness(session, draft) is Freshness.UNVERIFIED


def test_nobody_learns_from_the_doubt_who_reported_it(session: Session, rosa: Viewer, entry: EntryRow) -> None:
    flags.flag(session, rosa, entry, FlagReason.UNSAFE)

    found = by_uid(session, OPERATOR, entry.uid)
    assert found is not None
    assert (found.freshness, found.contested_by_id) == (Freshness.CONTESTED, None)


def test_an_unsafe_comment_does_not_contest_the_entry(
    session: Session, rosa: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    said = speaking.comment(session, rosa, entry, body="Just open the lid.")

    raised = flags.flag(session, jonas, entry, FlagReason.UNSAFE, comment=said)

    assert freshness(session, entry) is Freshness.UNVERIFIED
    found = flags.comment_of(raised, jonas)
    assert found is not None
    assert found.id == said.id


def test_flags_are_for_those_who_keep_the_entry_and_reporters_for_those_who_curate(
    session: Session, ines: Viewer, rosa: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    raised = flags.flag(session, rosa, entry, FlagReason.WRONG)
    others = [a_viewer(session), a_viewer(session, role=Role.CUSTOMER), Viewer()]

    seen = {viewer.name: flags.by_uid(session, viewer, raised.uid) for viewer in (ines, rosa, jonas)}
    names = {
        name: person.name if row is not None and (person := flags.reporter_of(row, viewer)) else None
        for name, row in seen.items()
        for viewer in (ines, rosa, jonas)
        if viewer.name == name
    }

    assert names == {"Ines": None, "Rosa": "Rosa", "Jonas": "Rosa"}
    assert [flags.by_uid(session, viewer, raised.uid) for viewer in others] == [None] * 3
    assert [len(flags.listing(session, viewer, Page()).rows) for viewer in (ines, rosa, jonas, *others)] == [
        1,
        1,
        1,
        0,
        0,
        0,
    ]
    assert [len(flags.open_of(entry, viewer, Page()).rows) for viewer in (ines, rosa, jonas, *others)] == [
        1,
        1,
        1,
        0,
        0,
        0,
    ]


def test_a_flag_is_settled_once_by_the_owner_or_those_who_curate(
    session: Session, ines: Viewer, rosa: Viewer, jonas: Viewer, entry: EntryRow
) -> None:
    raised = flags.flag(session, rosa, entry, FlagReason.WRONG)
    with pytest.raises(NotAllowed):
        flags.settle(session, rosa, raised.uid, FlagOutcome.DISMISSED)
    with pytest.raises(NotFound):
        flags.settle(session, a_viewer(session), raised.uid, FlagOutcome.DISMISSED)

    settled = flags.settle(session, ines, raised.uid, FlagOutcome.UPHELD, note="Mended.")

    assert (settled.state, settled.settlement, settled.settled_by_id) == (FlagState.UPHELD, "Mended.", ines.id)
    with pytest.raises(Invalid):
        flags.settle(session, jonas, raised.uid, FlagOutcome.DISMISSED)
    again = flags.flag(session, rosa, entry, FlagReason.WRONG)
    assert again.id != raised.id
    assert flags.settle(session, jonas, again.uid, FlagOutcome.DISMISSED).state is FlagState.DISMISSED


def test_a_stranger_does_not_flag(session: Session, entry: EntryRow) -> None:
    with pytest.raises(NotAllowed):
        flags.flag(session, Viewer(), entry, FlagReason.WRONG)
