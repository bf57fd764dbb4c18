"""The year's answers: one by name to each who was owed one, what they replied, and what was promised and kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import table_of
from knowledge.loop.answering import OUTER, PROMISES
from knowledge.loop.replies import FeedbackReply
from knowledge.loop.responses import Delivery, LoopResponse, ResponseItem
from knowledge.words import Audience, DeliveryChannel, LoopKind, ResponseState
from knowledge.year.fates import Word
from knowledge.year.hearing import Colleague, Kept

AUTHORS = ("ines", "ines", "jonas", "margit")
_r = table_of(LoopResponse).c


def answer(session: Session, kept: Sequence[Kept], by: Mapping[str, Colleague]) -> None:
    """Tell them, and write down what they said to it."""
    told = [(each, place, word) for each in kept for place, word in enumerate(each.fate.words) if word.answer]
    rows = [_response(each, word, by, is_last=place == _last(each)) for each, place, word in told]
    connection = session.connection()
    connection.execute(insert(table_of(LoopResponse)), rows)
    uids = [row["uid"] for row in rows]
    ids: dict[Any, int] = {}
    for start in range(0, len(uids), 500):
        found = select(_r.uid, _r.id).where(_r.uid.in_(uids[start : start + 500]))
        ids.update({row.uid: row.id for row in connection.execute(found)})
    named = [
        {"response_id": ids[uid], "feedback_id": each.id, "named": True}
        for uid, (each, _, _) in zip(uids, told, strict=True)
    ]
    connection.execute(insert(table_of(ResponseItem)), named)
    delivered = [
        _delivery(ids[uid], each, word) for uid, (each, _, word) in zip(uids, told, strict=True) if each.customer_id
    ]
    connection.execute(insert(table_of(Delivery)), delivered)
    connection.execute(insert(table_of(FeedbackReply)), list(_replies(kept)))
    for name in sorted(set(AUTHORS)):
        mine = [row["uid"] for row in rows if row["author_id"] == by[name].id]
        with clock.held(max(word.at for _, _, word in told)):
            activity.record_each(session, by[name].id, "response.published", "LoopResponse", [(u, 0, {}) for u in mine])


def _last(kept: Kept) -> int:
    return max(place for place, word in enumerate(kept.fate.words) if word.answer)


def _response(kept: Kept, word: Word, by: Mapping[str, Colleague], *, is_last: bool) -> dict[str, Any]:
    assert word.answer is not None
    author = by[AUTHORS[kept.item.number % len(AUTHORS)]]
    promised = word.at + OUTER if word.answer.decision in PROMISES else None
    is_kept = promised is not None and (kept.fate.kept or not is_last)
    return {
        "uid": clock.uid(),
        "loop": LoopKind.INNER,
        "state": ResponseState.PUBLISHED,
        "heard": word.answer.heard,
        "decision": word.answer.decision,
        "why": word.answer.why,
        "audience": Audience.EMPLOYEES,
        "author_id": author.id,
        "group_id": author.group_id,
        **dict.fromkeys(("created_at", "updated_at", "published_at"), word.at),
        "promised_by": promised,
        "kept_at": word.at + timedelta(days=20 + kept.item.number % 60) if is_kept else None,
        "sample": True,
        "version": 2,
    }


def _delivery(response_id: int, kept: Kept, word: Word) -> dict[str, Any]:
    read = word.at + timedelta(hours=2 + kept.item.number % 70) if kept.item.number % 10 < 7 else None
    return {
        "uid": clock.uid(),
        "response_id": response_id,
        "customer_id": kept.customer_id,
        "channel": DeliveryChannel.PORTAL,
        "asked": True,
        "made_at": word.at,
        "read_at": read,
        "mail_tries": 0,
    }


def _replies(kept: Sequence[Kept]) -> Iterator[dict[str, Any]]:
    for each in kept:
        for word in each.fate.words:
            if word.answer is None:
                said = {"feedback_id": each.id, "customer_id": each.customer_id, "text": word.text}
                yield {"uid": clock.uid(), "person_id": None, "at": word.at, **said}
