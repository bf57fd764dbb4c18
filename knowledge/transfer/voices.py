"""Takes in feedback: matched by the identity of its source, written once, its labels brought up to date, its words never."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from knowledge import clock
from knowledge.customers import Reference
from knowledge.errors import Invalid, NotFound, refuse
from knowledge.feedback import Feedback, FeedbackRow, Said, attributes_of, complaints, receiving, triaging
from knowledge.feedback.complaints import Complained
from knowledge.feedback.receiving import NOBODY, Heard, Speaker
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields
from knowledge.transfer.records import Record, differing, finished, given, keys, known, write
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row
from knowledge.words import (
    Aspect,
    Audience,
    Channel,
    CustomerStatus,
    FeedbackKind,
    FeedbackStatus,
    QualityAttribute,
    Sentiment,
    SentimentSource,
    Severity,
)

GROUPS = {"group": "group_id", "assigned_group": "assigned_group_id"}
PERSONS = {"reporter": "reporter_id", "assignee": "assignee_id"}
STORED = ("sentiment_confirmed", "due_at", "closing_note")
"""What is not said of feedback when it is recorded, and comes of seeing to it."""


def _read(row: Row) -> Record:
    fields = Fields(row.values)
    values = given(
        fields,
        {
            "verbatim": fields.text,
            "channel": lambda name: fields.word(name, Channel),
            "kind": lambda name: fields.word(name, FeedbackKind),
            "severity": lambda name: fields.word(name, Severity),
            "status": lambda name: fields.word(name, FeedbackStatus),
            "language": fields.text,
            "occurred_at": fields.moment,
            "received_at": fields.moment,
            "anonymous": fields.flag,
            "sentiment": lambda name: fields.word(name, Sentiment),
            "sentiment_source": lambda name: fields.word(name, SentimentSource),
            "sentiment_confirmed": fields.flag,
            "aspect": lambda name: fields.word(name, Aspect),
            "audience": lambda name: fields.word(name, Audience),
            "attributes": lambda name: fields.words(name, QualityAttribute),
            "due_at": fields.moment,
            "closing_note": fields.text,
        },
    )
    for name in ("verbatim", "channel"):
        fields.needed(name, values.get(name), "")
    fields.identity("duplicate_of")  # a pass of its own, once all are there
    return finished(
        fields,
        row,
        fields.own_identity(),
        values,
        customer=fields.identity("customer"),
        groups={name: fields.text(name) for name in GROUPS},
        persons={name: fields.email(name) for name in PERSONS},
    )


def _keep(batch: Batch, record: Record) -> Outcome:
    item = batch.known.feedback.get(record.key)
    wanted = {name: value for name, value in record.values.items() if value is not None}
    pointed = keys(batch, record, {"customer_id": "customer"}) | _pointed(batch, record)
    if item is None:
        return _record(batch, record, wanted, pointed)
    if wanted.pop("verbatim").strip() != item.verbatim:
        raise Invalid("What a customer said is never changed.", "verbatim")
    attributes = set(wanted.pop("attributes", attributes_of(item)))
    wanted |= {name: id for name, id in pointed.items() if id is not None or name == "customer_id"}
    changed = differing(item, wanted)
    if not changed and attributes == set(attributes_of(item)):
        return Outcome.UNCHANGED
    if item.anonymous or wanted.get("anonymous"):
        raise Invalid("Anonymous feedback stays as it is.", "anonymous")
    if item.kind is FeedbackKind.COMPLAINT and wanted.get("kind", item.kind) is not FeedbackKind.COMPLAINT:
        raise Invalid("A complaint has a reference, and stays a complaint.", "kind")
    _bring(batch, item, changed, attributes)
    return Outcome.UPDATED


def _bring(
    batch: Batch, item: FeedbackRow, changed: Mapping[str, tuple[Any, Any]], attributes: set[QualityAttribute]
) -> None:
    stored = batch.session.get_one(Feedback, item.id, with_for_update=True)
    triaging.set_attributes(batch.session, item.id, set(attributes_of(item)), attributes)
    write(batch, Feedback, item, "feedback.changed", changed)
    if stored.kind is FeedbackKind.COMPLAINT and item.kind is not FeedbackKind.COMPLAINT:
        complaints.open_cases(batch.session, [Complained(item.id, stored.status, stored.received_at)], batch.viewer.id)


def _pointed(batch: Batch, record: Record) -> dict[str, int | None]:
    """The keys of the groups and colleagues that a row names; whom nobody knows is left out with a warning."""
    found: dict[str, int | None] = {}
    for name, column in (GROUPS | PERSONS).items():
        called = record.groups.get(name) or record.persons.get(name)
        if called is None:
            continue
        among: Mapping[str, Any] = batch.known.groups if name in GROUPS else batch.known.persons
        if called in among:
            found[column] = among[called].id
        else:
            who = "group called" if name in GROUPS else "body with the address"
            batch.warn(record.row, name, f"There is no{' ' if name in GROUPS else ''}{who} {called}; it was left out.")
    return found


def _record(batch: Batch, record: Record, wanted: dict[str, Any], pointed: Mapping[str, int | None]) -> Outcome:
    """See that nothing is wrong with new words; they are written at the end of the batch, all at once."""
    received_at, status = wanted.pop("received_at", None), wanted.pop("status", FeedbackStatus.NEW)
    stored = {name: wanted.pop(name) for name in STORED if name in wanted}
    wanted["anonymous"] = wanted.get("anonymous") or False
    said = Said(**wanted)  # type: ignore[typeddict-item]
    said["source"], said["external_id"] = record.key.source, record.key.external_id
    customer = batch.known.customers[record.customer] if pointed.get("customer_id") and record.customer else None
    if customer is not None:
        said["customer"] = Reference(uid=customer.uid)
        if customer.status is not CustomerStatus.ACTIVE:
            raise Invalid("There is no such customer.", "customer")
    refuse([*receiving.faults(said), *receiving.key_faults(said)])
    stored |= {column: pointed.get(column) for column in ("assignee_id", "assigned_group_id")}
    received_at = received_at or said.get("occurred_at")
    if received_at is not None and received_at > clock.now() + timedelta(days=1):
        raise Invalid("This lies in the future.", "received_at")
    batch.new.append(Heard(said, _speaker(batch, said, pointed), record.sample, received_at, status, stored))
    return Outcome.CREATED


def _speaker(batch: Batch, said: Said, pointed: Mapping[str, int | None]) -> Speaker:
    if said.get("anonymous"):
        return NOBODY
    viewer = batch.viewer
    reporter, group = pointed.get("reporter_id", viewer.id), pointed.get("group_id", viewer.group_id)
    return Speaker(pointed.get("customer_id"), reporter, group, viewer.id)


def _write_new(batch: Batch) -> None:
    receiving.keep_each(batch.session, batch.new)


def _read_joined(row: Row) -> Record:
    fields = Fields(row.values)
    return Record(row, fields.own_identity(), {}, joined=fields.identity("duplicate_of"))


def _join(batch: Batch, record: Record) -> None:
    """Join what is a duplicate to what it repeats, once both are there."""
    item, kept = batch.known.feedback.get(record.key), batch.known.feedback.get(record.joined)
    if item is None:
        return
    if kept is None:
        raise NotFound("There is no such feedback.", "duplicate_of")
    if item.duplicate_of_id != kept.id:
        write(batch, Feedback, item, "feedback.merged", {"duplicate_of_id": (item.duplicate_of_id, kept.id)})


FEEDBACK = Handler("feedback", _read, known, _keep, finish=_write_new, alike=lambda record: record.key)
JOINED = Handler(
    "feedback",
    _read_joined,
    known,
    _join,
    lambda row: row.values.get("duplicate_of") is not None,
    counts=False,
    alike=lambda record: record.key,
)
