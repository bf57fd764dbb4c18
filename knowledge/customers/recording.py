"""Recording customers and changing what is said of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import sorting
from knowledge.customers.customer import SEEN, Customer, CustomerRow, Reference, StageTransition, find, is_below, key_of
from knowledge.database import columns_of, one, table_of
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.people import Act, FunctionalGroup, Viewer, require
from knowledge.words import CustomerKind, CustomerRelation, CustomerStatus, Stage, StageSource, TransitionCause

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


@dataclass(frozen=True, slots=True)
class New:
    """A customer to be: what is said of them, the keys of what they belong to by column, and whether they are of the sample."""

    changes: Changes
    keys: Mapping[str, int | None] = field(default_factory=dict)
    sample: bool = False


_POINTED = ("parent", "group")
_SAID = (
    *("name", "kind", "relation", "stage", "email", "joined_on", "source", "external_id"),
    *("need_confirmed", "ability_confirmed"),
)
_FIRST = {"from_stage": None, "passing": False, "reason": None, "evidence": None, "review_on": None}
_AS_IT_COMES = {
    **dict.fromkeys(
        ("parent_id", "group_id", "email", "joined_on", "source", "external_id", "need_confirmed", "ability_confirmed")
    ),
    "kind": CustomerKind.ORGANISATION,
    "relation": CustomerRelation.EXTERNAL,
    "stage": Stage.SUSPECT,
    "stage_source": StageSource.MANUAL,
    "status": CustomerStatus.ACTIVE,
    "version": 1,
}
"""What a customer has of whom nothing else is said."""


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
    keys = {
        "parent_id": pointed(session, "parent", changes.get("parent")),
        "group_id": pointed(session, "group", changes.get("group")),
    }
    return _reread(session, write_each(session, viewer, [New(changes, keys, sample)], cause=cause)[0])


def write_each(session: Session, viewer: Viewer, customers: Sequence[New], *, cause: TransitionCause) -> list[int]:
    """New customers with whom nothing is wrong; their keys in that order. Costs as many statements for hundreds as for one."""
    if not customers:
        return []
    now, connection = clock.now(), session.connection()
    rows = [_row(each, clock.uid(), now) for each in customers]
    uids = [row["uid"] for row in rows]
    connection.execute(insert(table_of(Customer)), rows)
    found = {row.uid: row.id for row in connection.execute(select(_c.uid, _c.id).where(_c.uid.in_(uids)))}
    moves = [{**_FIRST, "customer_id": found[row["uid"]], "to_stage": row["stage"], "at": now} for row in rows]
    connection.execute(
        insert(table_of(StageTransition)), [{**each, "cause": cause, "actor_id": viewer.id} for each in moves]
    )
    activity.record_each(session, viewer.id, "customer.created", "Customer", [(uid, 0, {}) for uid in uids])
    sorting.later(session)
    return [found[uid] for uid in uids]


def _row(new: New, uid: UUID, now: datetime) -> dict[str, Any]:
    said = {name: plain(name, value) for name, value in new.changes.items() if name in _SAID}
    return {**_AS_IT_COMES, **said, **new.keys, "uid": uid, "sample": new.sample, "created_at": now, "updated_at": now}


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
    return _reread(session, row.id)


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
    for name in _SAID:
        if name in said:
            setattr(customer, name, plain(name, said[name]))
    for name in _POINTED:
        if name in said:
            setattr(customer, f"{name}_id", pointed(session, name, said[name]))


def _faults(session: Session, viewer: Viewer, changes: Changes, row: CustomerRow | None) -> Iterable[Problem]:
    yield from faults(changes, row)
    yield from _misplaced(session, viewer, changes, row)
    source, external_id = _identity(changes, row)
    if source is not None and external_id is not None and _elsewhere(session, source, external_id, row):
        yield Problem("externalId", f"There is a customer {external_id} from {source} already.")


def faults(changes: Changes, row: CustomerRow | None = None) -> Iterable[Problem]:
    """What is wrong with what is said of a customer, whoever else there is."""
    name = changes.get("name", row.name if row else "")
    if not 1 <= len(name.strip()) <= 200:
        yield Problem("name", "A name has 1 to 200 characters.")
    if row is not None and "stage" in changes:
        yield Problem("stage", "A customer is moved on the ladder, with a reason, not rewritten.")
    if (email := changes.get("email")) and (email.count("@") != 1 or len(email) > 254):
        yield Problem("email", "This is not an e-mail address.")
    source, external_id = _identity(changes, row)
    for called, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(called, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")


def _identity(changes: Changes, row: CustomerRow | None) -> tuple[str | None, str | None]:
    return (
        changes.get("source", row.source if row else None),
        changes.get("external_id", row.external_id if row else None),
    )


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


def _reread(session: Session, key: int) -> CustomerRow:
    session.flush()  # the answer is read back
    row = one(session, CustomerRow, select(_c.id, *columns_of(Customer, *SEEN)).where(_c.id == key))
    if row is None:
        raise Invalid("The customer vanished while being written.")
    return row
