"""Whom a request is about: customers who are restricted are found here, and nowhere else but in an export [G4]."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import Customer, CustomerRow, Reference, find, visible_to
from knowledge.customers.customer import SEEN
from knowledge.database import columns_of, one, read, table_of
from knowledge.errors import Conflict, NotFound
from knowledge.people import Act, Viewer, require
from knowledge.words import CustomerStatus

_c = table_of(Customer).c
_THERE = (CustomerStatus.ACTIVE, CustomerStatus.RESTRICTED)


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, CustomerRow]:
    """Customers by their key, for administrators the restricted as well; in one statement."""
    seen = _c.status.in_(_THERE) if viewer.may(Act.ADMIN) else visible_to(viewer)
    wanted = select(_c.id, *columns_of(Customer, *SEEN)).where(seen, _c.id.in_(set(ids)))
    return {row.id: row for row in read(session, CustomerRow, wanted)}


def named(session: Session, viewer: Viewer, reference: Reference, *, field: str = "customer") -> CustomerRow:
    """The customer that is meant, restricted or not where an administrator asks; refuses NOT_FOUND."""
    found = find(session, viewer, reference)
    if found is None and viewer.may(Act.ADMIN) and reference.uid is not None:
        found = by_uid(session, viewer, reference.uid)
    if found is None:
        raise NotFound("There is no such customer.", field)
    return found


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> CustomerRow | None:
    """The same by uid, or None."""
    seen = _c.status.in_(_THERE) if viewer.may(Act.ADMIN) else visible_to(viewer)
    return one(session, CustomerRow, select(_c.id, *columns_of(Customer, *SEEN)).where(seen, _c.uid == uid))


def own(session: Session, viewer: Viewer) -> CustomerRow | None:
    """The customer whom the viewer signs in for, or None."""
    if viewer.customer_id is None or viewer.scopes is not None:
        return None
    return one(
        session,
        CustomerRow,
        select(_c.id, *columns_of(Customer, *SEEN)).where(_c.id == viewer.customer_id, _c.status.in_(_THERE)),
    )


def restrict(session: Session, viewer: Viewer, customer: CustomerRow) -> None:
    """What is kept of a customer stays and is used no more: nobody but administrators and themselves sees it. Refuses NOT_ALLOWED."""
    require(viewer, Act.ADMIN, doing="restrict what is kept of a customer")
    _stand(session, viewer, customer, CustomerStatus.RESTRICTED, "customer.restricted")


def lift(session: Session, viewer: Viewer, customer: CustomerRow) -> None:
    """It may be used again: the customer says so, or an administrator who has told them. Refuses NOT_ALLOWED."""
    if not (viewer.customer_id == customer.id and viewer.scopes is None):
        require(viewer, Act.ADMIN, doing="lift a restriction")
    _stand(session, viewer, customer, CustomerStatus.ACTIVE, "customer.unrestricted")


def _stand(session: Session, viewer: Viewer, customer: CustomerRow, status: CustomerStatus, verb: str) -> None:
    stored = session.get_one(Customer, customer.id, with_for_update=True, populate_existing=True)
    if stored.status == status:
        raise Conflict("That is so already.")
    if stored.status not in _THERE:  # merged or erased a moment ago
        raise NotFound("There is no such customer.", "customer")
    was, stored.status, stored.updated_at = stored.status, status, clock.now()
    stored.version += 1
    session.flush()  # what is read next sees it
    is_hidden = status is CustomerStatus.RESTRICTED
    moved = {"status": (was, status)}
    activity.record(session, viewer.id, verb, "Customer", customer.uid, deleted=is_hidden, moved=moved)
