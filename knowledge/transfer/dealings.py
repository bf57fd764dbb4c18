"""Takes in what the ladder is climbed by: offerings, what customers can use of them, transactions and advocacy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import CustomerRow, Reference
from knowledge.errors import Invalid, refuse
from knowledge.ladder import offerings, settling, telling, transactions
from knowledge.ladder.advocacies import Advocacy, AdvocacyRow
from knowledge.ladder.offerings import OfferingReference, OfferingRow
from knowledge.ladder.transactions import Told, TransactionRow
from knowledge.people import OPERATOR, PersonRow
from knowledge.transfer import lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields, Identity
from knowledge.transfer.lines import CUSTOMER
from knowledge.transfer.registry import APPLICABILITIES, MEANT
from knowledge.transfer.report import Outcome
from knowledge.transfer.restoring import Restored, restored
from knowledge.transfer.sources import Row
from knowledge.words import AdvocacyKind, OfferingKind, OfferingScope, TransactionKind


@dataclass(frozen=True)
class Dealing:
    """A row read: what it is matched by, what it says, and what it refers to."""

    row: Row
    key: Identity
    values: Mapping[str, Any]
    customer: Identity | None = None
    offering: Identity | str | None = None
    person: str | None = None
    sample: bool = False
    unknown: Sequence[Any] = ()


@dataclass(frozen=True)
class Known:
    """What the rows of one batch are or refer to."""

    customers: Mapping[Identity, CustomerRow]
    offerings: Mapping[Identity | str, OfferingRow]
    persons: Mapping[str, PersonRow]
    transactions: Mapping[Identity, TransactionRow]
    advocacies: Mapping[Identity, AdvocacyRow]


def _known(session: Session, rows: Sequence[Dealing]) -> Known:
    """Read in at most six statements what these rows name; an offering by its identity, or by the name that only one has."""
    keys: dict[str, set[Identity | None]] = {each: set() for each in ("offering", "transaction", "advocacy")}
    for row in rows:
        keys[row.row.type].add(row.key)
    names = {(row.key.source, row.offering) for row in rows if isinstance(row.offering, str)}
    keys["offering"] |= {row.offering for row in rows if isinstance(row.offering, Identity)}
    keys["offering"] |= {Identity(source, name) for source, name in names}
    named = offerings.referred(session, OPERATOR, (OfferingReference(name=name) for _, name in names))
    found: dict[Identity | str, OfferingRow] = dict(lookups.offerings(session, keys["offering"]).items())
    found |= {str(each.name): row for each, row in named.items()}
    return Known(
        lookups.customers(session, (row.customer for row in rows)),
        found,
        lookups.persons(session, (row.person for row in rows)),
        lookups.transactions(session, keys["transaction"]),
        lookups.advocacies(session, keys["advocacy"]),
    )


def _read_offering(row: Row) -> Dealing:
    fields = Fields(row.values)
    readers: Mapping[str, Any] = {
        "name": fields.text,
        "kind": lambda name: fields.word(name, OfferingKind),
        "scope": lambda name: fields.word(name, OfferingScope),
        "dormant_after": fields.number,
    }
    values = {name: reader(name) for name, reader in readers.items() if name in fields}
    values["name"] = fields.needed("name", values.get("name"), "")
    return _finished(fields, row, values)


def _finished(fields: Fields, row: Row, values: Mapping[str, Any], **references: Any) -> Dealing:
    key, sample = fields.own_identity(), fields.flag("sample") or False
    fields.finish()
    return Dealing(row, key, values, **references, sample=sample, unknown=fields.unknown)


def _keep_offering(batch: Batch, record: Dealing) -> Outcome:
    there = batch.known.offerings.get(record.key)
    changes: Any = {
        name: value for name, value in record.values.items() if value is not None or name == "dormant_after"
    }
    if there is None:
        changes |= {"source": record.key.source, "external_id": record.key.external_id}
        offerings.create(batch.session, batch.viewer, changes, sample=record.sample)
        return Outcome.CREATED
    if all(getattr(there, name) == value for name, value in changes.items()):
        return Outcome.UNCHANGED
    offerings.update_offering(batch.session, batch.viewer, OfferingReference(uid=there.uid), changes)
    return Outcome.UPDATED


def _read_transaction(row: Row) -> Dealing:
    fields = Fields(row.values)
    values: dict[str, Any] = {"kind": fields.word("kind", TransactionKind) or TransactionKind.PURCHASE}
    values |= {"occurred_at": fields.needed("occurred_at", fields.moment("occurred_at"), clock.now())}
    customer = fields.needed("customer", fields.identity("customer"), Identity("", ""))
    by_name = isinstance(row.values.get("offering"), str)
    offering = fields.text("offering") if by_name else fields.identity("offering")
    return _finished(fields, row, values, customer=customer, offering=offering)


def _keep_transaction(batch: Batch, record: Dealing) -> Outcome:
    """Compare a transaction with what is there; what is to be written is written at the end of the batch, all at once."""
    customer = _customer(batch, record)
    offering = _offering(batch, record)
    there: TransactionRow | None = batch.known.transactions.get(record.key)
    values = {"customer_id": customer.id, "offering_id": offering.id if offering else None, **record.values}
    if there is not None and all(getattr(there, name) == value for name, value in values.items()):
        return Outcome.UNCHANGED
    told = Told(
        Reference(uid=customer.uid),
        record.values["kind"],
        record.values["occurred_at"],
        OfferingReference(uid=offering.uid) if offering else None,
        record.key.source if there is None else None,
        record.key.external_id if there is None else None,
        there.uid if there is not None else None,
    )
    refuse(transactions.faults(told))
    batch.new.append(told)
    return Outcome.CREATED if there is None else Outcome.UPDATED


def _customer(batch: Batch, record: Dealing) -> CustomerRow:
    customer: CustomerRow | None = batch.known.customers.get(record.customer)
    if customer is None:
        raise Invalid("There is no such customer.", "customer")
    return customer


def _offering(batch: Batch, record: Dealing) -> OfferingRow | None:
    wanted, known = record.offering, batch.known.offerings
    found = known.get(wanted)
    if found is None and isinstance(wanted, str):
        found = known.get(Identity(record.key.source, wanted))
    if found is None and wanted is not None:
        raise Invalid("There is no such offering.", "offering")
    return found if isinstance(found, OfferingRow) else None


def _write_transactions(batch: Batch) -> None:
    telling.dealings(batch.session, batch.viewer, batch.new)


def _read_advocacy(row: Row) -> Dealing:
    fields = Fields(row.values)
    values: dict[str, Any] = {
        "kind": fields.needed("kind", fields.word("kind", AdvocacyKind), AdvocacyKind.REFERRAL),
        "occurred_at": fields.needed("occurred_at", fields.moment("occurred_at"), clock.now()),
    }
    if "note" in fields:
        values["note"] = fields.text("note") or ""
    customer = fields.needed("customer", fields.identity("customer"), Identity("", ""))
    return _finished(fields, row, values, customer=customer, person=fields.email("reporter"))


def _keep_advocacy(batch: Batch, record: Dealing) -> Outcome:
    customer = _customer(batch, record)
    there: AdvocacyRow | None = batch.known.advocacies.get(record.key)
    reporter = batch.known.persons.get(record.person or "")
    if record.person and reporter is None:
        batch.warn(record.row, "reporter", f"There is nobody with the address {record.person}; it was left out.")
    wanted = {**record.values, "customer_id": customer.id} | ({"reporter_id": reporter.id} if reporter else {})
    if there is None:
        spoken: Any = {**record.values, "source": record.key.source, "external_id": record.key.external_id}
        made = telling.advocacy(batch.session, batch.viewer, Reference(uid=customer.uid), spoken)
        batch.session.get_one(Advocacy, made.id).reporter_id = reporter.id if reporter else batch.viewer.id
        return Outcome.CREATED
    moved = {name: (getattr(there, name), new) for name, new in wanted.items() if getattr(there, name) != new}
    if not moved:
        return Outcome.UNCHANGED
    stored = batch.session.get_one(Advocacy, there.id, with_for_update=True)
    for name, (_, new) in moved.items():
        setattr(stored, name, new)
    activity.record(batch.session, batch.viewer.id, "advocacy.changed", "Advocacy", there.uid, moved=moved)
    batch.session.flush()  # the facts are read again
    settling.settle(batch.session, [there.customer_id, customer.id])
    return Outcome.UPDATED


_applicable = restored(APPLICABILITIES)


def _keep_applicability(batch: Batch, row: Restored) -> Outcome | None:
    outcome = _applicable.keep(batch, row)
    if outcome is not Outcome.UNCHANGED:
        batch.new.append(batch.known.targets[CUSTOMER][row.keys["customer_id"]])
    return outcome


def _settle(batch: Batch) -> None:
    batch.session.flush()  # the facts are read again
    settling.settle(batch.session, batch.new)


def _key(record: Dealing) -> object:
    return record.key


PASSES: Sequence[Handler] = (
    Handler("offering", _read_offering, _known, _keep_offering, alike=_key),
    replace(_applicable, keep=_keep_applicability, finish=_settle),
    restored(MEANT),
    Handler("transaction", _read_transaction, _known, _keep_transaction, finish=_write_transactions, alike=_key),
    Handler("advocacy", _read_advocacy, _known, _keep_advocacy, alike=_key),
)
"""Offerings come before what refers to them, and what was bought before what was said of it."""
