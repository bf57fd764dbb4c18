"""What becomes of customers on the ladder: how many stand where, who moved in a period, and what share went on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, case, func, select
from sqlmodel import Session

from knowledge import clock, customers, estimates
from knowledge.customers import Customer, Filter, StageTransition
from knowledge.database import table_of
from knowledge.errors import Invalid
from knowledge.estimates import Caveat, Estimate
from knowledge.ladder.stages import BEFORE, INACTIVE, LADDER
from knowledge.people import Viewer
from knowledge.words import Basis, Stage

LEAST = 5
"""With fewer customers on a stage nothing is said about what share of them went on."""

LONGEST = 3_660

_c, _s = table_of(Customer).c, table_of(StageTransition).c


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another, which is not within it any more."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise Invalid("The period ends before it begins.", "until")

    @staticmethod
    def between(since: datetime, until: datetime | None) -> "Period":
        """From a moment to another, or until now."""
        return Period(since, until or clock.minute_over())

    @staticmethod
    def to(until: datetime | None, days: int) -> "Period":
        """So many days before a moment, or before now. Refuses INVALID."""
        if not 1 <= days <= LONGEST:
            raise Invalid(f"A period has from 1 to {LONGEST:,} days.", "days")
        end = until or clock.minute_over()
        return Period(end - timedelta(days=days), end)


@dataclass(frozen=True, slots=True)
class Movement:
    """How many customers came from one stage to another; those who are new come from nowhere."""

    came_from: Stage | None
    to: Stage
    customers: int

    @property
    def climbs(self) -> bool | None:
        """Whether it leads upwards; None for those who are new."""
        if self.came_from is None:
            return None
        return _height(self.to) > _height(self.came_from)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Which share of the customers on a rung reached a higher one in the period, or left the ladder."""

    stage: Stage
    onwards: Estimate
    lapsed: Estimate


@dataclass
class Ladder:
    """The ladder as a viewer sees it; each part is read when it is asked for, in one statement."""

    session: Session
    viewer: Viewer
    period: Period
    filter: Filter = field(default_factory=Filter)

    def _mine(self) -> ColumnElement[bool]:
        return customers.visible_to(self.viewer) & customers.fits(self.filter)

    def _counting(self) -> ColumnElement[bool]:
        """Who moved in the past is counted though they were erased since [G3]."""
        return customers.counted_for(self.viewer) & customers.fits(self.filter)

    @cached_property
    def _counted(self) -> Mapping[Stage, tuple[int, int]]:
        late = func.sum(case((_c.stage_review_on < self.period.until.date(), 1), else_=0))
        statement = select(_c.stage, func.count(), late).where(self._mine()).group_by(_c.stage)
        found = {row[0]: (row[1], row[2]) for row in self.session.connection().execute(statement)}
        return {stage: found.get(stage, (0, 0)) for stage in Stage}

    def counts(self) -> Mapping[Stage, int]:
        """How many stand on each stage now; all stages are there."""
        return {stage: count for stage, (count, _) in self._counted.items()}

    def due(self) -> int:
        """How many were put where they stand by hand, and are to be looked at again by now."""
        return sum(late for _, late in self._counted.values())

    def movements(self) -> Sequence[Movement]:
        """Who came from where to where in the period, in the order of the stages; a jump over stages is one."""
        spans = self._spans()
        within = (spans.c.at >= self.period.since) & (spans.c.at < self.period.until)
        pairs = (spans.c.came_from, spans.c.stage)
        statement = select(*pairs, func.count(spans.c.customer_id.distinct())).where(within).group_by(*pairs)
        rows = self.session.connection().execute(statement)
        order = list(Stage)
        found = [Movement(_stage(row[0]), Stage(row[1]), row[2]) for row in rows]
        return sorted(found, key=lambda each: (order.index(each.to), order.index(each.came_from or each.to)))

    def conversions(self) -> Sequence[Conversion]:
        """What share of those who stood on each rung below the last went on in the period, and what share of them lapsed."""
        spans = self._spans()
        here, there = self._in_period(spans).alias("here"), self._in_period(spans).alias("there")
        later = (there.c.customer_id == here.c.customer_id) & (there.c.id > here.c.id)
        later &= there.c.at >= self.period.since
        joined = here.outerjoin(there, later)
        went_on = case((_rank(there.c.stage) > _rank(here.c.stage), here.c.customer_id))
        lapsed = case((there.c.stage == INACTIVE, here.c.customer_id))
        counts = (func.count(each.distinct()) for each in (here.c.customer_id, went_on, lapsed))
        statement = select(here.c.stage, *counts).select_from(joined).group_by(here.c.stage)
        rows = {Stage(row[0]): row[1:] for row in self.session.connection().execute(statement)}
        return [_conversion(stage, *rows.get(stage, (0, 0, 0))) for stage in LADDER]

    def _spans(self) -> CTE:
        """Each stay on a stage: since when, until when, and from where; what was only passed is none."""
        order: Any = {"partition_by": _s.customer_id, "order_by": _s.id}
        columns = (
            _s.id,
            _s.customer_id,
            _s.to_stage.label("stage"),
            _s.at,
            func.lag(_s.to_stage).over(**order).label("came_from"),
            func.lead(_s.at).over(**order).label("ended"),
        )
        joined = table_of(StageTransition).join(table_of(Customer), _c.id == _s.customer_id)
        return select(*columns).select_from(joined).where(self._counting(), _s.passing.is_(False)).cte("spans")

    def _in_period(self, spans: CTE) -> Any:
        stayed = spans.c.ended.is_(None) | (spans.c.ended > self.period.since)
        return select(spans).where(spans.c.at < self.period.until, stayed).subquery()


def _stage(word: Any) -> Stage | None:
    return None if word is None else Stage(word)


def _height(stage: Stage) -> int:
    return LADDER.index(stage) + 1 if stage in LADDER else 0


def _rank(stage: ColumnElement[Any]) -> ColumnElement[int]:
    return case(*((stage == each, _height(each)) for each in LADDER), else_=0)


def _conversion(stage: Stage, n: int, onwards: int, lapsed: int) -> Conversion:
    nothing = Estimate(0, 0, Basis.CENSUS)
    up = nothing if stage is LADDER[-1] else _share(onwards, n)
    return Conversion(stage, up, nothing if stage in BEFORE else _share(lapsed, n))


def _share(hits: int, n: int) -> Estimate:
    if n < LEAST:
        return Estimate(n, n, Basis.CENSUS, warnings=(Caveat.TOO_FEW,))
    return estimates.share(hits, n, voices=n, basis=Basis.CENSUS)
