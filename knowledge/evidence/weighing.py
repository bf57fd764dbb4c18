"""What the evidence on an entry weighs: how many distinct customers stand behind it, of how many who were heard, by which channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, Select, exists, func, literal, select, union_all
from sqlmodel import Session

from knowledge import estimates, feedback
from knowledge.customers import Customer
from knowledge.customers.topmost import topmost
from knowledge.database import neighbours, table_of
from knowledge.entries import EntryRow
from knowledge.estimates import Caveat, Estimate
from knowledge.estimates.voices import FEW_VOICES
from knowledge.evidence.pieces import Evidence, channel, f, heard_by, joined, m, speaker, v
from knowledge.feedback import Feedback, voices
from knowledge.feedback.voices import Period, voice
from knowledge.people import Viewer
from knowledge.words import Channel, CustomerStatus, PatternVerdict, Stance

WINDOW = timedelta(days=90)
"""Those who speak for a claim are held against all who were heard from its first voice on, at least this long before its latest and
as long after it: a window that closed with the latest voice would flatter every claim.
"""


@dataclass(frozen=True, slots=True)
class Voices:
    """How many things were said, with all that is joined to them, and how many distinct customers stand behind them.

    A voice is what it is for themes: a distinct customer, the topmost account of an organisation, however often they spoke.
    """

    items: int
    customers: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one voice said on an entry to one effect over one channel; `gone` where its words were erased at its wish."""

    stance: Stance
    channel: Channel
    voice: int
    gone: bool
    items: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """What customers said on an entry, counted without reading a quote; undercover customers are ours, and no voices."""

    spoken: tuple[Spoken, ...] = ()

    def of(self, stance: Stance | None) -> Sequence[Spoken]:
        """What was said to one effect, or all of it."""
        return [each for each in self.spoken if stance is None or each.stance is stance]

    def voices(self, stance: Stance | None = None) -> Voices:
        """The voices behind all of it, or behind one stance."""
        kept = self.of(stance)
        return Voices(sum(each.items for each in kept), len({each.voice for each in kept}))

    @property
    def channels(self) -> Sequence[Channel]:
        """The ways by which the customers were heard."""
        return sorted({each.channel for each in self.spoken})

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The time that the voices for it are held against; None where there are none."""
        kept = _standing(self)
        if not kept:
            return None
        last = max(each.last for each in kept)
        return min(last - WINDOW, *(each.first for each in kept)), last + WINDOW


def _standing(tally: Tally) -> Sequence[Spoken]:
    return [each for each in tally.of(Stance.SUPPORTS) if not each.gone]


_c = table_of(Customer).c


def _tallies(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, Tally]:
    ids, top = [row.id for row in rows], topmost()
    tree = _tree(ids)
    statement = union_all(_quoted(ids, top, viewer), _repeated(tree, top, viewer), _echoed(tree, top, viewer))
    found: dict[int, list[Spoken]] = {row.id: [] for row in rows}
    for entry_id, stance, over, who, status, items, first, last in session.connection().execute(statement):
        if over != Channel.UNDERCOVER_CUSTOMER:
            gone = status == CustomerStatus.ERASED
            found[entry_id].append(Spoken(Stance(stance), Channel(over), who, gone, items, first, last))
    return {id: Tally(tuple(each)) for id, each in found.items()}


def _quoted(ids: Sequence[int], top: CTE, viewer: Viewer) -> Select[Any]:
    """What each voice said on entries; what is quoted twice was said once."""
    whose, at = speaker(), func.coalesce(f.received_at, m.at)
    by = (v.entry_id, v.stance, channel(), voice(whose, top), _c.status)
    tables = joined().outerjoin(top, top.c.id == whose).outerjoin(table_of(Customer), _c.id == whose)
    said = func.count(func.coalesce(f.id, -m.id).distinct())
    counted = select(*by, said, func.min(at), func.max(at)).select_from(tables)
    return counted.where(heard_by(viewer), v.entry_id.in_(ids)).group_by(*by)


def _repeated(tree: CTE, top: CTE, viewer: Viewer) -> Select[Any]:
    """What is joined to that, however deep, and is not quoted itself: it keeps its voice [F6] and speaks to the same effect."""
    mine = table_of(Evidence).alias("mine")
    itself = exists().where(mine.c.entry_id == tree.c.entry_id, mine.c.feedback_id == tree.c.item)
    whose = voices.speaker()
    by = (tree.c.entry_id, tree.c.stance, f.channel, voice(whose, top), _c.status)
    tables = tree.join(table_of(Feedback), f.id == tree.c.item).outerjoin(top, top.c.id == whose)
    counted = select(*by, func.count(), func.min(f.received_at), func.max(f.received_at))
    counted = counted.select_from(tables.outerjoin(table_of(Customer), _c.id == whose))
    return counted.where(feedback.visible_to(viewer), ~itself).group_by(*by)


def _tree(ids: Sequence[int]) -> CTE:
    """What is quoted on entries and all that is joined to it, however deep, with what it does to the claim."""
    quoted = select(v.entry_id, v.stance, v.feedback_id.label("item"))
    tree = quoted.where(v.entry_id.in_(ids), v.feedback_id.is_not(None)).cte("said", recursive=True)
    copy = table_of(Feedback).alias("copy")
    again = select(tree.c.entry_id, tree.c.stance, copy.c.id).join(tree, copy.c.duplicate_of_id == tree.c.item)
    return tree.union(again)


def _echoed(tree: CTE, top: CTE, viewer: Viewer) -> Select[Any]:
    """Those who said "same here" to any of that [C3], over the channel where it was said."""
    same = voices.echoes(viewer).subquery("same")
    tables = tree.join(same, same.c.item == tree.c.item).join(table_of(Feedback), f.id == tree.c.item)
    tables = tables.outerjoin(top, top.c.id == same.c.speaker).outerjoin(table_of(Customer), _c.id == same.c.speaker)
    by = (tree.c.entry_id, tree.c.stance, f.channel, voice(same.c.speaker, top), _c.status)
    counted = select(*by, func.count(same.c.item.distinct()), func.min(same.c.at), func.max(same.c.at))
    return counted.select_from(tables).group_by(*by)


def tally_of(entry: EntryRow, viewer: Viewer) -> Tally:
    """How many stand for and against an entry, counted for the whole list at once."""
    return neighbours(entry, _tallies, viewer)


@dataclass(frozen=True)
class Weight:
    """Whether what customers say for a claim may be said of customers in general."""

    voices: estimates.Voices
    channels: Sequence[Channel] = field(default=())
    gone: int = 0

    @property
    def prevalence(self) -> Estimate:
        """The customers who say so of all who were heard, with what is to be minded."""
        found = self.voices.prevalence
        if self.voices.customers > 1 and len(self.channels) == 1:
            return replace(found, warnings=(*found.warnings, Caveat.ONE_CHANNEL))
        return found

    @property
    def verdict(self) -> PatternVerdict:
        """What it comes to: a pattern, not yet one, or nothing heard at all."""
        return self.voices.verdict


NO_WEIGHT = Weight(estimates.Voices((), 0))
"""Of what nobody has said anything."""


def _weights(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, Weight]:
    tallies = {row.id: tally_of(row, viewer) for row in rows}
    windows = {id: tally.window for id, tally in tallies.items()}
    heard = _heard(session, {id: window for id, window in windows.items() if window is not None}, viewer)
    return {id: _weight(tally, heard.get(id, 0)) for id, tally in tallies.items()}


def _weight(tally: Tally, heard: int) -> Weight:
    """Every voice once, with as many items as it brought, whatever the channels."""
    kept, items = _standing(tally), dict[int, int]()
    for each in kept:
        items[each.voice] = items.get(each.voice, 0) + each.items
    gone = {each.voice for each in tally.of(Stance.SUPPORTS) if each.gone} - set(items)
    return Weight(estimates.Voices(list(items.values()), heard), sorted({each.channel for each in kept}), len(gone))


def _heard(session: Session, windows: Mapping[int, tuple[datetime, datetime]], viewer: Viewer) -> Mapping[int, int]:
    """How many voices were heard in the window of each entry, on anything; equal windows are counted once."""
    if not windows:
        return {}
    places = list(dict.fromkeys(windows.values()))
    top = topmost()
    counted: Any = union_all(*(_within(number, Period(*place), top, viewer) for number, place in enumerate(places)))
    found = {row[0]: row[1] for row in session.connection().execute(counted)}
    return {id: found[places.index(window)] for id, window in windows.items()}


def _within(number: int, period: Period, top: CTE, viewer: Viewer) -> Select[Any]:
    # Whoever spoke often is looked up once.
    spoke = voices.spoke(viewer, period).subquery()
    columns: list[Any] = [literal(number), func.count(voice(spoke.c.speaker, top).distinct())]
    return select(*columns).select_from(spoke.outerjoin(top, top.c.id == spoke.c.speaker))


def weight_of(entry: EntryRow, viewer: Viewer) -> Weight:
    """What speaks for an entry, weighed for the whole list at once: one statement for the voices and one for all who were heard."""
    return neighbours(entry, _weights, viewer)


_WHY: Mapping[Caveat, str] = {
    Caveat.FEW_VOICES: f"fewer than {FEW_VOICES} are too few to speak for others",
    Caveat.LOW_PREVALENCE: "it may be fewer than 5 in 100 of those we heard",
}
_BESIDE: Mapping[Caveat, str] = {
    Caveat.DOMINATED: "more than half of it comes from one customer",
    Caveat.CONCENTRATED: "most of it comes from very few",
    Caveat.ONE_CHANNEL: "all of it was heard in one way only",
}


def in_words(weight: Weight) -> str:
    """The verdict as a sentence that says what it rests on, and what to mind."""
    found, counted = weight.prevalence, weight.voices.customers
    if weight.verdict is PatternVerdict.NOTHING_HEARD:
        return "No customer has been heard on this yet."
    of = f"{counted} of the {weight.voices.heard} customers heard then {'says' if counted == 1 else 'say'} so"
    if weight.verdict is PatternVerdict.PATTERN:
        said = f"A pattern: {of} ({_percent(found)})"
    else:
        said = f"Not yet a pattern: {of}, and {' and '.join(_told(_WHY, found))}"
    beside = [*_told(_BESIDE, found), *_erased(weight.gone)]
    return f"{said}; {' and '.join(beside)}." if beside else f"{said}."


def _told(words: Mapping[Caveat, str], found: Estimate) -> list[str]:
    return [said for caveat, said in words.items() if caveat in found.warnings]


def _erased(gone: int) -> list[str]:
    if not gone:
        return []
    return ["one voice was erased at its wish" if gone == 1 else f"{gone} voices were erased at their wish"]


def _percent(found: Estimate) -> str:
    assert found.low is not None
    assert found.high is not None
    return f"{found.low * 100:.0f} to {found.high * 100:.0f} %"
