"""Has customers stand where the facts lead: after each fact in the same transaction, and daily for what time does alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers import Customer, StageTransition, sorting
from knowledge.database import Row, read, table_of
from knowledge.ladder import stages, usable
from knowledge.ladder.advocacies import Advocacy
from knowledge.ladder.offerings import Offering
from knowledge.ladder.stages import BEFORE, DORMANT_AFTER, LADDER, Dealing, Facts
from knowledge.ladder.transactions import Transaction
from knowledge.words import CustomerRelation, CustomerStatus, Stage, StageSource, TransitionCause

AT_ONCE = 500
"""Customers in one transaction of the daily round."""

TICK = timedelta(microseconds=1)


class Standing(Row):
    """Where a customer stands, and what somebody said of that."""

    uid: Any
    relation: CustomerRelation
    stage: Stage
    stage_source: StageSource
    stage_review_on: date | None
    need_confirmed: bool | None
    ability_confirmed: bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of a customer, and when the newest of them was written down."""

    facts: Facts
    newest: datetime | None = None


_c, _s = table_of(Customer).c, table_of(StageTransition).c
_t, _v, _o = table_of(Transaction).c, table_of(Advocacy).c, table_of(Offering).c
_STANDING = [_c[name] for name in ("id", *Standing.__annotations__)]


def standings(session: Session, ids: Sequence[int]) -> list[Standing]:
    """Where these customers stand, held until the transaction ends so that no two move one of them at once."""
    those = _c.id.in_(ids) & (_c.status == CustomerStatus.ACTIVE)
    return read(session, Standing, select(*_STANDING).where(those).order_by(_c.id).with_for_update())


def known_of(session: Session, rows: Sequence[Standing]) -> Mapping[int, Known]:
    """What is known of these customers, in four statements."""
    ids, today = [row.id for row in rows], clock.now().date()
    applicable = usable.applicable(session, ids)
    known = {
        row.id: Known(
            Facts(
                today,
                row.relation,
                row.need_confirmed,
                row.ability_confirmed,
                applicable=applicable.get(row.id, frozenset()),
            )
        )
        for row in rows
    }
    for id, dealing, newest in _dealings(session, ids):
        known[id] = _with(known[id], newest, dealings=(*known[id].facts.dealings, dealing))
    spoken = select(_v.customer_id, func.max(_v.occurred_at), func.max(_v.created_at)).group_by(_v.customer_id)
    for id, occurred, newest in session.connection().execute(spoken.where(_v.customer_id.in_(ids))):
        known[id] = _with(known[id], newest, advocated_on=occurred.date())
    return known


def _with(known: Known, newest: datetime, **facts: Any) -> Known:
    return Known(replace(known.facts, **facts), max(newest, known.newest or newest))


def _dealings(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, Dealing, datetime]]:
    columns = (_t.customer_id, _t.offering_id, _t.kind, _o.dormant_after)
    joined = table_of(Transaction).outerjoin(table_of(Offering), _o.id == _t.offering_id)
    counts = (func.count(), func.max(_t.occurred_at), func.max(_t.updated_at))
    statement = select(*columns, *counts).select_from(joined).where(_t.customer_id.in_(ids)).group_by(*columns)
    for id, offering, kind, days, times, last, newest in session.connection().execute(statement):
        yield id, Dealing(kind, last.date(), times, offering, days or DORMANT_AFTER), newest


def settle(session: Session, ids: Sequence[int], *, cause: TransitionCause = TransitionCause.RULE) -> int:
    """Move these customers where the facts lead; answers how many moved. Costs the same few statements for one as for hundreds.

    What a person said holds until its review date, unless newer facts stand higher or make a stranger of nobody any more [L3].
    """
    rows = standings(session, sorted(set(ids)))
    if not rows:
        return 0
    known, last = known_of(session, rows), last_moves(session, [row.id for row in rows])
    wanted = {row.id: stages.settled(row.stage, known[row.id].facts) for row in rows}
    led = [row for row in rows if _leads(row, known[row.id], wanted[row.id], last.get(row.id))]
    moving = [row for row in led if wanted[row.id] is not row.stage]
    _write_down(session, moving, wanted, known, last, cause)
    _stand(session, [(row, wanted[row.id]) for row in led if _is_other(row, wanted[row.id])])
    subjects = [(row.uid, 0, {"stage": (row.stage, wanted[row.id])}) for row in moving]
    activity.record_each(session, None, "customer.moved", "Customer", subjects)
    if moving:
        sorting.later(session)  # segments may ask for the stage
    return len(moving)


def part(session: Session, id: int, since: datetime) -> None:
    """After a merge is undone: a customer who has no dealings left stands again where they stood before it lifted them."""
    rows = standings(session, [id])
    known = known_of(session, rows)
    if not rows or known[id].facts.dealings or rows[0].stage_source is not StageSource.DERIVED:
        return
    merged = (_s.customer_id == id) & (_s.cause == TransitionCause.MERGE) & (_s.at >= since)
    first = session.connection().execute(select(_s.from_stage).where(merged).order_by(_s.id).limit(1)).scalar()
    if first is None or first is rows[0].stage:
        return
    wanted, last = {id: first}, last_moves(session, [id])
    _write_down(session, rows, wanted, known, last, TransitionCause.MERGE)
    _stand(session, [(rows[0], first)])
    moved = [(rows[0].uid, 0, {"stage": (rows[0].stage, first)})]
    activity.record_each(session, None, "customer.moved", "Customer", moved)
    sorting.later(session)


@dataclass(frozen=True, slots=True)
class Last:
    """The last move of a customer: from where, and when."""

    came_from: Stage | None
    at: datetime


def last_moves(session: Session, ids: Sequence[int]) -> Mapping[int, Last]:
    """How each of these customers came to where they stand."""
    last = select(func.max(_s.id)).where(_s.customer_id.in_(ids)).group_by(_s.customer_id)
    rows = session.connection().execute(select(_s.customer_id, _s.from_stage, _s.at).where(_s.id.in_(last)))
    return {row.customer_id: Last(row.from_stage, row.at) for row in rows}


def _leads(row: Standing, known: Known, wanted: Stage, last: Last | None) -> bool:
    """Whether the facts say where a customer stands, rather than whoever put them there."""
    facts = known.facts
    if not facts.dealings and (row.stage not in BEFORE or facts.need is facts.ability is None):
        return row.stage_source is StageSource.DERIVED and row.stage in BEFORE
    held = row.stage_source is StageSource.MANUAL and row.stage_review_on is not None
    if not held or row.stage_review_on < facts.today:  # type: ignore[operator]  # held says there is one
        return True
    if known.newest is None or last is None:
        return False
    if row.stage in BEFORE and (row.stage, last.came_from) != (Stage.DISQUALIFIED, Stage.INACTIVE):
        return bool(facts.dealings)
    return known.newest > last.at and stages.is_news(row.stage, wanted)


def _is_other(row: Standing, wanted: Stage) -> bool:
    return (row.stage, row.stage_source, row.stage_review_on) != (wanted, StageSource.DERIVED, None)


def next_moment(last: Last | None) -> datetime:
    """Now, and in any case later than the last move: the moves of a customer are a chain in time."""
    now = clock.now()
    return now if last is None or now > last.at else last.at + TICK


def links(id: int, way: Sequence[Stage], start: Stage, at: datetime, **more: Any) -> list[dict[str, Any]]:
    """The rows of one move, those between with the same time."""
    return [
        {"customer_id": id, "from_stage": before, "to_stage": after, "at": at, "passing": after is not way[-1], **more}
        for before, after in zip((start, *way), way, strict=False)
    ]


def _write_down(
    session: Session,
    rows: Sequence[Standing],
    wanted: Mapping[int, Stage],
    known: Mapping[int, Known],
    last: Mapping[int, Last],
    cause: TransitionCause,
) -> None:
    found = []
    for row in rows:
        said = {"cause": cause, "evidence": stages.told(known[row.id].facts)}
        way = stages.way(row.stage, wanted[row.id])
        found += links(row.id, way, row.stage, next_moment(last.get(row.id)), **said)
    if found:
        session.connection().execute(insert(table_of(StageTransition)), found)


def _stand(session: Session, led: Sequence[tuple[Standing, Stage]]) -> None:
    if not led:
        return
    values = {"stage": bindparam("there"), "stage_source": StageSource.DERIVED, "stage_review_on": None}
    statement = update(table_of(Customer)).where(_c.id == bindparam("key")).values(**values, updated_at=clock.now())
    session.connection().execute(statement, [{"key": row.id, "there": stage} for row, stage in led])
    for row, _ in led:
        if (held := session.identity_map.get(session.identity_key(Customer, row.id))) is not None:
            session.expire(held)  # an object that was read before would not know


def round_from(session: Session, after: int) -> int | None:
    """Settle some of those whose stage may change by time alone, from a key onwards; answers where to go on, None at the end."""
    today = clock.now().date()
    climbed = _c.stage.in_([stage for stage in LADDER if stage not in BEFORE])
    due = or_(climbed, _c.stage_review_on < today)
    some = select(_c.id).where(_c.id > after, _c.status == CustomerStatus.ACTIVE, due).order_by(_c.id).limit(AT_ONCE)
    ids = session.connection().execute(some).scalars().all()
    settle(session, ids)
    return ids[-1] if len(ids) == AT_ONCE else None
