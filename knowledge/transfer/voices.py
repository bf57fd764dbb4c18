"""Takes in feedback: matched by the identity of its source, written once, its labels brought up to date, its words never."""

from collections.abc import Mapping
from typing import Any

from knowledge import feedback
from knowledge.customers import Reference
from knowledge.errors import Invalid, NotFound
from knowledge.feedback import Feedback, FeedbackRow, Said, attributes_of, complaints, triaging
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields
from knowledge.transfer.records import Record, differing, finished, given, keys, known, write
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row
from knowledge.words import (
    Aspect,
    Audience,
    Channel,
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
        complaints.open_case(batch.session, stored, batch.viewer.id)


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
    received_at, status = wanted.pop("received_at", None), wanted.pop("status", FeedbackStatus.NEW)
    stored = {name: wanted.pop(name) for name in STORED if name in wanted}
    wanted["anonymous"] = wanted.get("anonymous") or False
    said = Said(**wanted)  # type: ignore[typeddict-item]
    said["source"], said["external_id"] = record.key.source, record.key.external_id
    if pointed.get("customer_id") is not None and record.customer is not None:
        said["customer"] = Reference(uid=batch.known.customers[record.customer].uid)
    received_at = received_at or wanted.get("occurred_at")
    row = feedback.record(
        batch.session, batch.viewer, said, sample=record.sample, received_at=received_at, status=status
    )
    item = batch.session.get_one(Feedback, row.id)
    if not item.anonymous:
        item.reporter_id = pointed.get("reporter_id", batch.viewer.id)
        item.group_id = pointed.get("group_id", item.group_id)
    item.assignee_id, item.assigned_group_id = pointed.get("assignee_id"), pointed.get("assigned_group_id")
    for name, value in stored.items():
        setattr(item, name, value)
    return Outcome.CREATED


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


FEEDBACK = Handler("feedback", _read, known, _keep, alike=lambda record: record.key)
JOINED = Handler(
    "feedback",
    _read_joined,
    known,
    _join,
    lambda row: row.values.get("duplicate_of") is not None,
    counts=False,
    alike=lambda record: record.key,
)
