"""What is scheduled while a rule is raised goes back into review, unless nobody in particular scheduled it."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from knowledge import clock
from knowledge.community import centre
from knowledge.database import Page
from knowledge.entries import EntryRow, approving, by_uid, publishing, scheduling
from knowledge.entries.approving import ApprovalRule
from knowledge.entries.entry import Revision
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, Kind, Reason, Role, Status
from tests.factories import a_draft, a_viewer
from tests.knowledge.community.test_telling import tell

DAYS = timedelta(days=3)


@pytest.fixture
def ines(session: Session) -> Viewer:
    return a_viewer(session)


@pytest.fixture
def jonas(session: Session) -> Viewer:
    return a_viewer(session, role=Role.STEWARD)


def scheduled(session: Session, ines: Viewer, by: Viewer, audience: Audience) -> EntryRow:
    entry = publishing.submit(session, ines, a_draft(session, ines, audience=audience).uid)
    return scheduling.schedule(session, by, entry.uid, clock.now() + DAYS)


def again(session: Session, entry: EntryRow) -> EntryRow:
    session.flush()
    seen = by_uid(session, OPERATOR, entry.uid)
    assert seen is not None
    return seen


def when_due(session: Session, entry: EntryRow) -> Status:
    """What becomes of an entry when its time has come."""
    with clock.held(clock.now() + DAYS):
        scheduling.publish_due(session, session.get_one(Revision, entry.latest_revision_id).uid)
    return again(session, entry).status


def test_what_a_raised_rule_leaves_short_of_approvals_goes_back_into_review(
    session: Session, ines: Viewer, jonas: Viewer
) -> None:
    short, other = (scheduled(session, ines, jonas, each) for each in (Audience.CUSTOMERS, Audience.PUBLIC))

    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=2)

    back = again(session, short)
    assert (back.status, again(session, other).status) == (Status.IN_REVIEW, Status.SCHEDULED)
    assert approving.standing_of(back).by == (jonas.id,)
    tell(session)
    reasons = [row.reason for row in centre.listing(session, ines, Page()).rows if row.entry_id == short.id]
    assert Reason.RECALLED in reasons
    karl = a_viewer(session, role=Role.STEWARD)
    assert publishing.approve(session, karl, short.uid).status is Status.SCHEDULED
    assert when_due(session, short) is Status.PUBLISHED


def test_a_rule_for_one_kind_leaves_the_schedule_of_the_others_alone(session: Session, ines: Viewer) -> None:
    draft = a_draft(session, ines)
    entry = scheduling.schedule(session, ines, draft.uid, clock.now() + DAYS)

    approving.set_rule(session, OPERATOR, Audience.EMPLOYEES, kind=Kind.STORY, needed=1)
    before = again(session, entry).status
    approving.set_rule(session, OPERATOR, Audience.EMPLOYEES, kind=Kind.BEST_PRACTICE, needed=1)

    assert (before, again(session, entry).status) == (Status.SCHEDULED, Status.IN_REVIEW)


def test_what_the_operator_scheduled_is_not_stopped(session: Session, ines: Viewer) -> None:
    entry = scheduled(session, ines, OPERATOR, Audience.CUSTOMERS)

    approving.set_rule(session, OPERATOR, Audience.CUSTOMERS, kind=None, needed=3)

    assert again(session, entry).status is Status.SCHEDULED
    assert when_due(session, entry) is Status.PUBLISHED


def test_what_was_scheduled_at_the_moment_when_the_rule_was_raised_does_not_go_out(
    session: Session, ines: Viewer, jonas: Viewer
) -> None:
    entry = scheduled(session, ines, jonas, Audience.CUSTOMERS)
    session.add(ApprovalRule(audience=Audience.CUSTOMERS, needed=2))  # by another transaction, which could not see it

    assert when_due(session, entry) is Status.IN_REVIEW
