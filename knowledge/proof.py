"""What came of entries: of those who tried them how many they helped, beyond what chance would do, and with whom nobody has tried yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Float, Subquery, case, cast, func, literal, select, union_all
from sqlmodel import Session

from knowledge import estimates
from knowledge.database import neighbours, table_of
from knowledge.entries import EntryRow, listing
from knowledge.estimates import Estimate, Z
from knowledge.outcomes import OutcomeRecord
from knowledge.people import Viewer
from knowledge.uses import Use, may_read
from knowledge.words import Stage, UseResult, Verdict

LEAST = 0.5
"""The lower bound of Wilson's interval must be above it: four who tried and were all content are enough, six of seven are not."""

_o, _u = table_of(OutcomeRecord).c, table_of(Use).c


@dataclass(frozen=True, slots=True)
class Helped:
    """Of those who tried an entry how many say that it helped, how many that it harmed, and with customers on which rungs it was tried.

    Everybody has one voice on an entry: the latest that they said of it, be it a use or an outcome. What nobody in particular
    said is a voice for each. What is too early to say is none, and what worked in part did not work.
    """

    hits: int = 0
    tried: int = 0
    harmed: int = 0
    stages: frozenset[Stage] = frozenset()

    @property
    def share(self) -> Estimate:
        """The share whom it helped, with Wilson's interval; practices rank by its lower end."""
        return estimates.share(self.hits, self.tried, voices=self.tried)


def proven(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Those of the entries, by their keys, that have proven themselves; one statement."""
    return frozenset(id for id, found in _counted(session, ids).items() if (found.share.low or 0) > LEAST)


def _counted(session: Session, ids: Collection[int]) -> Mapping[int, Helped]:
    if not ids:
        return {}
    said = _latest(ids).c
    counts = [func.sum(each) for each in (said.counts * said.went_well, said.counts, said.counts * said.harmed)]
    statement = select(said.entry_id, said.stage, *counts).group_by(said.entry_id, said.stage)
    found: dict[int, Helped] = {}
    for id, stage, hits, tried, harmed in session.connection().execute(statement):
        before = found.get(id, Helped())
        stages = before.stages | ({Stage(stage)} if stage else set())
        sums = (before.hits + int(hits), before.tried + int(tried), before.harmed + int(harmed))
        found[id] = Helped(*sums, stages)
    return found


def _latest(ids: Collection[int] | None) -> Subquery:
    """Everything that was said of entries, all of them or those, with `counts` 1 for everybody's latest word and 0 for the rest."""
    told = _told(ids).subquery().c
    newest = (told.day.desc(), told.place.desc(), told.id.desc())
    number = func.row_number().over(partition_by=(told.entry_id, told.nobody, told.someone), order_by=newest)
    numbered = select(told.entry_id, told.stage, told.went_well, told.harmed, number.label("number")).subquery().c
    counts = case((numbered.number == 1, 1), else_=0).label("counts")
    return select(numbered.entry_id, numbered.stage, numbered.went_well, numbered.harmed, counts).subquery()


def _told(ids: Collection[int] | None) -> CompoundSelect[Any]:
    used = select(
        _u.entry_id,
        _u.id,
        literal(0).label("place"),
        case((_u.person_id.is_(None), 1), else_=0).label("nobody"),
        func.coalesce(_u.person_id, _u.id).label("someone"),
        _u.used_on.label("day"),
        _u.stage,
        case((_u.result == UseResult.WORKED, 1), else_=0).label("went_well"),
        case((_u.result == UseResult.HARMED, 1), else_=0).label("harmed"),
    ).where(_u.withdrawn_at.is_(None))
    measured = select(
        _o.entry_id,
        _o.id,
        literal(1).label("place"),
        case((_o.author_id.is_(None), 2), else_=0).label("nobody"),
        func.coalesce(_o.author_id, _o.id).label("someone"),
        _o.to_on.label("day"),
        _o.stage,
        case((_o.verdict == Verdict.BETTER, 1), else_=0).label("went_well"),
        case((_o.verdict == Verdict.HARMED, 1), else_=0).label("harmed"),
    ).where(_o.withdrawn_at.is_(None), _o.verdict != Verdict.TOO_EARLY)
    if ids is None:
        return union_all(used, measured)
    return union_all(used.where(_u.entry_id.in_(ids)), measured.where(_o.entry_id.in_(ids)))


def lows() -> Subquery:
    """Of every entry that somebody tried the lower end of Wilson's interval, as `estimates.wilson` reckons it, for sorting by it.

    What helped nobody stands behind what nobody tried, the further the more tried it: its upper end less one.
    """
    said = _latest(None).c
    hits, n = func.sum(said.counts * said.went_well), func.sum(said.counts)
    each = select(said.entry_id, cast(hits, Float).label("hits"), cast(n, Float).label("n"))
    counted = each.group_by(said.entry_id).subquery().c
    share, square = counted.hits / counted.n, Z * Z
    centre = share + square / (2 * counted.n)
    half = Z * func.sqrt(share * (1 - share) / counted.n + square / (4 * counted.n * counted.n))
    low = case((counted.hits == 0, square / (counted.n + square) - 1), else_=(centre - half) / (1 + square / counted.n))
    return select(counted.entry_id, low.label("low")).subquery("what_helped")


def _helped(session: Session, rows: list[EntryRow]) -> Mapping[int, Helped]:
    found = _counted(session, [row.id for row in rows])
    return {row.id: found.get(row.id, Helped()) for row in rows}


def helped(entry: EntryRow, viewer: Viewer) -> Helped:
    """What came of an entry, for colleagues; counted for the whole list at once."""
    return neighbours(entry, _helped) if may_read(viewer) else Helped()


_WHOM: Mapping[Stage, str] = {
    Stage.SUSPECT: "suspects",
    Stage.PROSPECT: "prospects",
    Stage.FIRST_TIME: "first-time customers",
    Stage.REPEAT: "repeat customers",
    Stage.CLIENT: "clients",
    Stage.ADVOCATE: "advocates",
    Stage.INACTIVE: "inactive customers",
    Stage.DISQUALIFIED: "those who were disqualified",
}


def in_words(entry: EntryRow, viewer: Viewer) -> str:
    """The same as a line: "helped 6 of 7 (49 to 97 %); untested with first-time customers"."""
    found = helped(entry, viewer)
    if not found.tried:
        return "not tried yet"
    share = found.share
    assert share.low is not None
    assert share.high is not None
    said = f"helped {found.hits} of {found.tried} ({share.low * 100:.0f} to {share.high * 100:.0f} %)"
    harmed = f"; harmed {found.harmed}" if found.harmed else ""
    whom = [_WHOM[stage] for stage in _untested(entry, found)]
    return f"{said}{harmed}" + (f"; untested with {_spoken(whom)}" if whom else "")


def _untested(entry: EntryRow, found: Helped) -> Sequence[Stage]:
    """The rungs that it is meant for and was not tried on; where nobody says on which it was tried, nothing is known of it."""
    return [stage for stage in listing.stages_of(entry) if stage not in found.stages] if found.stages else []


def _spoken(whom: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(whom[:-1]), whom[-1]]))
