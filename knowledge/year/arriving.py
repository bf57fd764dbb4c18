"""The year's customers come, and all of them have a life: what they bought, when they climbed and fell, and who spoke for us."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session

from knowledge import clock
from knowledge.customers import Customer, StageTransition, recording
from knowledge.customers.recording import New
from knowledge.database import table_of
from knowledge.ladder.advocacies import Advocacy
from knowledge.ladder.offerings import Applicability, Offering
from knowledge.ladder.sample import INSIDE, MACHINE, OUTSIDE
from knowledge.ladder.stages import BEFORE
from knowledge.ladder.transactions import Transaction
from knowledge.people import OPERATOR
from knowledge.words import (
    AdvocacyKind,
    CustomerKind,
    CustomerRelation,
    Stage,
    StageSource,
    TransactionKind,
    TransitionCause,
)
from knowledge.year.customers import Who

SOURCE = "sample year"
_c, _o = table_of(Customer).c, table_of(Offering).c


def arrive(session: Session, everyone: Sequence[Who]) -> Mapping[str, int]:
    """Write down who is new, and how each of all came to where they stand; their keys by name."""
    new = [each for each in everyone if each.new]
    rows = [
        New(
            {
                "name": each.name,
                "kind": CustomerKind.PERSON if each.person else CustomerKind.ORGANISATION,
                "relation": CustomerRelation.INTERNAL if each.inside else CustomerRelation.EXTERNAL,
                "stage": each.stage,
                "source": SOURCE,
                "external_id": f"{place:03}",
            },
            sample=True,
        )
        for place, each in enumerate(new, 1)
    ]
    recording.write_each(session, OPERATOR, rows, cause=TransitionCause.IMPORT)
    found = session.connection().execute(select(_c.name, _c.id).where(_c.sample))
    names = {each.name for each in everyone}
    keys = {row.name: row.id for row in found if row.name in names}
    _remember(session, [each for each in everyone if each.name in keys], keys)
    return keys


def _remember(session: Session, everyone: Sequence[Who], keys: Mapping[str, int]) -> None:
    connection, now = session.connection(), clock.now()
    offered = {row.name: row.id for row in connection.execute(select(_o.name, _o.id).where(_o.sample))}
    moves = table_of(StageTransition)
    for some in _parts(list(keys.values())):
        connection.execute(delete(moves).where(moves.c.customer_id.in_(some)))
    connection.execute(insert(moves), [row for each in everyone for row in _moves(each, keys[each.name], now)])
    dealt = [row for each in everyone for row in _dealings(each, keys[each.name], offered, now)]
    connection.execute(insert(table_of(Transaction)), dealt)
    spoken = [_spoke(keys[each.name], each.life.spoke, now) for each in everyone if each.life.spoke is not None]
    connection.execute(insert(table_of(Advocacy)), spoken)
    usable = [
        {"customer_id": keys[each.name], "offering_id": offered[name], "applies": True}
        for each in everyone
        if each.stage not in BEFORE
        for name in (INSIDE if each.inside else OUTSIDE)
    ]
    connection.execute(insert(table_of(Applicability)), usable)
    _date(session, everyone, keys, now)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]


def _date(session: Session, everyone: Sequence[Who], keys: Mapping[str, int], now: datetime) -> None:
    """Since when each is known, and what is known of strangers' need."""
    values: dict[str, Any] = {
        name: bindparam(f"their_{name}") for name in ("joined_on", "created_at", "need_confirmed")
    }
    values |= {"ability_confirmed": bindparam("their_need_confirmed"), "stage_source": StageSource.DERIVED}
    rows = []
    for each in everyone:
        since = now - timedelta(days=each.life.joined)
        need = {Stage.PROSPECT: True, Stage.DISQUALIFIED: False}.get(each.stage)
        dated = {"their_joined_on": since.date(), "their_created_at": since, "their_need_confirmed": need}
        rows.append({"their_key": keys[each.name], **dated})
    session.connection().execute(
        update(table_of(Customer)).where(_c.id == bindparam("their_key")).values(**values), rows
    )
    session.expire_all()  # what Core has written, objects do not know


def _moves(who: Who, key: int, now: datetime) -> Iterator[dict[str, Any]]:
    before = None
    for days, stage in who.life.stood:
        at = now - timedelta(days=days)
        yield {
            "customer_id": key,
            "from_stage": before,
            "to_stage": stage,
            "at": at,
            "passing": False,
            "cause": TransitionCause.RULE if before else TransitionCause.IMPORT,
            "evidence": _why(who, days, stage),
        }
        before = stage


def _why(who: Who, days: int, stage: Stage) -> str | None:
    """The facts as they were on that day."""
    if stage in BEFORE:
        return None
    had = [name for day, name in who.life.bought if day >= days]
    if stage is Stage.INACTIVE:
        return f"{len(had)} purchases, the last of them over a year before."
    many = "1 purchase" if len(had) == 1 else f"{len(had)} purchases"
    return f"{many}; {len(set(had))} of the {len(INSIDE if who.inside else OUTSIDE)} offerings they can use."


def _dealings(who: Who, key: int, offered: Mapping[str, int], now: datetime) -> Iterator[dict[str, Any]]:
    for days, name in who.life.bought:
        at = now - timedelta(days=days)
        kind = TransactionKind.PURCHASE if name == MACHINE or not who.inside else TransactionKind.SERVICE_DELIVERY
        yield {
            "uid": clock.uid(),
            "customer_id": key,
            "offering_id": offered[name],
            "kind": kind,
            "occurred_at": at,
            "source": None,
            "external_id": None,
            "created_at": at,
            "updated_at": at,
        }


def _spoke(key: int, days: int, now: datetime) -> dict[str, Any]:
    at = now - timedelta(days=days)
    kind = list(AdvocacyKind)[days % len(AdvocacyKind)]
    return {"uid": clock.uid(), "customer_id": key, "kind": kind, "occurred_at": at, "created_at": at, "note": ""}
