"""Requests are seen to: what was asked is done, and they are told what became of it."""

from uuid import UUID

from sqlmodel import Session

from knowledge.customers import CustomerRow
from knowledge.errors import Conflict
from knowledge.people import Viewer
from knowledge.privacy import erasing, requests, subjects
from knowledge.privacy.requests import RequestRow
from knowledge.words import CustomerStatus, DataRequestKind, DataRequestState


def done(session: Session, viewer: Viewer, uid: UUID, *, answer: str = "") -> RequestRow:
    """Do what was asked: erase, restrict; of anything else it is written down that it was done.

    Refuses NOT_ALLOWED, NOT_FOUND, INVALID, and CONFLICT where it has been seen to or they are erased.
    """
    row = requests.to_settle(session, viewer, uid, answer, needs_answer=row_needs_words(session, viewer, uid))
    customer = subjects.by_ids(session, viewer, [row.customer_id]).get(row.customer_id)
    if customer is None:
        raise Conflict("They are erased already.", current=row)
    settled = requests.settle(session, viewer, row, DataRequestState.DONE, answer)
    _do(session, viewer, row, customer)
    return requests.by_uid(session, viewer, uid) or settled


def row_needs_words(session: Session, viewer: Viewer, uid: UUID) -> bool:
    """What was put right, or is not done any more, is said in words."""
    row = requests.by_uid(session, viewer, uid)
    return row is not None and row.kind in (DataRequestKind.RECTIFY, DataRequestKind.OBJECT)


def _do(session: Session, viewer: Viewer, row: RequestRow, customer: CustomerRow) -> None:
    if row.kind is DataRequestKind.ERASE:
        for other in requests.open_of(session, customer):  # nobody is left to whom they could be due
            requests.settle(session, viewer, other, DataRequestState.DECLINED, "Everything was erased.")
        erasing.erase(session, viewer, customer)
    elif row.kind is DataRequestKind.RESTRICT and customer.status is not CustomerStatus.RESTRICTED:
        subjects.restrict(session, viewer, customer)


def decline(session: Session, viewer: Viewer, uid: UUID, answer: str) -> RequestRow:
    """Say no, and why. Refuses as `done` does, and INVALID without a reason."""
    row = requests.to_settle(session, viewer, uid, answer, needs_answer=True)
    return requests.settle(session, viewer, row, DataRequestState.DECLINED, answer)
