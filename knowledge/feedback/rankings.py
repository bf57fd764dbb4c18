"""Themes of a period, ranked by how many customers speak of them and by how many messages there are: the loud few are seen as few."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import Session

from knowledge.database import neighbours, remembered, table_of
from knowledge.estimates import Estimate, Voices, count
from knowledge.feedback import themes, voices
from knowledge.feedback.alarms import CALM
from knowledge.feedback.items import Feedback, FeedbackAttribute
from knowledge.feedback.themes import FeedbackTheme, ThemeRow
from knowledge.feedback.voices import Period
from knowledge.people import Act, Viewer
from knowledge.words import Loudness, PatternVerdict, QualityAttribute

_f, _h, _a = table_of(Feedback).c, table_of(FeedbackTheme).c, table_of(FeedbackAttribute).c


@dataclass(frozen=True, slots=True)
class Loud:
    """How loud a theme is: who speaks of it, and whether it speaks of danger."""

    voices: Voices
    is_dangerous: bool = False

    @property
    def messages(self) -> Estimate:
        """How many messages there are, and how many customers behind them."""
        return count(self.voices.items, voices=self.voices.customers)

    @property
    def loudest(self) -> Estimate:
        """The part of the messages that the loudest customer sent; nothing is concluded from it."""
        return Estimate(self.voices.items, self.voices.customers, value=self.voices.top_share)

    @property
    def verdict(self) -> PatternVerdict:
        """What may be said of it in general. What speaks of danger waits for no numbers [F5]."""
        return PatternVerdict.SAFETY if self.is_dangerous else self.voices.verdict


@dataclass(frozen=True, slots=True)
class Ranked:
    """A theme, and its places in both orders, the first being 1."""

    theme: ThemeRow
    loud: Loud
    by_customers: int
    by_messages: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The themes of a period, all who were heard in it, and how much of it nobody has given a theme."""

    period: Period
    heard: Estimate
    unsorted: Estimate
    themes: Sequence[Ranked] = field(default=())


def ranking(
    session: Session, viewer: Viewer, period: Period | None = None, *, by: Loudness = Loudness.CUSTOMERS
) -> Ranking:
    """All themes that were spoken of in a period; five statements, however much was said. Nothing for those who read no feedback."""
    period = period or voices.lately()
    if not viewer.may(Act.FEEDBACK_READ):
        return Ranking(period, count(0), count(0))
    everybody, unsorted = voices.counted(session, viewer, period), _unsorted(session, viewer, period)
    loud = _loud(session, viewer, period, everybody.distinct_voices or 0)
    rows = list(themes.by_ids(session, viewer, loud).values())
    customers = _places(rows, lambda row: (-loud[row.id].voices.customers, -loud[row.id].voices.items))
    messages = _places(rows, lambda row: (-loud[row.id].voices.items, -loud[row.id].voices.customers))
    ranked = [Ranked(row, loud[row.id], customers[row.id], messages[row.id]) for row in rows]
    ranked.sort(key=_place(by))
    return Ranking(period, everybody, unsorted, ranked)


def _places(rows: Sequence[ThemeRow], key: Any) -> Mapping[int, int]:
    ordered = sorted(rows, key=lambda row: (*key(row), row.name.casefold()))
    return {row.id: place for place, row in enumerate(ordered, 1)}


def _unsorted(session: Session, viewer: Viewer, period: Period) -> Estimate:
    """How much of it has no theme yet."""
    held = exists().where(_h.feedback_id == func.coalesce(_f.duplicate_of_id, _f.id))
    bare = select(func.count()).select_from(table_of(Feedback))
    bare = bare.where(*voices.heard(viewer, period), ~held)
    return count(session.connection().execute(bare).scalar_one())


def _loud(session: Session, viewer: Viewer, period: Period, heard: int) -> Mapping[int, Loud]:
    found = voices.summed(session, themes.spoken(viewer, period), "theme_id", heard=heard)
    dangerous = _dangerous(session, viewer, period)
    return {id: Loud(each, id in dangerous) for id, each in found.items()}


def _dangerous(session: Session, viewer: Viewer, period: Period) -> set[int]:
    """The themes of what speaks of danger in a period."""
    alarming = select(_a.feedback_id).where(_a.attribute == QualityAttribute.SAFETY)
    statement = (
        select(_h.theme_id)
        .join_from(table_of(Feedback), table_of(FeedbackTheme), _h.feedback_id == _f.id)
        .where(*voices.heard(viewer, period))
        .where(_f.id.in_(alarming), _f.kind.is_(None) | _f.kind.not_in(CALM))
        .distinct()
    )
    return set(session.connection().execute(statement).scalars())


def recent(session: Session, viewer: Viewer, days: int = voices.USUAL, *, by: Loudness = Loudness.CUSTOMERS) -> Ranking:
    """The same of the last days; however often an operation asks for it, it is counted once."""
    known = remembered(session, ("themes of the last days", viewer.id, viewer.role))
    if days not in known:
        known[days] = ranking(session, viewer, voices.lately(days))
    found: Ranking = known[days]
    return replace(found, themes=sorted(found.themes, key=_place(by)))


def _place(by: Loudness) -> Callable[[Ranked], int]:
    return lambda each: each.by_customers if by is Loudness.CUSTOMERS else each.by_messages


def _lately(session: Session, rows: list[ThemeRow], viewer: Viewer) -> Mapping[int, Ranked | None]:
    found = {each.theme.id: each for each in recent(session, viewer).themes}
    return {row.id: found.get(row.id) for row in rows}


def lately(theme: ThemeRow, viewer: Viewer) -> Ranked | None:
    """A theme among those of the last ninety days, or None where nobody spoke of it; for colleagues."""
    return neighbours(theme, _lately, viewer)
