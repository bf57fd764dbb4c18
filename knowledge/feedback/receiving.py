"""What customers say is written down: once, word for word, with a reference where it is a complaint."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select
from sqlmodel import Session

from knowledge import activity, clock, customers
from knowledge.customers import CustomerRow, Reference
from knowledge.database import Page, columns_of, one, table_of
from knowledge.errors import Problem, refuse
from knowledge.feedback import alarms, complaints, dues
from knowledge.feedback.complaints import Complained
from knowledge.feedback.items import OPEN, Feedback, FeedbackAttribute, FeedbackRow
from knowledge.people import Act, Viewer, require
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

LONGEST = 20_000
READERS = (Audience.EMPLOYEES, Audience.CUSTOMERS, Audience.PUBLIC)
"""Whom words may be shown to: never one group alone, which would keep the others from hearing them [W1]."""

_f = table_of(Feedback).c
_WRITTEN = insert(table_of(Feedback))  # read once: naming the columns of a statement takes longer than the statement
_KEPT = select(*columns_of(Feedback)).where(_f.id == bindparam("key"))
_KEYS = select(_f.uid, _f.id).where(_f.uid.in_(bindparam("uids", expanding=True)))


class Said(TypedDict, total=False):
    """What is recorded; only the verbatim and the channel are needed."""

    verbatim: str
    channel: Channel
    kind: FeedbackKind | None
    severity: Severity | None
    language: str | None
    customer: Reference | None
    customer_name: str | None
    anonymous: bool
    occurred_at: datetime | None
    source: str | None
    external_id: str | None
    sentiment: Sentiment | None
    sentiment_source: SentimentSource | None
    aspect: Aspect | None
    audience: Audience | None
    attributes: Sequence[QualityAttribute]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said something and who wrote it down; of what is anonymous neither [F2]."""

    customer_id: int | None = None
    reporter_id: int | None = None
    group_id: int | None = None
    actor_id: int | None = None


NOBODY = Speaker()


@dataclass(frozen=True, slots=True)
class Heard:
    """Words with all that is written beside them; `stored` is what came of them where they were before, by column."""

    said: Said
    speaker: Speaker
    sample: bool = False
    received_at: datetime | None = None
    status: FeedbackStatus = FeedbackStatus.NEW
    stored: Mapping[str, Any] = field(default_factory=dict)
    received: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "received", self.received_at or clock.now())


_SAID = ("language", "kind", "severity", "occurred_at", "source", "external_id", "sentiment", "aspect", "audience")
_AS_IT_COMES = {
    "sentiment_confirmed": False,
    "assignee_id": None,
    "assigned_group_id": None,
    "closing_note": None,
    "version": 1,
}


def record(
    session: Session,
    viewer: Viewer,
    said: Said,
    *,
    sample: bool = False,
    received_at: datetime | None = None,
    status: FeedbackStatus = FeedbackStatus.NEW,
) -> FeedbackRow:
    """Write down what a customer said. Refuses NOT_ALLOWED, and INVALID with everything that is wrong.

    With `anonymous` neither customer nor reporter is kept. A `customer_name` that fits exactly one customer is that customer.
    """
    require(viewer, Act.FEEDBACK_WRITE, doing="record feedback")
    customer, problems = _speaker(session, viewer, said)
    refuse([*faults(said), *key_faults(said), *_twice(session, said), *problems])
    if said.get("anonymous"):
        return keep(session, said, NOBODY, sample=sample, received_at=received_at, status=status)
    speaker = Speaker(customer.id if customer else None, viewer.id, viewer.group_id, viewer.id)
    return keep(session, said, speaker, sample=sample, received_at=received_at, status=status)


def keep(
    session: Session,
    said: Said,
    speaker: Speaker,
    *,
    sample: bool = False,
    received_at: datetime | None = None,
    status: FeedbackStatus = FeedbackStatus.NEW,
) -> FeedbackRow:
    """Write what nothing is wrong with: the words, what is due, a case for a complaint [F3], and an alarm where it has to be [F5]."""
    kept = keep_each(session, [Heard(said, speaker, sample, received_at, status)])
    row = one(session, FeedbackRow, _KEPT, key=kept[0])
    assert row is not None
    return row


def keep_each(session: Session, items: Sequence[Heard]) -> list[int]:
    """The same of many, with their keys in that order. Costs as many statements for hundreds as for two."""
    if not items:
        return []
    uids = [clock.uid() for _ in items]
    rows = [_row(session, uid, each) for uid, each in zip(uids, items, strict=True)]
    keys = _inserted(session.connection(), uids, rows)
    labels = [
        {"feedback_id": key, "attribute": attribute}
        for key, each in zip(keys, items, strict=True)
        for attribute in set(each.said.get("attributes") or ())
    ]
    if labels:
        session.connection().execute(insert(table_of(FeedbackAttribute)), labels)
    _note(session, uids, keys, items)
    return keys


def _inserted(connection: Connection, uids: Sequence[UUID], rows: Sequence[Mapping[str, object]]) -> list[int]:
    if len(rows) == 1:
        key = connection.execute(_WRITTEN, rows[0]).inserted_primary_key
        assert key is not None
        return [key.id]
    connection.execute(_WRITTEN, rows)
    found = {row.uid: row.id for row in connection.execute(_KEYS, {"uids": uids})}
    return [found[uid] for uid in uids]


def _note(session: Session, uids: Sequence[UUID], keys: Sequence[int], items: Sequence[Heard]) -> None:
    """The acts, the cases and the alarms; of what is anonymous without a request that leads back to anybody [F2]."""
    told = list(zip(uids, keys, items, strict=True))
    for actor, unnamed in dict.fromkeys((each.speaker.actor_id, each.said.get("anonymous", False)) for each in items):
        mine = [(uid, key, each) for uid, key, each in told if each.speaker.actor_id == actor]
        mine = [each for each in mine if each[2].said.get("anonymous", False) == unnamed]
        with activity.untraced() if unnamed else nullcontext():
            _note_by(session, actor, mine)


def _note_by(session: Session, actor: int | None, mine: Sequence[tuple[UUID, int, Heard]]) -> None:
    subjects: list[activity.Subject] = [(uid, 0, {}) for uid, _, _ in mine]
    heard = {
        uid for uid, _, each in mine if each.speaker.group_id is not None
    }  # people listen to groups, and to nobody else
    activity.record_each(session, actor, "feedback.recorded", "Feedback", subjects, concerning=heard)
    complaints.open_cases(
        session,
        [
            Complained(key, each.status, each.received)
            for _, key, each in mine
            if each.said.get("kind") is FeedbackKind.COMPLAINT
        ],
        actor,
    )
    for uid, _, each in mine:
        if alarms.is_alarming(each.said.get("kind"), set(each.said.get("attributes") or ())):
            alarms.raise_alarm(session, uid, each.status, actor)


def _row(session: Session, uid: UUID, each: Heard) -> Mapping[str, object]:
    said, kind = each.said, each.said.get("kind")
    due = dues.due_at(session, kind, each.received) if each.status in OPEN else None
    return {
        **_AS_IT_COMES,
        **{name: said.get(name) for name in _SAID},
        "uid": uid,
        "verbatim": said["verbatim"].strip(),
        "channel": said["channel"],
        "status": each.status,
        "anonymous": said.get("anonymous", False),
        "customer_id": each.speaker.customer_id,
        "reporter_id": each.speaker.reporter_id,
        "group_id": each.speaker.group_id,
        "received_at": each.received,
        "sample": each.sample,
        "sentiment_source": _source_of(said),
        "due_at": due,
        **each.stored,
    }


def _source_of(said: Said) -> SentimentSource | None:
    if said.get("sentiment") is None:
        return None
    return said.get("sentiment_source") or SentimentSource.HUMAN


def faults(said: Said) -> Iterable[Problem]:
    """What is wrong with words and their labels, whoever brings them."""
    if not said["verbatim"].strip():
        yield Problem("verbatim", "Write down what the customer said, in their words.")
    elif len(said["verbatim"]) > LONGEST:
        yield Problem("verbatim", f"This has at most {LONGEST} characters.")
    if (language := said.get("language")) is not None and not 2 <= len(language) <= 12:
        yield Problem("language", "Name the language by its code, such as en or de.")
    occurred = said.get("occurred_at")
    if occurred is not None and occurred > clock.now() + timedelta(days=1):
        yield Problem("occurredAt", "This lies in the future.")
    if said.get("anonymous") and (said.get("customer") or said.get("customer_name")):
        yield Problem("customer", "Anonymous feedback names no customer.")
    yield from label_faults(said)


def label_faults(said: Said) -> Iterable[Problem]:
    """What is wrong with how words are labelled."""
    if said.get("sentiment_source") is not None and said.get("sentiment") is None:
        yield Problem("sentimentSource", "Say how the customer feels, too.")
    if said.get("audience") not in (None, *READERS):
        yield Problem("audience", "What customers say is for everyone inside, and never for one group alone.")


def key_faults(said: Said) -> Iterable[Problem]:
    """What is wrong with how another system names words."""
    source, external_id = said.get("source"), said.get("external_id")
    for called, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(called, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")


def _twice(session: Session, said: Said) -> Iterable[Problem]:
    source, external_id = said.get("source"), said.get("external_id")
    if source is not None and external_id is not None and known(session, source, external_id) is not None:
        yield Problem("externalId", f"Feedback {external_id} from {source} is recorded already.")


def known(session: Session, source: str, external_id: str) -> UUID | None:
    """The item that a system knows by this identifier."""
    same = select(_f.uid).where(_f.source == source, _f.external_id == external_id)
    return session.connection().execute(same).scalar()


def _speaker(session: Session, viewer: Viewer, said: Said) -> tuple[CustomerRow | None, list[Problem]]:
    reference, name = said.get("customer"), " ".join((said.get("customer_name") or "").split())
    if reference is not None:
        customer = customers.find(session, viewer, reference)
        return customer, [] if customer else [Problem("customer", "There is no such customer.")]
    if not name:
        return None, []
    found = customers.listing(session, viewer, Page(first=5), filter=customers.Filter(name=name)).rows
    exact = [row for row in found if row.name.lower() == name.lower()] or found
    if len(exact) == 1:
        return exact[0], []
    if not exact:
        return None, [
            Problem(
                "customerName",
                f"There is no customer called {name}. Leave this empty: what they said counts all the same.",
            )
        ]
    names = ", ".join(row.name for row in exact)
    return None, [Problem("customerName", f"Several customers fit {name}: {names}.")]
