"""How often each answer was given, counted by the database: of all who answered, and cell by cell of a cut."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, FromClause, Integer, Select, case, cast, func, literal, or_, select, union_all
from sqlmodel import Session

from knowledge.customers.merging import CustomerMerge, CustomerMergeRow
from knowledge.customers.segments import Segment, SegmentMembership
from knowledge.database import table_of
from knowledge.people import FunctionalGroup
from knowledge.surveys.response import SurveyAnswer, SurveyChoice, SurveyResponse
from knowledge.surveys.survey import SurveyQuestion, Wave
from knowledge.words import ScoreCut, Stage

_a, _r, _c, _q, _w = (table_of(each).c for each in (SurveyAnswer, SurveyResponse, SurveyChoice, SurveyQuestion, Wave))
_m, _s, _g = (table_of(each).c for each in (SegmentMembership, Segment, FunctionalGroup))
_j, _k = table_of(CustomerMerge).c, table_of(CustomerMergeRow).c

Spot = tuple[int, int]
"""A question and a wave."""

MOST = 40
"""So many segments are compared at most, those with the most answers."""


@dataclass
class Cells:
    """The answers at one question in one wave by cell, and by cell and sets where people can be in several."""

    counts: dict[Hashable, dict[int, int]] = field(default_factory=dict)
    unassigned: int = 0
    atoms: dict[tuple[Hashable, frozenset[Hashable]], int] = field(default_factory=dict)

    def add(self, cell: Hashable, number: int, n: int) -> None:
        """So many of a cell gave this answer."""
        counts = self.counts.setdefault(cell, {})
        counts[number] = counts.get(number, 0) + n


def _answers(surveys: Iterable[int]) -> Select[Any]:
    """The answers on a scale, with whose they are."""
    joined = table_of(SurveyAnswer).join(table_of(SurveyResponse), _r.id == _a.response_id)
    asked = select(_q.id).where(_q.survey_id.in_(list(surveys)))
    return (
        select(_a.question_id, _r.wave_id).select_from(joined).where(_a.question_id.in_(asked), _a.number.is_not(None))
    )


def answers(session: Session, surveys: Sequence[int]) -> Mapping[Spot, Mapping[int, int]]:
    """By question and wave, how often each answer was given."""
    spot = (_a.question_id, _r.wave_id, _a.number)
    counted = _answers(surveys).add_columns(_a.number, func.count()).group_by(*spot)
    found: dict[Spot, dict[int, int]] = {}
    for question, wave, number, n in session.connection().execute(counted):
        found.setdefault((question, wave), {})[number] = n
    return found


def responses(session: Session, waves: Sequence[int]) -> Mapping[int, int]:
    """By wave, how many answered."""
    counted = select(_r.wave_id, func.count()).where(_r.wave_id.in_(waves)).group_by(_r.wave_id)
    return {row[0]: row[1] for row in session.connection().execute(counted)}


def choices(session: Session, questions: Sequence[int]) -> Mapping[Spot, Mapping[int, int]]:
    """By question of choices or in words, and wave: how many took each choice, and under the key 0 how many answered it at all."""
    spot = (_a.question_id, _r.wave_id)
    responded = table_of(SurveyAnswer).join(table_of(SurveyResponse), _r.id == _a.response_id)
    taken = responded.join(table_of(SurveyChoice), _c.answer_id == _a.id)
    mine = _a.question_id.in_(questions)
    each = select(*spot, _c.option_id, func.count()).select_from(taken).where(mine).group_by(*spot, _c.option_id)
    someone = select(_c.id).where(_c.answer_id == _a.id).exists()
    all_ = (
        select(*spot, literal(0), func.count())
        .select_from(responded)
        .where(mine, someone | _a.text.is_not(None))
        .group_by(*spot)
    )
    found: dict[Spot, dict[int, int]] = {}
    for question, wave, option, n in session.connection().execute(union_all(each, all_)):
        found.setdefault((question, wave), {})[option] = n
    return found


def cells(session: Session, survey: int, by: ScoreCut) -> Mapping[Spot, Cells]:
    """The same by stage or by group, as they were on the day of answering."""
    column: Any = _r.stage if by is ScoreCut.STAGE else _r.group_id
    counted = _answers([survey]).add_columns(column, _a.number, func.count())
    found: dict[Spot, Cells] = {}
    for question, wave, cell, number, n in session.connection().execute(
        counted.group_by(_a.question_id, _r.wave_id, column, _a.number)
    ):
        here = found.setdefault((question, wave), Cells())
        if cell is None:
            here.unassigned += n
        else:
            here.add(Stage(cell) if by is ScoreCut.STAGE else cell, number, n)
    return found


def _with_segments(*, outer: bool) -> FromClause:
    """Responses, each with the segments that whoever answered was in when they did [S1].

    A response is theirs who gave it, though they have become one with another since: their past is their own [L7], and a figure that
    moved with a merge would tell what they answered.
    """
    first = select(cast(_k.key, Integer).label("id"), func.min(_k.merge_id).label("merge"))
    stands = first.join_from(table_of(CustomerMergeRow), table_of(CustomerMerge), _j.id == _k.merge_id)
    moved = stands.where(_k.place == "survey_response.customer_id", _j.undone_at.is_(None)).group_by(_k.key).subquery()
    known = table_of(SurveyResponse).outerjoin(moved, moved.c.id == _r.id)
    known = known.outerjoin(table_of(CustomerMerge), _j.id == moved.c.merge)
    held = or_(_m.until.is_(None), _m.until > _r.answered_at)
    then = (_m.customer_id == func.coalesce(_j.from_id, _r.customer_id)) & (_m.since <= _r.answered_at) & held
    return known.join(table_of(SegmentMembership), then, isouter=outer)


def _segments(session: Session, survey: int) -> list[int]:
    """At most one more than are compared."""
    most = select(_m.segment_id).select_from(_with_segments(outer=False))
    most = most.where(_r.wave_id.in_(_waves(survey))).group_by(_m.segment_id)
    ordered = most.order_by(func.count().desc(), _m.segment_id).limit(MOST + 1)
    return list(session.connection().execute(ordered).scalars())


def _waves(survey: int) -> Select[tuple[int]]:
    return select(_w.id).where(_w.survey_id == survey)


def segments(session: Session, survey: int, home: ScoreCut, *, all_or_none: bool = False) -> Mapping[Spot, Cells]:
    """The same by segment, with how many are in which of them and in which cell of `home`; two statements.

    With `all_or_none` there is nothing where they are more than are compared: which of them those are may change from day to day,
    and what is told today must not be told apart by what was told yesterday.
    """
    ids = _segments(session, survey)
    if not ids or (all_or_none and len(ids) > MOST):
        return {}
    ids = ids[:MOST]
    bits = case(
        {id: literal(1 << place, BigInteger) for place, id in enumerate(ids)},
        value=_m.segment_id,
        else_=literal(0, BigInteger),
    )
    signs = select(_r.id, func.coalesce(func.sum(bits.distinct()), 0).label("sets"))
    signs = signs.select_from(_with_segments(outer=True))
    sets = signs.where(_r.wave_id.in_(_waves(survey))).group_by(_r.id).subquery()
    column: Any = _r.stage if home is ScoreCut.STAGE else _r.group_id
    spot = (_a.question_id, _r.wave_id, column, sets.c.sets, _a.number)
    joined = (
        table_of(SurveyAnswer).join(table_of(SurveyResponse), _r.id == _a.response_id).join(sets, sets.c.id == _r.id)
    )
    asked = select(_q.id).where(_q.survey_id == survey)
    counted = select(*spot, func.count()).select_from(joined)
    found: dict[Spot, Cells] = {}
    known: dict[int, frozenset[Hashable]] = {}
    for question, wave, cell, sign, number, n in session.connection().execute(
        counted.where(_a.question_id.in_(asked), _a.number.is_not(None)).group_by(*spot)
    ):
        here = found.setdefault((question, wave), Cells())
        mine = known.get(sign)
        if mine is None:
            mine = known[sign] = frozenset(id for place, id in enumerate(ids) if int(sign) >> place & 1)
        for each in mine:
            here.add(each, number, n)
        key = (None if cell is None else Stage(cell) if home is ScoreCut.STAGE else cell), mine
        here.atoms[key] = here.atoms.get(key, 0) + n
        here.unassigned += 0 if mine else n
    return found


def names(session: Session, by: ScoreCut, keys: Iterable[Any]) -> Mapping[Any, tuple[str, Any]]:
    """What groups or segments are called, and their uids, by their key."""
    wanted = list(keys)
    if not wanted:
        return {}
    table, columns = (Segment, _s) if by is ScoreCut.SEGMENT else (FunctionalGroup, _g)
    statement = select(columns.id, columns.name, columns.uid).select_from(table_of(table)).where(columns.id.in_(wanted))
    return {id: (name, uid) for id, name, uid in session.connection().execute(statement)}
