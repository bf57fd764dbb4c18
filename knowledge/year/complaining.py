"""The cases of the year's complaints: each went its legal steps, with what was found, decided and done."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.feedback.complaints import ComplaintCase, ComplaintStep
from knowledge.words import CaseStage, FeedbackKind
from knowledge.year.hearing import Colleague, Kept

S = CaseStage
_c = table_of(ComplaintCase).c
WAY = (S.ACKNOWLEDGED, S.ASSESSED, S.INVESTIGATING, S.RESPONSE_PROPOSED, S.DECISION_COMMUNICATED)
SHORT = (S.ACKNOWLEDGED, S.ASSESSED, S.RESPONSE_PROPOSED, S.DECISION_COMMUNICATED)
AFTER: Mapping[CaseStage, tuple[CaseStage, ...]] = {
    S.CLOSED: (S.CLOSED,),
    S.REOPENED: (S.REOPENED,),
    S.ESCALATED_EXTERNAL: (S.ESCALATED_EXTERNAL,),
}


def follow(session: Session, kept: Sequence[Kept], by: Mapping[str, Colleague]) -> None:
    """Have each case be where its item says it is."""
    mine = {each.id: each for each in kept if each.item.kind is FeedbackKind.COMPLAINT}
    found = session.connection().execute(select(_c.feedback_id, _c.id).where(_c.feedback_id.in_(list(mine))))
    cases = {row.feedback_id: row.id for row in found}
    rows: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    for id, each in mine.items():
        taken = list(_steps(each))
        rows.append(_case(cases[id], each, taken))
        steps += _rows(cases[id], taken, by["ines"].id)
    values: dict[str, Any] = {name.removeprefix("its_"): bindparam(name) for name in rows[0] if name != "its_key"}
    session.connection().execute(
        update(table_of(ComplaintCase)).where(_c.id == bindparam("its_key")).values(**values), rows
    )
    session.connection().execute(insert(table_of(ComplaintStep)), steps)


def _steps(kept: Kept) -> Iterator[tuple[CaseStage, datetime]]:
    """The stages in their order, each with its time: what was decided was told when the answer went out."""
    item, stage, began = kept.item, kept.fate.case, kept.item.at
    told = next((word.at for word in kept.fate.words if word.answer), None)
    way = WAY if item.number % 3 else SHORT
    if stage is S.INVESTIGATING or told is None:
        yield from ((each, began + timedelta(hours=3 + 9 * place)) for place, each in enumerate(WAY[:3]))
        return
    part = (told - began) / len(way)
    yield from ((each, began + part * (place + 1)) for place, each in enumerate(way))
    last = kept.fate.words[-1].at
    for each in AFTER.get(stage or S.CLOSED, ()):
        at = last if each is S.REOPENED else last + timedelta(days=2 + item.number % 11)
        yield each, at


def _rows(case_id: int, taken: Sequence[tuple[CaseStage, datetime]], actor_id: int) -> Iterator[dict[str, Any]]:
    before = S.RECEIVED
    for stage, at in taken:
        about = {"case_id": case_id, "from_stage": before, "to_stage": stage, "at": at, "actor_id": actor_id}
        yield {"uid": clock.uid(), "note": None, **about}
        before = stage


def _case(key: int, kept: Kept, taken: Sequence[tuple[CaseStage, datetime]]) -> dict[str, Any]:
    at = dict(taken)
    communicated, cause = at.get(S.DECISION_COMMUNICATED), kept.item.cause
    reply = kept.item.reply
    return {
        "its_key": key,
        "its_stage": taken[-1][0],
        "its_decision": reply.why if reply and communicated else None,
        "its_root_cause": cause[0] if cause and communicated else None,
        "its_action_taken": cause[1] if cause and communicated else None,
        "its_acknowledged_at": at.get(S.ACKNOWLEDGED),
        "its_communicated_at": communicated,
        "its_closed_at": at.get(S.CLOSED),
        "its_updated_at": taken[-1][1],
        "its_version": len(taken) + 1,
    }
