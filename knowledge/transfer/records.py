"""Takes in groups, customers, people and feedback: matched by name, identity or address, written where they differ."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, customers, people
from knowledge.customers import Customer, CustomerRow, Reference, recording
from knowledge.customers.recording import New
from knowledge.database import table_of
from knowledge.errors import Invalid, refuse
from knowledge.feedback import FeedbackRow
from knowledge.people import FunctionalGroup, GroupRow, Person, PersonRow, handles
from knowledge.privacy import erasing
from knowledge.transfer import lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields, Identity
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row
from knowledge.words import (
    CustomerKind,
    CustomerRelation,
    CustomerStatus,
    GroupKind,
    Role,
    Stage,
    TransitionCause,
)


@dataclass(frozen=True)
class Record:
    """A row read: what it is matched by, what it says, and what it refers to. Omitted fields are not in `values`."""

    row: Row
    key: Any
    values: Mapping[str, Any]
    group: str | None = None
    customer: Identity | None = None
    person: str | None = None
    sample: bool = False
    unknown: Sequence[Any] = ()
    groups: Mapping[str, str | None] = field(default_factory=dict)
    persons: Mapping[str, str | None] = field(default_factory=dict)
    joined: Identity | None = None


@dataclass(frozen=True)
class Known:
    """What the rows of one batch are or refer to."""

    groups: Mapping[str, GroupRow]
    customers: Mapping[Identity, CustomerRow]
    persons: Mapping[str, PersonRow]
    feedback: Mapping[Identity, FeedbackRow]


def known(session: Session, records: Sequence[Record]) -> Known:
    """Read at most four statements' worth of what these records name."""
    by_type: Mapping[str, set[Any]] = {each: set() for each in ("group", "customer", "person", "feedback")}
    for record in records:
        by_type[record.row.type].add(record.key)
    return Known(
        lookups.groups(
            session, by_type["group"] | {name for each in records for name in (each.group, *each.groups.values())}
        ),
        lookups.customers(session, by_type["customer"] | {record.customer for record in records}),
        lookups.persons(
            session, by_type["person"] | {name for each in records for name in (each.person, *each.persons.values())}
        ),
        lookups.feedback(session, by_type["feedback"] | {record.joined for record in records}),
    )


def given(fields: Fields, readers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a row says, by the readers of its fields."""
    return {name: reader(name) for name, reader in readers.items() if name in fields}


def finished(fields: Fields, row: Row, key: Any, values: Mapping[str, Any], **references: Any) -> Record:
    """The record of a row, with all that is wrong with it said at once."""
    sample = fields.flag("sample") or False
    fields.finish()
    return Record(row, key, values, **references, sample=sample, unknown=fields.unknown)


def _read_group(row: Row) -> Record:
    fields = Fields(row.values)
    name = " ".join(fields.needed("name", fields.text("name"), "").split())
    if not 1 <= len(name) <= 120:
        fields.wrong("name", "A name has 1 to 120 characters.")
    return finished(fields, row, name, {"kind": fields.word("kind", GroupKind) or GroupKind.OTHER})


def _keep_group(batch: Batch, record: Record) -> Outcome:
    group = batch.known.groups.get(record.key)
    kind = record.values["kind"]
    if group is None:
        people.add_group(batch.session, batch.viewer, record.key, kind, sample=record.sample)
        return Outcome.CREATED
    if group.kind is kind or "kind" not in record.row.values:
        return Outcome.UNCHANGED
    stored = batch.session.get_one(FunctionalGroup, group.id)
    before, stored.kind = stored.kind, kind
    moved = {"kind": (before, kind)}
    activity.record(batch.session, batch.viewer.id, "group.changed", "FunctionalGroup", group.uid, moved=moved)
    return Outcome.UPDATED


def _read_person(row: Row) -> Record:
    fields = Fields(row.values)
    email = fields.needed("email", fields.email("email"), "")
    values = given(
        fields,
        {
            "name": fields.text,
            "handle": fields.text,
            "role": lambda name: fields.word(name, Role),
            "disabled_at": fields.moment,
        },
    )
    return finished(fields, row, email, values, group=fields.text("group"), customer=fields.identity("customer"))


def _keep_person(batch: Batch, record: Record) -> Outcome:
    person = batch.known.persons.get(record.key)
    wanted = {name: value for name, value in record.values.items() if value is not None or name == "disabled_at"}
    wanted |= keys(batch, record, {"group_id": "group", "customer_id": "customer"})
    _leave_taken(batch, record, wanted)
    if person is None:
        added = people.add(
            batch.session,
            batch.viewer,
            record.key,
            wanted.get("name") or record.key.partition("@")[0],
            wanted.get("role") or Role.EMPLOYEE,
            group_id=wanted.get("group_id"),
            customer_id=wanted.get("customer_id"),
            sample=record.sample,
        )
        added.disabled_at = wanted.get("disabled_at")
        added.handle = wanted.get("handle") or added.handle
        return Outcome.CREATED
    if moved := differing(person, wanted):
        _check_person(wanted)
        write(batch, Person, person, "person.changed", moved)
        return Outcome.UPDATED
    return Outcome.UNCHANGED


def _leave_taken(batch: Batch, record: Record, wanted: dict[str, Any]) -> None:
    """A handle that is none, or that somebody else has by now, is left out with a warning."""
    handle, table = wanted.get("handle"), table_of(Person).c
    if handle is None:
        return
    has = select(table.id).where(table.handle == handle, table.email != record.key)
    if not re.fullmatch(handles.PATTERN, handle) or len(handle) > 60 or batch.session.connection().execute(has).first():
        del wanted["handle"]
        batch.warn(record.row, "handle", f"{handle} is no handle, or somebody else's; it was left out.")


def _check_person(wanted: Mapping[str, Any]) -> None:
    if not 1 <= len(wanted.get("name", "x").strip()) <= 120:
        raise Invalid("A name has 1 to 120 characters.", "name")


def keys(batch: Batch, record: Record, columns: Mapping[str, str]) -> dict[str, int | None]:
    """The keys of what a record refers to, for the references that it gives; refuses what is not there."""
    found: dict[str, int | None] = {}
    for column, name in columns.items():
        if name not in record.row.values:
            continue
        reference = getattr(record, name)
        among: Mapping[Any, Any] = batch.known.groups if name == "group" else batch.known.customers
        if reference is not None and reference not in among:
            raise Invalid(f"There is no such {name}.", name)
        found[column] = among[reference].id if reference is not None else None
    return found


def differing(row: Any, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What a row is to become, where it is something else."""
    return {name: (getattr(row, name), value) for name, value in wanted.items() if getattr(row, name) != value}


def write(batch: Batch, table: type[Any], row: Any, verb: str, moved: Mapping[str, tuple[Any, Any]]) -> None:
    """Write what differs, and record that somebody did."""
    stored = batch.session.get_one(table, row.id, with_for_update=True)
    for name, (_, value) in moved.items():
        setattr(stored, name, value)
    if table is Person:
        stored.version += 1
        stored.updated_at = clock.now()
    activity.record(batch.session, batch.viewer.id, verb, table.__name__, row.uid, moved=moved)


def _read_customer(row: Row) -> Record:
    fields = Fields(row.values)
    values = given(
        fields,
        {
            "name": fields.text,
            "kind": lambda name: fields.word(name, CustomerKind),
            "relation": lambda name: fields.word(name, CustomerRelation),
            "stage": lambda name: fields.word(name, Stage),
            "email": fields.email,
            "joined_on": fields.day,
            "need_confirmed": fields.flag,
            "ability_confirmed": fields.flag,
        },
    )
    fields.identity("parent")
    fields.word("status", CustomerStatus)
    return finished(fields, row, fields.own_identity(), values, group=fields.text("group"))


def _keep_customer(batch: Batch, record: Record) -> Outcome:
    customer = batch.known.customers.get(record.key)
    nullable = ("email", "joined_on", "need_confirmed", "ability_confirmed")
    changes: Any = {name: value for name, value in record.values.items() if value is not None or name in nullable}
    groups = keys(batch, record, {"group_id": "group"})
    if customer is None:
        changes |= {"source": record.key.source, "external_id": record.key.external_id}
        refuse(recording.faults(changes))
        batch.new.append(New(changes, groups, record.sample))
        return Outcome.CREATED
    if lookups.identity_of(customer) != record.key:
        batch.warn(record.row, "external_id", f"This customer was merged into {customer.name} and is left as it was.")
        return Outcome.UNCHANGED
    if customer.status is not CustomerStatus.ACTIVE:
        if record.row.values.get("status") != customer.status.lower():
            batch.warn(
                record.row, "external_id", "What is kept of this customer was restricted or erased, and stays so."
            )
        return Outcome.UNCHANGED
    if record.row.values.get("status") == CustomerStatus.ERASED.lower():
        return _erase(batch, customer)
    if (stage := changes.pop("stage", customer.stage)) is not customer.stage:
        message = (
            f"{customer.name} stands at {customer.stage.lower()}; customers are moved with a reason, not by an import."
        )
        batch.warn(record.row, "stage", f"{message} {stage.lower()} was left out.")
    if not differing(customer, changes | groups):
        return Outcome.UNCHANGED
    if groups:
        changes["group"] = batch.known.groups[record.group].uid if record.group else None
    customers.update(batch.session, batch.viewer, Reference(uid=customer.uid), changes)
    return Outcome.UPDATED


def _erase(batch: Batch, customer: CustomerRow) -> Outcome:
    """Who was erased where the lines were written and is known here as before is forgotten here as well [G3]."""
    erasing.erase(batch.session, batch.viewer, customer)
    stored = batch.session.get_one(Customer, customer.id, populate_existing=True)
    known = lookups.identity_of(customer)  # read again they are known for who was erased
    stored.source, stored.external_id = known.source, known.external_id
    return Outcome.UPDATED


def _write_customers(batch: Batch) -> None:
    recording.write_each(batch.session, batch.viewer, batch.new, cause=TransitionCause.IMPORT)


def _read_parent(row: Row) -> Record:
    fields = Fields(row.values)
    return Record(row, fields.own_identity(), {}, customer=fields.identity("parent"))


def _keep_parent(batch: Batch, record: Record) -> None:
    customer = batch.known.customers.get(record.key)
    parent = batch.known.customers.get(record.customer)
    if customer is None or lookups.identity_of(customer) != record.key:
        return
    if parent is None:
        raise Invalid("There is no such customer.", "parent")
    if customer.parent_id != parent.id:
        customers.update(batch.session, batch.viewer, Reference(uid=customer.uid), {"parent": parent.uid})


def _read_standing(row: Row) -> Record:
    fields = Fields(row.values)
    return Record(row, fields.own_identity(), {"status": fields.word("status", CustomerStatus)})


def _keep_standing(batch: Batch, record: Record) -> None:
    """Who was restricted or erased where the lines were written is so here, once all that is theirs has been read."""
    customer = batch.known.customers.get(record.key)
    wanted = record.values["status"]
    if customer is not None and customer.status is CustomerStatus.ACTIVE and wanted in HIDDEN:
        batch.session.get_one(Customer, customer.id).status = wanted
        verb = "customer.restricted" if wanted is CustomerStatus.RESTRICTED else "customer.erased"
        activity.record(batch.session, batch.viewer.id, verb, "Customer", customer.uid, deleted=True)


GROUPS = Handler("group", _read_group, known, _keep_group, alike=lambda record: record.key)
CUSTOMERS = Handler(
    "customer", _read_customer, known, _keep_customer, finish=_write_customers, alike=lambda record: record.key
)
PARENTS = Handler(
    "customer", _read_parent, known, _keep_parent, lambda row: row.values.get("parent") is not None, counts=False
)
HIDDEN = (CustomerStatus.RESTRICTED, CustomerStatus.ERASED)
STANDINGS = Handler(
    "customer", _read_standing, known, _keep_standing, lambda row: row.values.get("status") is not None, counts=False
)
PEOPLE = Handler("person", _read_person, known, _keep_person, alike=lambda record: record.key)
