"""Priority: reach x impact x confidence / effort, with the confidence that the evidence carries and not more.

Reach is the customers that it touches in a quarter, impact how much it changes for each of them from 1 to 5, effort the weeks of one
person's work. Source of the product: S. McBride, RICE: Simple prioritization for product managers, Intercom, 2018; there confidence is a
guess, here it is the grade of the evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import auto
from typing import Any

from sqlalchemy import ColumnElement, Float, case, cast, func, select
from sqlmodel import Session

from knowledge import entries
from knowledge.database import Order, Page, Slice, neighbours, read, remembered, sliced, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.entries.entry import everything, seen_by, shown_revision
from knowledge.estimates import Grade
from knowledge.evidence.pieces import Evidence
from knowledge.evidence.results import SurveyResult
from knowledge.evidence.weighing import tally_of, weight_of
from knowledge.initiatives.facts import Initiative, InitiativeRow
from knowledge.initiatives.planning import InitiativeBacking, InitiativeStep
from knowledge.people import OPERATOR, Viewer
from knowledge.words import (
    Contribution,
    Freshness,
    Horizon,
    InitiativeKind,
    InitiativeStatus,
    Kind,
    PatternVerdict,
    Stance,
    Status,
    VisionStep,
    Word,
)

CARRIES: Mapping[Grade | None, float] = {Grade.A: 1.0, Grade.B: 0.8, Grade.C: 0.5, None: 0.2}
"""How confident evidence of a grade lets one be; the steps are our own choice, no standard was found."""

_SAID: Mapping[Grade | None, str] = {
    Grade.A: "The best of its evidence is a precise figure.",
    Grade.B: "The best of its evidence is a fair figure.",
    Grade.C: "Its evidence is indicative: several customers say so, or a rough figure does.",
    None: "No evidence carries it yet: so far it is a guess.",
}


class InitiativeSort(Word):
    """How initiatives are listed."""

    UPDATED_DESC = auto()
    PRIORITY_DESC = auto()


@dataclass(frozen=True, slots=True)
class Priority:
    """What an initiative is worth beside others, with its parts; `score` is None until reach, impact and effort are said."""

    reach: int | None
    impact: int | None
    effort: float | None
    confidence: float
    grade: Grade | None

    @property
    def score(self) -> float | None:
        """Reach times impact times confidence, for each week of work."""
        if self.reach is None or self.impact is None or not self.effort:
            return None
        return self.reach * self.impact * self.confidence / self.effort

    @property
    def because(self) -> str:
        """Why the confidence is what it is."""
        return _SAID[self.grade]


_v, _e, _i = table_of(Evidence).c, table_of(Entry).c, table_of(Initiative).c
_b, _s = table_of(InitiativeBacking).c, table_of(InitiativeStep).c


def _best(grades: Iterable[Grade | None]) -> Grade | None:
    return min((each for each in grades if each is not None), default=None, key=list(Grade).index)


def _heard(entry: EntryRow) -> Grade | None:
    """What the voices for a claim carry: what people say of their own accord is indicative however many they are."""
    tally = tally_of(entry, OPERATOR)
    if tally.voices(Stance.CONTRADICTS).customers >= tally.voices(Stance.SUPPORTS).customers:
        return None
    return Grade.C if weight_of(entry, OPERATOR).verdict is PatternVerdict.PATTERN else None


def _graded(session: Session, those: ColumnElement[bool]) -> dict[int, Grade | None]:
    """The best grade of what speaks for each of those entries: voices, figures, and the insights that it rests on."""
    result, piece = table_of(SurveyResult), table_of(Evidence)
    for_it = select(_e.id, _v.cited_id, result.c.grade).select_from(
        table_of(Entry)
        .outerjoin(piece, (_v.entry_id == _e.id) & (_v.stance == Stance.SUPPORTS))
        .outerjoin(result, result.c.id == _v.result_id)
    )
    pieces = session.connection().execute(for_it.where(those)).all()
    named = {id for row in pieces for id in (row[0], row[1]) if id is not None}
    rows = {row.id: row for row in read(session, EntryRow, everything().where(_e.id.in_(named)))} if named else {}
    found: dict[int, list[Grade | None]] = {row[0]: [_heard(rows[row[0]])] for row in pieces}
    for entry_id, cited_id, grade in pieces:
        found[entry_id].append(grade)
        claim = rows.get(cited_id)
        if claim is not None and claim.status is Status.PUBLISHED and claim.freshness is not Freshness.CONTESTED:
            found[entry_id].append(_heard(claim))
    return {id: _best(each) for id, each in found.items()}


def _grades(session: Session, ids: Sequence[int]) -> Mapping[int, Grade | None]:
    """The same of some entries, each read once in an operation."""
    known = remembered(session, "grades of initiatives")
    if new := [id for id in ids if id not in known]:
        known.update(_graded(session, _e.id.in_(new)))
    return known


def _priorities(session: Session, rows: list[EntryRow]) -> Mapping[int, Priority | None]:
    ids = [row.id for row in rows if row.kind is Kind.INITIATIVE]
    grades = _grades(session, ids) if ids else {}
    return {row.id: _priority(row, grades.get(row.id)) if row.kind is Kind.INITIATIVE else None for row in rows}


def _priority(row: EntryRow, grade: Grade | None) -> Priority:
    facts = entries.detail_of(row, InitiativeRow)
    return Priority(facts.reach, facts.impact, facts.effort, CARRIES[grade], grade)


def priority_of(initiative: EntryRow, viewer: Viewer) -> Priority | None:
    """What it is worth beside others, for colleagues; the same for each of them, and weighed for the whole list at once."""
    return neighbours(initiative, _priorities) if viewer.is_inside else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which initiatives are wanted; within one field any of the values will do, and what is empty does not matter."""

    kinds: tuple[InitiativeKind, ...] = ()
    status: tuple[InitiativeStatus, ...] = ()
    horizons: tuple[Horizon, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    steps: tuple[VisionStep, ...] = ()
    owner: int | None = None
    vision: int | None = None
    least: float | None = None


def listing(
    session: Session,
    viewer: Viewer,
    page: Page,
    *,
    wanted: Wanted | None = None,
    sort: InitiativeSort = InitiativeSort.UPDATED_DESC,
) -> Slice[EntryRow]:
    """Published initiatives that the viewer may see; those who are not colleagues have them in the order of their changes."""
    wanted = wanted or Wanted()
    statement = seen_by(viewer).join(table_of(Initiative), _i.revision_id == shown_revision())
    statement = statement.where(_e.status == Status.PUBLISHED, *_conditions(wanted, viewer))
    newest = ((_e.updated_at, True), (_e.id, True))
    if viewer.is_inside and (sort is InitiativeSort.PRIORITY_DESC or wanted.least is not None):
        score = func.coalesce(_score(session), 0.0)
        if wanted.least is not None:
            statement = statement.where(score >= wanted.least)
        if sort is InitiativeSort.PRIORITY_DESC:
            return sliced(session, EntryRow, statement, Order(sort.value, ((score, True), *newest)), page)
    return sliced(session, EntryRow, statement, Order(InitiativeSort.UPDATED_DESC.value, newest), page)


def _conditions(wanted: Wanted, viewer: Viewer) -> Iterable[ColumnElement[bool]]:
    chosen: Sequence[tuple[Any, Sequence[Any]]] = (
        (_i.kind, wanted.kinds),
        (_i.status, wanted.status),
        (_i.horizon, wanted.horizons),
        (_i.contribution, wanted.contributions),
    )
    yield from (column.in_(values) for column, values in chosen if values)
    if wanted.owner is not None:
        yield _e.owner_id == wanted.owner
    if wanted.vision is not None:
        yield _e.id.in_(select(_b.entry_id).where(_b.vision_id == wanted.vision))
    if wanted.steps and viewer.is_inside:
        yield _e.id.in_(select(_s.entry_id).where(_s.step.in_(wanted.steps)))


def _score(session: Session) -> ColumnElement[Any]:
    """The score of a published initiative: the confidence of each is known before the list is read."""
    grades = _graded(session, (_e.kind == Kind.INITIATIVE) & (_e.status == Status.PUBLISHED))
    remembered(session, "grades of initiatives").update(grades)
    steps = [(_e.id.in_([id for id, its in grades.items() if its is grade]), CARRIES[grade]) for grade in Grade]
    return cast(_i.reach, Float) * _i.impact * case(*steps, else_=CARRIES[None]) / func.nullif(_i.effort, 0.0)
