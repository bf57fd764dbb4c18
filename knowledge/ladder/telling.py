"""What colleagues and integrations tell of customers, each fact with the place on the ladder that it leads to."""

from collections.abc import Sequence

from sqlmodel import Session

from knowledge import customers
from knowledge.customers import CustomerRow, Reference, segments
from knowledge.customers.segments import SegmentRow
from knowledge.errors import NotFound
from knowledge.ladder import advocacies, offerings, settling, transactions
from knowledge.ladder.advocacies import AdvocacyRow, Spoken
from knowledge.ladder.offerings import OfferingReference
from knowledge.ladder.transactions import Answer, Told
from knowledge.people import Act, Viewer, require


def dealings(session: Session, viewer: Viewer, rows: Sequence[Told]) -> list[Answer]:
    """Write down what took place, each row answered by itself. Refuses NOT_ALLOWED, and TOO_LARGE above 250 rows."""
    answers, moved = transactions.upsert(session, viewer, rows)
    settling.settle(session, sorted(moved))
    return answers


def advocacy(session: Session, viewer: Viewer, reference: Reference, spoken: Spoken) -> AdvocacyRow:
    """Write down that a customer spoke for us. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record advocacy")
    customer = _needed(session, viewer, reference)
    row = advocacies.record(session, viewer, customer, spoken)
    settling.settle(session, [customer.id])
    return row


def use(
    session: Session, viewer: Viewer, reference: Reference, offering: OfferingReference, applies: bool | None
) -> CustomerRow:
    """Say whether a customer can use an offering; None takes back what was said. Refuses NOT_FOUND and NOT_ALLOWED."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="say what customers can use")
    customer = _needed(session, viewer, reference)
    offerings.state(session, viewer, customer, offering, applies)
    settling.settle(session, [customer.id])
    return _needed(session, viewer, reference)


def join(session: Session, viewer: Viewer, segment: SegmentRow, customer: CustomerRow) -> None:
    """Put a customer into a segment. Refuses NOT_ALLOWED, and INVALID where a rule chooses."""
    segments.add(session, viewer, segment, customer)
    settling.settle(session, [customer.id])


def leave(session: Session, viewer: Viewer, segment: SegmentRow, customer: CustomerRow) -> None:
    """Take a customer out of a segment. Refuses NOT_ALLOWED, and INVALID where a rule chooses."""
    segments.remove(session, viewer, segment, customer)
    settling.settle(session, [customer.id])


def _needed(session: Session, viewer: Viewer, reference: Reference) -> CustomerRow:
    row = customers.find(session, viewer, reference)
    if row is None:
        raise NotFound("There is no such customer.", "customer")
    return row
