"""Outcome records: what was measured before and after, what changed, and in words no larger than the comparison allows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, UniqueConstraint, and_, false, select
from sqlmodel import Field, Session

from knowledge import activity, clock, customers, entries, estimates, people
from knowledge.customers import Customer, CustomerRow
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    slices,
    table_of,
    word,
)
from knowledge.entries import EntryRow, freshness
from knowledge.entries.entry import Entry
from knowledge.errors import NotAllowed, NotFound, Problem, refuse
from knowledge.estimates import Caveat, Estimate, Sample
from knowledge.people import Act, FunctionalGroup, GroupRow, PersonRow, Viewer, require
from knowledge.words import Comparison, Kind, MetricKind, Stage, Status, Verdict

MEASURED = frozenset({Kind.BEST_PRACTICE, Kind.INITIATIVE})
LARGEST = 1e12


class OutcomeRecord(Table, table=True):
    """One measurement of what a practice or an initiative changed. What is withdrawn stays, and is shown no more."""

    __tablename__ = "outcome_record"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    stage: Stage | None = word(Stage, None)
    segment: str | None = Field(default=None, max_length=80)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id")
    from_on: date
    to_on: date
    metric: str = Field(max_length=120)
    metric_kind: MetricKind = word(MetricKind)
    before_n: int | None = None
    before_value: float | None = None
    before_deviation: float | None = None
    after_n: int | None = None
    after_value: float | None = None
    after_deviation: float | None = None
    comparison: Comparison = word(Comparison, Comparison.NONE)
    verdict: Verdict = word(Verdict)
    note: str = Field(default="", max_length=2000)
    created_at: datetime = moment()
    withdrawn_at: datetime | None = moment(default=None)
    source: str | None = Field(default=None, max_length=80)
    external_id: str | None = Field(default=None, max_length=120)


class OutcomeRow(Row):
    """An outcome as colleagues read it; `customer_name` and `group_name` are read with it, the former where it may be."""

    uid: UUID
    entry_id: int
    author_id: int | None
    customer_id: int | None
    stage: Stage | None
    segment: str | None
    group_id: int | None
    from_on: date
    to_on: date
    metric: str
    metric_kind: MetricKind
    before_n: int | None
    before_value: float | None
    before_deviation: float | None
    after_n: int | None
    after_value: float | None
    after_deviation: float | None
    comparison: Comparison
    verdict: Verdict
    note: str
    created_at: datetime
    source: str | None
    external_id: str | None
    customer_name: str | None
    group_name: str | None

    @property
    def before(self) -> Sample | None:
        """What was measured before, or in the other group."""
        return _sample(self.before_n, self.before_value, self.before_deviation)

    @property
    def after(self) -> Sample | None:
        """What was measured after."""
        return _sample(self.after_n, self.after_value, self.after_deviation)


def _sample(n: int | None, value: float | None, deviation: float | None) -> Sample | None:
    return Sample(n, value, deviation) if n is not None and value is not None else None


@dataclass(frozen=True, slots=True)
class Where:
    """With whom it was tried: one customer, one kind of customers, or one group of colleagues; nobody named is everywhere."""

    customer: CustomerRow | None = None
    stage: Stage | None = None
    segment: str = ""
    group: GroupRow | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: when, what, and the figures on both sides."""

    from_on: date
    to_on: date
    metric: str
    kind: MetricKind
    before: Sample | None = None
    after: Sample | None = None
    comparison: Comparison = Comparison.NONE


_o = table_of(OutcomeRecord).c
_c, _g = table_of(Customer).c, table_of(FunctionalGroup).c
_OWN = ("id", *(name for name in OutcomeRow.__annotations__ if name not in ("customer_name", "group_name")))
_NEWEST = Order("newest", ((_o.to_on, True), (_o.id, True)))


def _seen_by(viewer: Viewer) -> Select[Any]:
    known = and_(_c.id == _o.customer_id, customers.visible_to(viewer))
    statement = (
        select(*columns_of(OutcomeRecord, *_OWN), _c.name.label("customer_name"), _g.name.label("group_name"))
        .outerjoin_from(table_of(OutcomeRecord), table_of(Customer), known)
        .outerjoin(table_of(FunctionalGroup), _g.id == _o.group_id)
        .where(_o.withdrawn_at.is_(None))
    )
    return statement if may_read(viewer) else statement.where(false())


def may_read(viewer: Viewer) -> bool:
    """Whether the viewer reads what was measured: colleagues do, for it tells of other customers."""
    return viewer.is_inside and viewer.may(Act.ENTRIES_READ)


def _pages(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[OutcomeRow]]:
    return slices(session, OutcomeRow, _seen_by(viewer), _NEWEST, page, rows, _o.entry_id)


def of_entry(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[OutcomeRow]:
    """What was measured of an entry, the latest first, for colleagues; read for the whole list at once."""
    return neighbours(entry, _pages, viewer, page)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> OutcomeRow | None:
    """One outcome of an entry that the viewer may see, or None."""
    row = one(session, OutcomeRow, _seen_by(viewer).where(_o.uid == uid))
    return row if row is not None and entry_of(row, viewer) is not None else None


def _entries(session: Session, rows: list[OutcomeRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(outcome: OutcomeRow, viewer: Viewer) -> EntryRow | None:
    """What was tried, if the viewer may see it."""
    return neighbours(outcome, _entries, viewer)


def author_of(outcome: OutcomeRow) -> PersonRow | None:
    """Who wrote it down."""
    return neighbours(outcome, people.loaded, "author_id")


def _customers(session: Session, rows: list[OutcomeRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(outcome: OutcomeRow, viewer: Viewer) -> CustomerRow | None:
    """The customer it was tried with, if the viewer may see them."""
    return neighbours(outcome, _customers, viewer)


def _groups(session: Session, rows: list[OutcomeRow]) -> Mapping[int, GroupRow | None]:
    found = people.groups_by_ids(session, (row.group_id for row in rows))
    return {row.id: found.get(row.group_id) for row in rows}


def group_of(outcome: OutcomeRow) -> GroupRow | None:
    """The group of colleagues it was tried in."""
    return neighbours(outcome, _groups)


def figure(outcome: OutcomeRow, side: Sample) -> Estimate:
    """What was measured on one side, with the interval that it has by itself."""
    return (estimates.share_of if outcome.metric_kind is MetricKind.PROPORTION else estimates.mean_of)(side)


def change(outcome: OutcomeRow) -> Estimate:
    """After minus before with its interval; what has nothing to be held against carries a caveat."""
    between = estimates.change_of_shares if outcome.metric_kind is MetricKind.PROPORTION else estimates.change_of_means
    found = between(outcome.before, outcome.after)
    if outcome.comparison is Comparison.NONE and found.value is not None:
        found = replace(found, warnings=(*found.warnings, Caveat.NO_COMPARISON))
    return found


_WORDS: Mapping[Verdict, str] = {
    Verdict.BETTER: "better after",
    Verdict.NO_CHANGE: "no change seen",
    Verdict.WORSE: "worse after",
    Verdict.HARMED: "somebody was harmed",
    Verdict.TOO_EARLY: "too early to say",
}
_HELD: Mapping[Comparison, str] = {
    Comparison.NONE: "with nothing to compare it to",
    Comparison.OTHER_GROUP: "beside a group that did without",
    Comparison.BEFORE_AFTER_SERIES: "in a series before and after",
}


def in_words(outcome: OutcomeRow) -> str:
    """What may be claimed, and no more: that something was better after is not that it works."""
    said = _WORDS[outcome.verdict]
    if outcome.verdict in (Verdict.TOO_EARLY, Verdict.HARMED):
        return said
    if outcome.before is None or outcome.after is None:
        return f"{said}, as somebody says; it was not measured on both sides"
    return f"{said}, {_HELD[outcome.comparison]}"


def record(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    measured: Measured,
    verdict: Verdict,
    *,
    where: Where = Where(),
    note: str = "",
) -> OutcomeRow:
    """Write down what was measured. Where somebody was harmed, the entry is contested at once. What is mistaken is withdrawn and
    recorded anew. Refuses NOT_ALLOWED, and INVALID with all that is wrong.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="say what came of a practice")
    where = replace(where, segment=" ".join(where.segment.split()))
    measured = replace(measured, metric=" ".join(measured.metric.split()))
    refuse(
        [
            *_place_faults(entry, where),
            *_day_faults(measured, clock.now().date()),
            *_figure_faults(measured, verdict),
            *([Problem("note", "A note has at most 2,000 characters.")] if len(note.strip()) > 2000 else []),
        ]
    )
    outcome = OutcomeRecord(
        entry_id=entry.id,
        author_id=viewer.id,
        customer_id=where.customer.id if where.customer else None,
        stage=where.stage,
        segment=where.segment or None,
        group_id=where.group.id if where.group else None,
        from_on=measured.from_on,
        to_on=measured.to_on,
        metric=measured.metric,
        metric_kind=measured.kind,
        comparison=measured.comparison,
        verdict=verdict,
        note=note.strip(),
        created_at=clock.now(),
        **_columns("before", measured.before),
        **_columns("after", measured.after),
    )
    session.add(outcome)
    session.flush()  # the answer is read back
    moved = {"verdict": (None, verdict), "outcome": (None, outcome.uid)}
    activity.record(session, viewer.id, "outcome.recorded", "Entry", entry.uid, revision=entry.revision, moved=moved)
    if verdict is Verdict.HARMED:
        stored = session.get_one(Entry, entry.id, with_for_update=True)
        why = f"An outcome says that somebody was harmed: {measured.metric}"
        freshness.contest(session, stored, viewer.id, why=why)
    return read(session, OutcomeRow, _seen_by(viewer).where(_o.id == outcome.id))[0]


def _columns(side: str, sample: Sample | None) -> dict[str, Any]:
    if sample is None:
        return {}
    return {f"{side}_n": sample.n, f"{side}_value": sample.value, f"{side}_deviation": sample.deviation}


def _place_faults(entry: EntryRow, where: Where) -> Iterable[Problem]:
    if entry.kind not in MEASURED:
        yield Problem("practice", "Outcomes are those of practices and initiatives.")
    elif entry.status is not Status.PUBLISHED:
        yield Problem("practice", "What came of it is recorded once it is published.")
    if len(where.segment) > 80:
        yield Problem("segment", "With whom it was tried is said in at most 80 characters.")
    if sum([where.customer is not None, bool(where.stage or where.segment), where.group is not None]) > 1:
        yield Problem("customer", "Name one customer, or one kind of customers, or one group.")


def _day_faults(measured: Measured, today: date) -> Iterable[Problem]:
    if measured.from_on.year < 1900:
        yield Problem("from", "This was too long ago.")
    if measured.to_on < measured.from_on:
        yield Problem("to", "The last day comes before the first.")
    if measured.to_on > today:
        yield Problem("to", "This day has not come yet.")


def _figure_faults(measured: Measured, verdict: Verdict) -> Iterable[Problem]:
    if not 1 <= len(measured.metric) <= 120:
        yield Problem("metric", "Say what was measured, in 1 to 120 characters.")
    for side, sample in (("before", measured.before), ("after", measured.after)):
        if sample is not None:
            yield from _sample_faults(side, sample, measured.kind)
    if measured.before is None and measured.comparison is not Comparison.NONE and verdict is not Verdict.TOO_EARLY:
        yield Problem("before", "To compare, say what was measured before, or that there is no comparison.")
    if measured.after is None and verdict in (Verdict.BETTER, Verdict.NO_CHANGE, Verdict.WORSE):
        yield Problem("after", "Say what was measured after, or that it is too early.")


def _sample_faults(side: str, sample: Sample, kind: MetricKind) -> Iterable[Problem]:
    if not 1 <= sample.n <= 1_000_000_000:
        yield Problem(f"{side}.n", "Say how many were observed, at least one.")
    if kind is MetricKind.PROPORTION:
        if not 0 <= sample.value <= 1:
            yield Problem(f"{side}.value", "A share is from 0 to 1, or from 0 % to 100 % with the sign.")
        if sample.deviation is not None:
            yield Problem(f"{side}.deviation", "A share has no deviation of its own.")
        return
    if abs(sample.value) > LARGEST:
        yield Problem(f"{side}.value", "This number is too large.")
    elif kind is MetricKind.DURATION and sample.value < 0:
        yield Problem(f"{side}.value", "A duration is not negative.")
    if sample.deviation is None:
        if kind is MetricKind.MEAN and sample.n > 1:
            yield Problem(f"{side}.deviation", "Give the standard deviation of the mean's observations.")
    elif not 0 <= sample.deviation <= LARGEST:
        yield Problem(f"{side}.deviation", "A deviation is not negative.")


def may_withdraw(outcome: OutcomeRow, viewer: Viewer) -> bool:
    """Whether the viewer may take it back: whoever wrote it down, and those who curate."""
    own = outcome.author_id is not None and outcome.author_id == viewer.id
    return viewer.may(Act.ENTRIES_CURATE) or (own and viewer.may(Act.ENTRIES_WRITE))


def withdraw(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take an outcome back: whoever wrote it down, and those who curate. Refuses NOT_FOUND and NOT_ALLOWED."""
    row = by_uid(session, viewer, uid)
    entry = entry_of(row, viewer) if row is not None else None
    if row is None or entry is None:
        raise NotFound("There is no such outcome.", "id")
    if not may_withdraw(row, viewer):
        raise NotAllowed("An outcome is taken back by whoever wrote it down, and by those who curate.", "id")
    session.get_one(OutcomeRecord, row.id).withdrawn_at = clock.now()
    moved = {"verdict": (row.verdict, None), "outcome": (row.uid, None)}
    activity.record(session, viewer.id, "outcome.withdrawn", "Entry", entry.uid, revision=entry.revision, moved=moved)
    return entry
