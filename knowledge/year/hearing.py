"""What was said in the year is written down, month by month, with its themes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge import clock, people
from knowledge.database import table_of
from knowledge.feedback import receiving, themes
from knowledge.feedback.items import OPEN
from knowledge.feedback.receiving import NOBODY, Heard, Speaker
from knowledge.feedback.themes import FeedbackTheme
from knowledge.people import OPERATOR, FunctionalGroup
from knowledge.words import CaseStage, Channel, FeedbackKind, Sentiment, SentimentSource, Severity
from knowledge.year.arriving import SOURCE
from knowledge.year.fates import Fate
from knowledge.year.material import UNNAMED, Item

C, K = Channel, FeedbackKind
HEARD_BY = {
    C.PHONE: "ines",
    C.COMPLAINT_SYSTEM: "ines",
    C.FOLLOW_UP: "ines",
    C.CUSTOMER_CONTACT: "jonas",
    C.CONTACT_REPORT: "jonas",
    C.INTERVIEW: "margit",
    C.COUNCIL: "margit",
    C.FOCUS_GROUP: "margit",
}
FELT = {
    K.DISLIKE: Sentiment.NEGATIVE,
    K.COMPLAINT: Sentiment.VERY_NEGATIVE,
    K.PRAISE: Sentiment.VERY_POSITIVE,
    K.LIKE: Sentiment.POSITIVE,
    K.QUESTION: Sentiment.NEUTRAL,
}
GRAVITY = (Severity.MEDIUM, Severity.HIGH, Severity.LOW, Severity.MEDIUM, Severity.HIGH)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the sample's people: their key, and that of their group."""

    id: int
    group_id: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An item as it is kept, with what became of it."""

    id: int
    item: Item
    fate: Fate
    customer_id: int | None


def colleagues(session: Session) -> Mapping[str, Colleague]:
    """The sample's people by their first name, as far as they are there."""
    groups = table_of(FunctionalGroup).c
    known = set(session.connection().execute(select(groups.id)).scalars())
    found = {}
    for name in ("ines", "jonas", "margit", "tomas", "rosa"):
        person = people.by_email(session, f"{name}@example.com")
        if person is not None:
            found[name] = Colleague(person.id, person.group_id if person.group_id in known else None)
    return found


def hear(
    session: Session, told: Sequence[tuple[Item, Fate]], keys: Mapping[str, int], by: Mapping[str, Colleague]
) -> Sequence[Kept]:
    """Write it down; each month's words in that month."""
    kept: list[Kept] = []
    begun = themes.begun(session, OPERATOR, {themes.key_of(each.theme): each.theme for each, _ in told if each.theme})
    for _, month in groupby(told, lambda pair: (pair[0].at.year, pair[0].at.month)):
        some = list(month)
        with clock.held(some[-1][0].at):
            heard = [_heard(item, fate, keys, by) for item, fate in some]
            ids = receiving.keep_each(session, heard)
            rows = list(_themed(ids, [item for item, _ in some], begun, clock.now()))
            session.connection().execute(insert(table_of(FeedbackTheme)), rows)
        kept += [
            Kept(id, item, fate, each.speaker.customer_id)
            for id, each, (item, fate) in zip(ids, heard, some, strict=True)
        ]
    return kept


def _themed(
    ids: Sequence[int], items: Sequence[Item], begun: Mapping[str, int], at: datetime
) -> Iterator[dict[str, object]]:
    for id, item in zip(ids, items, strict=True):
        if item.theme:
            yield {"feedback_id": id, "theme_id": begun[themes.key_of(item.theme)], "at": at}


def _heard(item: Item, fate: Fate, keys: Mapping[str, int], by: Mapping[str, Colleague]) -> Heard:
    unnamed = item.who is None and item.channel in UNNAMED
    said: receiving.Said = {
        "verbatim": item.words,
        "channel": item.channel,
        "kind": item.kind,
        "language": item.language,
        "occurred_at": item.at,
        "source": SOURCE,
        "external_id": f"{item.number:04}",
        "anonymous": unnamed,
        "attributes": [item.quality] if item.quality else [],
        "sentiment": FELT.get(item.kind) if item.number % 4 else None,
        "sentiment_source": SentimentSource.HUMAN if item.number % 3 else SentimentSource.MODEL,
        "severity": GRAVITY[item.number % len(GRAVITY)] if item.kind is K.COMPLAINT else None,
    }
    if said["sentiment"] is None:
        said["sentiment_source"] = None
    stored: dict[str, object] = {"closing_note": fate.note}
    if fate.status in OPEN:
        stored["assignee_id"] = by["ines"].id
    if fate.case is CaseStage.ESCALATED_EXTERNAL:
        stored["due_at"] = None  # the other house says when
    return Heard(said, NOBODY if unnamed else _speaker(item, keys, by), True, item.at, fate.status, stored)


def _speaker(item: Item, keys: Mapping[str, int], by: Mapping[str, Colleague]) -> Speaker:
    customer = keys.get(item.who.name) if item.who else None
    name = HEARD_BY.get(item.channel)
    if name is None:
        return Speaker(customer)
    return Speaker(customer, by[name].id, by[name].group_id, by[name].id)
