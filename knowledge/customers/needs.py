"""Needs: what customers need, what the company has decided about it, and how customers rate it; and what each rung of the ladder needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import UniqueConstraint, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock, estimates
from knowledge.customers import customer as customers
from knowledge.customers.customer import Customer, CustomerRow
from knowledge.database import (
    NOTHING,
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    grouped,
    moment,
    neighbours,
    one,
    read,
    sliced,
    table_of,
    word,
)
from knowledge.errors import Conflict, NotFound, Problem, refuse
from knowledge.estimates import Estimate
from knowledge.people import Act, Viewer, require
from knowledge.words import NeedDecision, Stage

BEST = 10
"""Importance and satisfaction are rated from 1 to this."""


class Need(Table, table=True):
    """Something that customers need, in a sentence."""

    __tablename__ = "need"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    statement: str = Field(max_length=300)
    decision: NeedDecision = word(NeedDecision, NeedDecision.EXPLORE)
    why: str = Field(default="", max_length=500)
    version: int = 1
    sample: bool = False
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = moment()


class NeedRating(Table, table=True):
    """What one customer says of a need, the latest word."""

    __tablename__ = "need_rating"
    __table_args__ = (UniqueConstraint("need_id", "customer_id"),)

    id: int | None = Field(default=None, primary_key=True)
    need_id: int = Field(foreign_key="need.id")
    customer_id: int = Field(foreign_key="customer.id", index=True)
    importance: int
    satisfaction: int | None = None
    rated_at: datetime = moment()
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")


class StageNeed(Table, table=True):
    """What customers on one rung need to reach the next, and what the company does for it."""

    __tablename__ = "stage_need"
    __table_args__ = (UniqueConstraint("stage", "need_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    stage: Stage = word(Stage)
    need_id: int = Field(foreign_key="need.id", index=True)
    action: str = Field(max_length=500)
    next_stage: Stage | None = word(Stage, None)
    created_at: datetime = moment()
    created_by_id: int | None = Field(default=None, foreign_key="person.id")


class NeedRow(Row):
    """A need as it is read."""

    uid: UUID
    statement: str
    decision: NeedDecision
    why: str
    version: int
    created_at: datetime
    updated_at: datetime


class RatingRow(Row):
    """A rating as colleagues read it."""

    need_id: int
    customer_id: int
    importance: int
    satisfaction: int | None
    rated_at: datetime


class StageNeedRow(Row):
    """What a rung needs."""

    uid: UUID
    stage: Stage
    need_id: int
    action: str
    next_stage: Stage | None


class Wanted(TypedDict, total=False):
    """What is said of a need: what is omitted stays as it is."""

    statement: str
    decision: NeedDecision
    why: str


@dataclass(frozen=True, slots=True)
class Rated:
    """How customers rate a need: means of one word a customer, and how much there is to win."""

    importance: Estimate
    satisfaction: Estimate
    opportunity: Estimate


_n, _r, _s = table_of(Need).c, table_of(NeedRating).c, table_of(StageNeed).c
_SEEN = ("id", *NeedRow.__annotations__)
_RATED = ("id", *RatingRow.__annotations__)
_OLDEST = Order("recorded", ((_n.id, False),))
_LADDER = tuple(Stage)


def listing(session: Session, viewer: Viewer, page: Page, *, decision: NeedDecision | None = None) -> Slice[NeedRow]:
    """The needs, in the order in which they were written down."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return NOTHING
    wanted = select(*columns_of(Need, *_SEEN))
    return sliced(
        session, NeedRow, wanted if decision is None else wanted.where(_n.decision == decision), _OLDEST, page
    )


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> NeedRow | None:
    """One need, or None for whoever may not read customers."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return None
    return one(session, NeedRow, select(*columns_of(Need, *_SEEN)).where(_n.uid == uid))


def named(session: Session, viewer: Viewer, uid: UUID, *, field: str = "need") -> NeedRow:
    """The need that is meant; refuses NOT_FOUND."""
    found = by_uid(session, viewer, uid)
    if found is None:
        raise NotFound("There is no such need.", field)
    return found


def _ratings(session: Session, rows: list[NeedRow], viewer: Viewer) -> Mapping[int, Rated]:
    known = select(table_of(Customer).c.id).where(customers.counted_for(viewer))
    both = func.count(_r.satisfaction)
    figures = (
        func.count(), func.sum(_r.importance), func.sum(_r.importance * _r.importance),
        both, func.sum(_r.satisfaction), func.sum(_r.satisfaction * _r.satisfaction),
    )  # fmt: skip
    mine = select(_r.need_id, *figures).where(_r.need_id.in_([row.id for row in rows]), _r.customer_id.in_(known))
    found = {each[0]: tuple(each)[1:] for each in session.connection().execute(mine.group_by(_r.need_id))}
    return {row.id: _rated(*(int(each or 0) for each in found.get(row.id, (0,) * 6))) for row in rows}


def _mean(n: int, total: int, squares: int) -> Estimate:
    return estimates.mean(n, total, squares, scale=(1, 10))


def _rated(n: int, total: int, squares: int, both: int, its_total: int, its_squares: int) -> Rated:
    importance, satisfaction = _mean(n, total, squares), _mean(both, its_total, its_squares)
    if importance.value is None or satisfaction.value is None:
        return Rated(importance, satisfaction, estimates.count(0))
    opportunity = importance.value + max(importance.value - satisfaction.value, 0)
    return Rated(importance, satisfaction, Estimate(both, both, value=opportunity))


def ratings_of(need: NeedRow, viewer: Viewer) -> Rated:
    """How customers rate a need; counted for the whole list at once.

    Opportunity is importance + max(importance - satisfaction, 0). Source: A. Ulwick, Turn Customer Input into Innovation, Harvard
    Business Review 80(1), 2002, pages 91-97.
    """
    return neighbours(need, _ratings, viewer)


def _of_customers(session: Session, rows: list[CustomerRow], viewer: Viewer) -> Mapping[int, Sequence[RatingRow]]:
    if not viewer.may(Act.CUSTOMERS_READ):
        return {row.id: [] for row in rows}
    mine = select(*columns_of(NeedRating, *_RATED)).where(_r.customer_id.in_([row.id for row in rows]))
    return grouped(
        rows, read(session, RatingRow, mine.order_by(_r.importance.desc(), _r.id)), lambda row: row.customer_id
    )


def of_customer(customer: CustomerRow, viewer: Viewer) -> Sequence[RatingRow]:
    """How a customer rates needs, the most important first; read for the whole list at once."""
    return neighbours(customer, _of_customers, viewer)


def _needs(session: Session, rows: Sequence[RatingRow | StageNeedRow]) -> Mapping[int, NeedRow]:
    wanted = select(*columns_of(Need, *_SEEN)).where(_n.id.in_({row.need_id for row in rows}))
    found = {row.id: row for row in read(session, NeedRow, wanted)}
    return {row.id: found[row.need_id] for row in rows}


def need_of(row: RatingRow | StageNeedRow) -> NeedRow:
    """Which need it is about."""
    return neighbours(row, _needs)


def record(session: Session, viewer: Viewer, wanted: Wanted) -> NeedRow:
    """Write down a need; `statement` is given. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record needs")
    refuse(_faults(wanted, wanted.get("decision", NeedDecision.EXPLORE), wanted.get("why", "")))
    now = clock.now()
    need = Need(
        statement=wanted["statement"].strip(),
        decision=wanted.get("decision", NeedDecision.EXPLORE),
        why=wanted.get("why", "").strip(),
        created_at=now,
        created_by_id=viewer.id,
        updated_at=now,
    )
    session.add(need)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "need.recorded", "Need", need.uid)
    return named(session, viewer, need.uid)


def update(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted, *, version: int | None = None) -> NeedRow:
    """Say a need otherwise, or decide on it. Refuses NOT_ALLOWED, NOT_FOUND, INVALID, and CONFLICT."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="change needs")
    row = named(session, viewer, uid, field="id")
    if version is not None and version != row.version:
        raise Conflict("Somebody changed this need in the meantime.", "version", current=row)
    refuse(_faults(wanted, wanted.get("decision", row.decision), wanted.get("why", row.why)))
    need = session.get_one(Need, row.id, with_for_update=True)
    moved = {name: (getattr(row, name), value) for name, value in wanted.items() if getattr(row, name) != value}
    for name, (_, value) in moved.items():
        setattr(need, name, value.strip() if name != "decision" and isinstance(value, str) else value)
    need.version += 1
    need.updated_at = clock.now()
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "need.updated", "Need", uid, moved=moved)
    return named(session, viewer, uid)


def _faults(wanted: Wanted, decision: NeedDecision, why: str) -> Iterable[Problem]:
    if "statement" in wanted and not 1 <= len(wanted["statement"].strip()) <= 300:
        yield Problem("statement", "A need is said in 1 to 300 characters.")
    if len(why.strip()) > 500:
        yield Problem("why", "This has at most 500 characters.")
    elif decision is NeedDecision.DECLINED and not why.strip():
        yield Problem("why", "Say why it is not met: those who need it will ask.")


def rate(
    session: Session, viewer: Viewer, need: NeedRow, customer: CustomerRow, *, importance: int, satisfaction: int | None
) -> None:
    """Write down how important a need is to a customer and how well it is met, from 1 to 10; the latest word counts."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="record how customers rate a need")
    figures = (("importance", importance), ("satisfaction", satisfaction))
    refuse(
        Problem(name, f"Ratings go from 1 to {BEST}.")
        for name, figure in figures
        if figure is not None and not 1 <= figure <= BEST
    )
    mine = select(_r.id).where(_r.need_id == need.id, _r.customer_id == customer.id).with_for_update()
    id = session.connection().execute(mine).scalar()
    rating = session.get_one(NeedRating, id) if id is not None else None
    if rating is None:
        rating = NeedRating(need_id=need.id, customer_id=customer.id, importance=importance, rated_at=clock.now())
    rating.importance, rating.satisfaction = importance, satisfaction
    rating.rated_at, rating.recorded_by_id = clock.now(), viewer.id
    session.add(rating)
    session.flush()  # the answer counts it
    activity.record(session, viewer.id, "need.rated", "Need", need.uid, moved={"customer": (None, customer.uid)})


def serve(
    session: Session, viewer: Viewer, stage: Stage, need: NeedRow, action: str, next_stage: Stage | None
) -> StageNeedRow:
    """Say what those on a rung need and what is done for it; saying it again changes it. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.ENTRIES_CURATE, doing="say what a rung needs")
    if not 1 <= len(action.strip()) <= 500:
        refuse([Problem("action", "Say in 1 to 500 characters what is done for it.")])
    mine = select(_s.id).where(_s.stage == stage, _s.need_id == need.id)
    id = session.connection().execute(mine).scalar()
    stored = session.get_one(StageNeed, id) if id is not None else None
    if stored is None:
        stored = StageNeed(stage=stage, need_id=need.id, action="", created_at=clock.now(), created_by_id=viewer.id)
    stored.action, stored.next_stage = action.strip(), next_stage
    session.add(stored)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "stage.needs", "Need", need.uid, moved={"stage": (None, stage)})
    rows = of_stages(session, viewer, [stage])
    return next(row for row in rows if row.id == stored.id)


def of_stages(session: Session, viewer: Viewer, stages: Sequence[Stage] = ()) -> list[StageNeedRow]:
    """What the rungs need, from the lowest to the highest; all rungs unless some are named."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return []
    wanted = select(*columns_of(StageNeed, "id", *StageNeedRow.__annotations__)).where(_s.stage.in_(stages or _LADDER))
    return sorted(read(session, StageNeedRow, wanted), key=lambda row: (_LADDER.index(row.stage), row.id))
