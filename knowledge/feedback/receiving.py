"""What customers say is written down: once, word for word, with a reference where it is a complaint."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, customers
from knowledge.customers import CustomerRow, Reference
from knowledge.database import Page, table_of
from knowledge.errors import Problem, refuse
from knowledge.feedback import alarms, complaints, dues
from knowledge.feedback.items import OPEN, Feedback, FeedbackAttribute, FeedbackRow, reread
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
    refuse([*faults(said), *_key_faults(session, said), *problems])
    if said.get("anonymous"):
        with activity.untraced():
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
    received, kind = received_at or clock.now(), said.get("kind")
    item = Feedback(
        verbatim=said["verbatim"].strip(),
        language=said.get("language"),
        channel=said["channel"],
        kind=kind,
        severity=said.get("severity"),
        status=status,
        anonymous=said.get("anonymous", False),
        customer_id=speaker.customer_id,
        reporter_id=speaker.reporter_id,
        group_id=speaker.group_id,
        occurred_at=said.get("occurred_at"),
        received_at=received,
        source=said.get("source"),
        external_id=said.get("external_id"),
        sample=sample,
        sentiment=said.get("sentiment"),
        sentiment_source=_source_of(said),
        aspect=said.get("aspect"),
        audience=said.get("audience"),
        due_at=dues.due_at(session, kind, received) if status in OPEN else None,
    )
    session.add(item)
    session.flush()  # its attributes and its case point at its id
    assert item.id is not None
    attributes = set(said.get("attributes") or ())
    session.add_all(FeedbackAttribute(feedback_id=item.id, attribute=each) for each in attributes)
    activity.record(session, speaker.actor_id, "feedback.recorded", "Feedback", item.uid)
    if kind is FeedbackKind.COMPLAINT:
        complaints.open_case(session, item, speaker.actor_id)
    if alarms.is_alarming(kind, attributes):
        alarms.raise_alarm(session, item, speaker.actor_id)
    return reread(session, item)


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


def _key_faults(session: Session, said: Said) -> Iterable[Problem]:
    source, external_id = said.get("source"), said.get("external_id")
    for field, value, most in (("source", source, 80), ("externalId", external_id, 120)):
        if len(value or "") > most:
            yield Problem(field, f"This has at most {most} characters.")
    if (source is None) != (external_id is None):
        yield Problem("externalId", "An identifier and the system it comes from are given together.")
    elif source is not None and external_id is not None and known(session, source, external_id) is not None:
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
