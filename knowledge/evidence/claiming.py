"""What an insight may be called, and how far it has been tested: it never claims more than its evidence carries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlmodel import Field, Session

from knowledge import activity, clock, entries
from knowledge.customers import Customer
from knowledge.customers.segments import Segment, SegmentRow
from knowledge.database import Table, columns_of, grouped, neighbours, read, table_of
from knowledge.entries import Entry, EntryRow, freshness
from knowledge.entries.entry import everything
from knowledge.entries.writing import reread
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.evidence.pieces import f, joined, m, v
from knowledge.evidence.weighing import in_words, weight_of
from knowledge.feedback import Feedback
from knowledge.feedback.themes import Theme, ThemeRow
from knowledge.insights import Insight, InsightRow
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.words import CustomerStatus, Freshness, InsightKind, InsightState, Kind, PatternVerdict, Stance, Status

MOST = 20
"""How many segments and themes an insight may be about."""


class InsightSegment(Table, table=True):
    """A segment of customers that an insight is about."""

    __tablename__ = "insight_segment"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    segment_id: int = Field(foreign_key="segment.id", primary_key=True, index=True)


class InsightTheme(Table, table=True):
    """A theme that an insight is about."""

    __tablename__ = "insight_theme"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    theme_id: int = Field(foreign_key="theme.id", primary_key=True, index=True)


_e, _i = table_of(Entry).c, table_of(Insight).c


def _said(entry: EntryRow) -> InsightRow:
    return entries.detail_of(entry, InsightRow)


def _judge(viewer: Viewer) -> Viewer:
    """What an insight may be called is the same for whoever reads it, so that it is weighed by all that colleagues know."""
    return viewer if viewer.may(Act.FEEDBACK_READ) else OPERATOR


def kind_of(entry: EntryRow, viewer: Viewer) -> InsightKind:
    """What it may be called: without the verdict a PATTERN is an OBSERVATION [N3], and advice that rests on nothing supported is a
    HYPOTHESIS [N7].
    """
    claimed = _said(entry).kind
    if claimed is InsightKind.PATTERN and weight_of(entry, _judge(viewer)).verdict is not PatternVerdict.PATTERN:
        return InsightKind.OBSERVATION
    if claimed is InsightKind.RECOMMENDATION and not is_grounded(entry):
        return InsightKind.HYPOTHESIS
    return claimed


def why_not(entry: EntryRow, viewer: Viewer) -> str | None:
    """Why it may not be called what it claims to be; None where it may."""
    claimed = _said(entry).kind
    if kind_of(entry, viewer) is claimed:
        return None
    if claimed is InsightKind.PATTERN:
        return in_words(weight_of(entry, _judge(viewer)))
    return "A recommendation rests on an insight that is supported, and this one does not."


def state_of(entry: EntryRow) -> InsightState:
    """How far it has been tested: as somebody judged it, unless it is in doubt since, or another took its place."""
    if entry.status is Status.OBSOLETE:
        return InsightState.SUPERSEDED
    state = _said(entry).state
    doubted = entry.freshness is Freshness.CONTESTED and state is not InsightState.REFUTED
    return InsightState.CONTESTED if doubted else state


def is_stale(entry: EntryRow) -> bool:
    """Whether the day is over by which it was to be looked at again [N6]."""
    day = _said(entry).review_by
    return day is not None and day < clock.today()


def _grounded(session: Session, rows: list[EntryRow]) -> Mapping[int, bool]:
    ids = [row.id for row in rows]
    found = set(session.connection().execute(_grounds(ids).where(_e.status == Status.PUBLISHED)).scalars())
    return {id: id in found for id in ids}


def _grounds(ids: Sequence[int]) -> Select[Any]:
    """Which of these entries a supported insight speaks for; a draft may wait for the other, as in an import."""
    shown = func.coalesce(_e.published_revision_id, _e.latest_revision_id)
    return (
        select(v.entry_id)
        .join(table_of(Entry), _e.id == v.cited_id)
        .join(table_of(Insight), _i.revision_id == shown)
        .where(v.entry_id.in_(ids), v.stance == Stance.SUPPORTS, _i.state == InsightState.SUPPORTED)
        .where(_e.status != Status.OBSOLETE, _e.freshness != Freshness.CONTESTED)
    )


def is_grounded(entry: EntryRow) -> bool:
    """Whether an insight that is supported, and published, speaks for it [N7]."""
    return neighbours(entry, _grounded)


def gaps(session: Session, entry: Entry, revision_id: int | None) -> Iterable[Problem]:
    """What keeps an insight from being published: it has no evidence [N1], or it advises and rests on nothing supported [N7]."""
    found = session.connection().execute(select(v.id).where(v.entry_id == entry.id)).first()
    if found is None:
        yield Problem("evidence", "No insight is published without evidence: attach what a customer said.")
    kind = session.connection().execute(select(_i.kind).where(_i.revision_id == revision_id)).scalar()
    held = _grounds([entry.id or 0])
    if kind is InsightKind.RECOMMENDATION and session.connection().execute(held).first() is None:
        said = "A recommendation rests on an insight that is supported: attach one that speaks for it."
        yield Problem("evidence", said)


def _insight(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    row = entries.by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such insight.", "id")
    return row


def _require_claim(row: EntryRow) -> None:
    if row.kind is not Kind.INSIGHT:
        raise Invalid("Only an insight claims something.", "id")


def may_assess(entry: EntryRow, viewer: Viewer) -> bool:
    """Whether the viewer may say how far it has been tested: whoever may verify it."""
    return freshness.may_verify(viewer, entry)


def assess(session: Session, viewer: Viewer, uid: UUID, state: InsightState, *, note: str = "") -> EntryRow:
    """Say how far an insight has been tested; what is refuted is contested as well.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for a state that its evidence does not carry or that comes about otherwise.
    """
    row = _insight(session, viewer, uid)
    if not may_assess(row, viewer):
        raise NotAllowed("How far it has been tested is said by its owner, its verifier, and those who curate.", "id")
    _require_claim(row)
    refuse(_unassessable(session, row, state, note))
    before = state_of(row)
    entry = session.get_one(Entry, row.id, with_for_update=True)
    mine = (entry.published_revision_id, entry.latest_revision_id)
    insight = table_of(Insight)
    # Of a newer draft only where it claims the same: what it claims otherwise nobody has tested.
    same = insight.c.revision_id.in_(mine) & (insight.c.claim == _said(row).claim)
    session.connection().execute(update(insight).where(same).values(state=state))
    entry.updated_at = clock.now()
    if before is not state:
        moved: dict[str, tuple[object, object]] = {"state": (before, state)}
        if note.strip():
            moved["note"] = (None, note.strip())
        activity.record(session, viewer.id, "insight.assessed", "Entry", uid, revision=row.revision, moved=moved)
    if state is InsightState.REFUTED:
        freshness.contest(session, entry, viewer.id, why=f"It is refuted. {note}".strip())
    return reread(session, entry)


def _unassessable(session: Session, row: EntryRow, state: InsightState, note: str) -> Iterable[Problem]:
    if len(note.strip()) > 300:
        yield Problem("note", "This has at most 300 characters.")
    if state in (InsightState.CONTESTED, InsightState.SUPERSEDED):
        yield Problem("state", "That comes about by what speaks against it, and by what takes its place.")
    elif row.freshness is Freshness.CONTESTED and state is InsightState.SUPPORTED:
        yield Problem("state", "It is contested: look at what speaks against it, and verify it first.")
    stance = {InsightState.SUPPORTED: Stance.SUPPORTS, InsightState.REFUTED: Stance.CONTRADICTS}.get(state)
    held = select(v.id).where(v.entry_id == row.id, v.stance == stance)
    if stance is not None and session.connection().execute(held).first() is None:
        how = "for" if stance is Stance.SUPPORTS else "against"
        yield Problem("state", f"Nothing is attached that speaks {how} it.")


def aim(
    session: Session, viewer: Viewer, uid: UUID, *, segments: Sequence[UUID] | None, themes: Sequence[UUID] | None
) -> EntryRow:
    """Say which segments and themes an insight is about, all of them; None leaves them. It sorts, and makes no revision.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for what is not there.
    """
    row = _insight(session, viewer, uid)
    if not entries.may_edit(viewer, row):
        raise NotAllowed("This is said by those who may edit the insight.", "id")
    _require_claim(row)
    wanted: list[tuple[str, type[Table], type[Table], Sequence[UUID]]] = []
    if segments is not None:
        wanted.append(("segments", InsightSegment, Segment, segments))
    if themes is not None:
        wanted.append(("themes", InsightTheme, Theme, themes))
    named = {field: _keys(session, field, table, uids) for field, _, table, uids in wanted}
    for field, join, _, _ in wanted:
        columns = table_of(join).c
        session.connection().execute(delete(table_of(join)).where(columns.entry_id == row.id))
        key = "segment_id" if field == "segments" else "theme_id"
        if named[field]:
            rows = [{"entry_id": row.id, key: id} for id in named[field]]
            session.connection().execute(insert(table_of(join)), rows)
    entry = session.get_one(Entry, row.id)
    entry.updated_at = clock.now()
    activity.record(session, viewer.id, "entry.updated", "Entry", uid, revision=row.revision)
    return reread(session, entry)


def _keys(session: Session, field: str, table: type[Table], uids: Sequence[UUID]) -> list[int]:
    if len(uids) > MOST:
        raise Invalid(f"At most {MOST}.", field)
    columns = table_of(table).c
    found = session.connection().execute(select(columns.id).where(columns.uid.in_(set(uids)))).scalars().all()
    if len(found) < len(set(uids)):
        raise NotFound("There is no such thing.", field)
    return list(found)


class _SegmentOf(SegmentRow):
    entry_id: int


class _ThemeOf(ThemeRow):
    entry_id: int


def _segments(session: Session, rows: list[EntryRow]) -> Mapping[int, list[_SegmentOf]]:
    columns = columns_of(Segment, "id", *SegmentRow.__annotations__)
    j, t = table_of(InsightSegment).c, table_of(Segment).c
    mine = select(*columns, j.entry_id).join_from(table_of(InsightSegment), table_of(Segment), t.id == j.segment_id)
    mine = mine.where(j.entry_id.in_([row.id for row in rows])).order_by(t.name, t.id)
    return grouped(rows, read(session, _SegmentOf, mine), lambda each: each.entry_id)


def _themes(session: Session, rows: list[EntryRow]) -> Mapping[int, list[_ThemeOf]]:
    columns = columns_of(Theme, "id", *ThemeRow.__annotations__)
    j, t = table_of(InsightTheme).c, table_of(Theme).c
    mine = select(*columns, j.entry_id).join_from(table_of(InsightTheme), table_of(Theme), t.id == j.theme_id)
    mine = mine.where(j.entry_id.in_([row.id for row in rows])).order_by(t.name, t.id)
    return grouped(rows, read(session, _ThemeOf, mine), lambda each: each.entry_id)


def segments_of(entry: EntryRow, viewer: Viewer) -> Sequence[SegmentRow]:
    """The segments that it is about, for colleagues."""
    if not viewer.may(Act.CUSTOMERS_READ):
        return ()
    return neighbours(entry, _segments)


def themes_of(entry: EntryRow, viewer: Viewer) -> Sequence[ThemeRow]:
    """The themes that it is about, for colleagues."""
    return neighbours(entry, _themes) if viewer.may(Act.FEEDBACK_READ) else ()


def rest_on(session: Session, customer_ids: Sequence[int]) -> frozenset[int]:
    """The entries that have words of these customers as evidence, or words that theirs are joined to."""
    said = select(f.id, f.duplicate_of_id).where(f.customer_id.in_(customer_ids)).cte("said", recursive=True)
    above = table_of(Feedback).alias("above")
    said = said.union(select(above.c.id, above.c.duplicate_of_id).join(said, above.c.id == said.c.duplicate_of_id))
    theirs = or_(v.feedback_id.in_(select(said.c.id)), m.customer_id.in_(customer_ids))
    found = select(v.entry_id).select_from(joined()).where(theirs)
    return frozenset(session.connection().execute(found).scalars())


@dataclass(frozen=True, slots=True)
class Resting:
    """What a published insight rests on: anything that can still be read, and the voices that make it a pattern."""

    is_held: bool
    is_pattern: bool


def resting(session: Session, ids: Collection[int]) -> Mapping[int, Resting]:
    """What those of these entries rest on that are published insights."""
    wanted = everything().where(_e.id.in_(ids), _e.kind == Kind.INSIGHT, _e.status == Status.PUBLISHED)
    rows = read(session, EntryRow, wanted) if ids else []
    whose, c = func.coalesce(f.customer_id, m.customer_id), table_of(Customer)
    standing = select(v.entry_id).select_from(joined().outerjoin(c, c.c.id == whose)).where(v.entry_id.in_(ids))
    held = standing.where(or_(c.c.status.is_(None), c.c.status != CustomerStatus.ERASED)).distinct()
    known = set(session.connection().execute(held).scalars()) if rows else set()
    return {row.id: Resting(row.id in known, kind_of(row, OPERATOR) is InsightKind.PATTERN) for row in rows}


def reevaluate(session: Session, before: Mapping[int, Resting]) -> None:
    """Once a customer was erased: an insight that has nothing left to rest on is contested [N1], and the owner of what is no pattern any
    more is asked to look at it [N3, N5].
    """
    for id, now in resting(session, before.keys()).items():
        entry = session.get_one(Entry, id, with_for_update=True)
        if before[id].is_held and not now.is_held:
            freshness.contest(session, entry, None, why="What it rested on was erased at a customer's wish.")
        elif before[id].is_pattern and not now.is_pattern:
            moved = {"kind": (InsightKind.PATTERN, InsightKind.OBSERVATION)}
            activity.record(session, None, "entry.doubted", "Entry", entry.uid, moved=moved)
