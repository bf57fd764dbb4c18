"""Recording customers and changing what is said of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import sorting
from knowledge.customers.customer import SEEN, Customer, CustomerRow, Reference, StageTransition, find, is_below, key_of
from knowledge.database import columns_of, one, table_of
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.people import Act, FunctionalGroup, Viewer, require
from knowledge.words import CustomerKind, CustomerRelation, Stage, TransitionCause

_c = table_of(Customer).c


class Changes(TypedDict, total=False):
    """What is said of a customer: what is omitted stays as it is, None clears."""

    name: str
    kind: CustomerKind
    relation: CustomerRelation
    stage: Stage
    email: str | None
    parent: UUID | None
    group: UUID | None
    joined_on: date | None
    source: str | None
    external_id: str | None
    need_confirmed: bool | None
    ability_confirmed: bool | None


def create(
    session: Session,
    viewer: Viewer,
    changes: Changes,
    *,
    cause: TransitionCause = TransitionCause.MANUAL,
    sample: bool = False,
) -> CustomerRow:
    """A new customer with the first row of its way on the ladder. Refuses NOT_ALLOWED and INVALID with all that is wrong."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record customers")
    refuse(_faults(session, viewer, changes, None))
    now = clock.now()
    customer = Customer(created_at=now, updated_at=now, sample=sample, name=changes["name"].strip())
    _apply(session, customer, changes)
    session.add(customer)
    session.flush()  # its first transition points at its id
    assert customer.id is not None
    session.add(
        StageTransition(customer_id=customer.id, to_stage=customer.stage, at=now, cause=cause, actor_id=viewer.id)
    )
    activity.record(session, viewer.id, "customer.created", "Customer", customer.uid)
    sorting.later(session)
    return _reread(session, customer)


def update(session: Session, viewer: Viewer, reference: Reference, changes: Changes) -> CustomerRow:
    """Change what is said of a customer; the stage has verbs of its own. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="change customers")
    row = find(session, viewer, reference)
    if row is None:
        raise NotFound("There is no such customer.", "customer")
    refuse(_faults(session, viewer, changes, row))
    customer = session.get_one(Customer, row.id, with_for_update=True)
    if customer.version != row.version:
        raise Conflict("Someone changed this customer at the same moment.", "customer", current=row)
    before = {field: getattr(row, field) for field in ("name", "kind", "relation", "joined_on")}
    _apply(session, customer, changes)
    customer.version += 1
    customer.updated_at = clock.now()
    moved = {field: (old, getattr(customer, field)) for field, old in before.items() if old != getattr(customer, field)}
    activity.record(session, viewer.id, "customer.updated", "Customer", customer.uid, moved=moved)
    sorting.later(session)
    return _reread(session, customer)


def plain(name: str, value: Any) -> Any:
    """What is said of a customer as it is stored."""
    if isinstance(value, str) and name == "name":
        return value.strip()
    return (value.strip().lower() or None) if isinstance(value, str) and name == "email" else value


def pointed(session: Session, name: str, uid: UUID | None) -> int | None:
    """The key of the parent or the group that a change names."""
    return key_of(session, Customer if name == "parent" else FunctionalGroup, uid)


def _apply(session: Session, customer: Customer, changes: Changes) -> None:
    said: dict[str, Any] = {**changes}
    for field in ("name", "kind", "relation", "stage", "email", "joined_on", "source", "external_id"):
        if field in said:
            setattr(customer, field, plain(field, said[field]))
    for field in ("parent", "group"):
        if field in said:
            setattr(customer, f"{field}_id", pointed(session, field, said[field]))
    for field in ("need_confirmed", "ability_confirmed"):
        if field in said:
            setattr(customer, field, said[field])


def _faults(session: Session, viewer: Viewer, changes: Changes, row: CustomerRow | None) -> Iterable[Problem]:
    name = changes.get("name", row.name if row else "")
    if not 1 <= len(name.strip()) <= 200:
        yield Problem("name", "A name has 1 to 200 characters.")
    if row is not None and "stage" in changes:
        yield Problem("stage", "A customer is moved on the ladder, with a reason, not rewritten.")
    if (email := changes.get("email")) and (email.count("@") != 1 or len(email) > 254):
        yield Problem("email", "This is not an e-mail address.")
    yield from _misplaced(session, viewer, changes, row)
    source = changes.get("source", row.source if row else None)
    external_id = changes.get("external_id", row.external_id if row else None)
    for field, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(field, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")
    elif source is not None and _elsewhere(session, source, external_id, row):
        yield Problem("externalId", f"There is a customer {external_id} from {source} already.")


def _misplaced(session: Session, viewer: Viewer, changes: Changes, row: CustomerRow | None) -> Iterable[Problem]:
    if (parent := changes.get("parent")) is not None:
        above = find(session, viewer, Reference(uid=parent))
        if above is None:
            yield Problem("parent", "There is no such customer.")
        elif row is not None and is_below(session, above.id, row.id):
            yield Problem("parent", "A customer cannot belong to itself, nor to what belongs to it.")
    if (group := changes.get("group")) is not None and key_of(session, FunctionalGroup, group) is None:
        yield Problem("group", "There is no such group.")


def _elsewhere(session: Session, source: str, external_id: str | None, row: CustomerRow | None) -> bool:
    same = select(_c.id).where(_c.source == source, _c.external_id == external_id, _c.id != (row.id if row else -1))
    return session.connection().execute(same).first() is not None


def _reread(session: Session, customer: Customer) -> CustomerRow:
    session.flush()  # the answer is read back
    row = one(session, CustomerRow, select(_c.id, *columns_of(Customer, *SEEN)).where(_c.id == customer.id))
    if row is None:
        raise Invalid("The customer vanished while being written.")
    return row
