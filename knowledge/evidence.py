"""Evidence: what customers said, attached to the entry whose claim it supports or contradicts, word for word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, feedback, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.feedback import FeedbackRow, alarms
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import Channel, Kind, Stance, Status


class Evidence(Table, table=True):
    """A quote from one verbatim, at its offsets, with what it does to the entry's claim."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("entry_id", "feedback_id", "quote_start", "quote_end"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    feedback_id: int = Field(foreign_key="feedback.id", index=True)
    stance: Stance = word(Stance)
    quote_start: int
    quote_end: int
    weight: int = 1
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()


class EvidenceRow(Row):
    """A piece of evidence as it is read; the quote is cut out of the verbatim, so that it can only be exact."""

    uid: UUID
    entry_id: int
    feedback_id: int
    stance: Stance
    quote: str
    weight: int
    author_id: int | None
    created_at: datetime
    channel: Channel
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class Voices:
    """How many pieces of evidence there are, and how many distinct customers stand behind them.

    A voice is a distinct customer, however often they spoke; all that is anonymous counts as one. Nothing more is claimed here:
    shares, intervals and verdicts are statistics and come with theirs.
    """

    items: int
    customers: int


_v = table_of(Evidence).c
_f = table_of(feedback.Feedback).c


def _seen_by(viewer: Viewer) -> Select[Any]:
    quote: ColumnElement[str] = func.substr(_f.verbatim, _v.quote_start + 1, _v.quote_end - _v.quote_start)
    names = ("id", "uid", "entry_id", "feedback_id", "stance", "weight", "author_id", "created_at")
    return (
        select(*columns_of(Evidence, *names), quote.label("quote"), _f.channel, _f.customer_id)
        .join_from(table_of(Evidence), table_of(feedback.Feedback), _f.id == _v.feedback_id)
        .where(feedback.visible_to(viewer))
    )


def _of_entries(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, list[EvidenceRow]]:
    mine = (
        _seen_by(viewer).where(_v.entry_id.in_([row.id for row in rows])).order_by(_v.created_at.desc(), _v.id.desc())
    )
    return grouped(rows, read(session, EvidenceRow, mine), lambda item: item.entry_id)


def of_entry(entry: EntryRow, viewer: Viewer) -> Sequence[EvidenceRow]:
    """The evidence for and against an entry that the viewer may read, the latest first, read for the whole list at once."""
    return neighbours(entry, _of_entries, viewer)


def _of_feedback(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, list[EvidenceRow]]:
    mine = _seen_by(viewer).where(_v.feedback_id.in_([row.id for row in rows])).order_by(_v.id)
    return grouped(rows, read(session, EvidenceRow, mine), lambda item: item.feedback_id)


def of_feedback(item: FeedbackRow, viewer: Viewer) -> Sequence[EvidenceRow]:
    """What one item of feedback is evidence of."""
    return neighbours(item, _of_feedback, viewer)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> EvidenceRow | None:
    """One piece of evidence that the viewer may read, or None."""
    row = one(session, EvidenceRow, _seen_by(viewer).where(_v.uid == uid))
    return row if row is not None and entry_of(row, viewer) is not None else None


def _feedback(session: Session, rows: list[EvidenceRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    found = feedback.by_ids(session, viewer, (row.feedback_id for row in rows))
    return {row.id: found.get(row.feedback_id) for row in rows}


def feedback_of(item: EvidenceRow, viewer: Viewer) -> FeedbackRow | None:
    """The feedback a piece of evidence quotes."""
    return neighbours(item, _feedback, viewer)


def _entries(session: Session, rows: list[EvidenceRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(item: EvidenceRow, viewer: Viewer) -> EntryRow | None:
    """The entry a piece of evidence is attached to, if the viewer may see it."""
    return neighbours(item, _entries, viewer)


def author_of(item: EvidenceRow) -> PersonRow | None:
    """Who attached it."""
    return neighbours(item, people.loaded, "author_id")


@dataclass(frozen=True, slots=True)
class Tally:
    """What stands behind an entry, counted without reading a quote."""

    counts: tuple[tuple[Stance, Channel, int | None, int], ...] = ()  # stance, channel, customer, how many

    def voices(self, stance: Stance | None = None) -> Voices:
        """The voices behind all of it, or behind one stance."""
        kept = [each for each in self.counts if stance is None or each[0] is stance]
        return Voices(sum(count for *_, count in kept), len({customer for _, _, customer, _ in kept}))

    @property
    def channels(self) -> Sequence[Channel]:
        """The ways by which the customers were heard."""
        return sorted({channel for _, channel, _, _ in self.counts})


def _tallies(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, Tally]:
    grouped_by = (_v.entry_id, _v.stance, _f.channel, _f.customer_id)
    statement = (
        select(*grouped_by, func.count())
        .join_from(table_of(Evidence), table_of(feedback.Feedback), _f.id == _v.feedback_id)
        .where(feedback.visible_to(viewer), _v.entry_id.in_([row.id for row in rows]))
        .group_by(*grouped_by)
    )
    found: dict[int, list[tuple[Stance, Channel, int | None, int]]] = {row.id: [] for row in rows}
    for row in session.connection().execute(statement):
        found[row[0]].append((row[1], row[2], row[3], row[4]))
    return {id: Tally(tuple(each)) for id, each in found.items()}


def tally_of(entry: EntryRow, viewer: Viewer) -> Tally:
    """How many stand for and against an entry, counted for the whole list at once."""
    return neighbours(entry, _tallies, viewer)


def attach(
    session: Session, viewer: Viewer, entry: EntryRow, item: FeedbackRow, stance: Stance, *, quote: str | None = None
) -> EvidenceRow:
    """Attach what a customer said to an entry; without a quote the whole of it. Attaching the same twice changes the stance.
    What contradicts the entry puts it in doubt [E3],
    and what speaks of danger contests it at once [F5].

    Refuses NOT_ALLOWED, and INVALID where the quote is not in the verbatim, word for word.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="attach evidence")
    if not viewer.may(Act.FEEDBACK_READ):
        raise NotAllowed("Evidence is attached by those who may read feedback.", "feedback")
    if entry.status is Status.ARCHIVED:
        raise Invalid("This entry is archived.", "entry")
    start, end = _offsets(item, quote)
    same = (_v.entry_id == entry.id) & (_v.feedback_id == item.id) & (_v.quote_start == start) & (_v.quote_end == end)
    known = session.connection().execute(select(_v.id).where(same)).scalar()
    piece = session.get(Evidence, known) if known is not None else None
    before = piece.stance if piece is not None else None
    if piece is None:
        piece = Evidence(
            entry_id=entry.id,
            feedback_id=item.id,
            stance=stance,
            quote_start=start,
            quote_end=end,
            author_id=None if item.anonymous else viewer.id,  # whoever wrote down what is anonymous stays unnamed
            created_at=clock.now(),
        )
        session.add(piece)
    piece.stance = stance
    session.flush()  # the answer is read back
    if before is not stance:
        moved = {str(item.uid): (before, stance)}
        actor = None if item.anonymous else viewer.id
        activity.record(session, actor, "evidence.attached", "Entry", entry.uid, revision=entry.revision, moved=moved)
        if stance is not Stance.SUPPORTS and alarms.alarms(session, item):
            _contest(session, entry.id)
        elif stance is Stance.CONTRADICTS:
            _doubt(session, piece, item, actor)
    row = one(session, EvidenceRow, _seen_by(viewer).where(_v.id == piece.id))
    assert row is not None
    return row


def _doubt(session: Session, piece: Evidence, item: FeedbackRow, actor: int | None) -> None:
    """Let an entry be doubted by what contradicts it, if that is a voice that has not contradicted it before."""
    entry = session.get_one(
        entries.Entry, piece.entry_id, with_for_update=True
    )  # of two at once the second sees the first
    others = (
        select(_f.customer_id)
        .join_from(table_of(Evidence), table_of(feedback.Feedback), _f.id == _v.feedback_id)
        .where(_v.entry_id == piece.entry_id, _v.stance == Stance.CONTRADICTS, _v.id != piece.id)
        .distinct()
    )
    known = set(session.connection().execute(others).scalars())
    if item.customer_id not in known:  # all that is anonymous is one voice, None
        entries.freshness.doubt(session, entry, actor, voices=len(known) + 1)


def _contest(session: Session, entry_id: int) -> None:
    """Put an entry in doubt at the first word of danger, without waiting for a second voice [F5]; nobody in particular did it."""
    entry = session.get_one(entries.Entry, entry_id, with_for_update=True)
    entries.freshness.contest(session, entry, None, why="A customer reports a danger.")


def contest(session: Session, item: FeedbackRow) -> None:
    """Put in doubt what an item speaks against or is context of, now that it is known to speak of danger [F5]."""
    against = select(_v.entry_id).where(_v.feedback_id == item.id, _v.stance != Stance.SUPPORTS).distinct()
    for entry_id in session.connection().execute(against.order_by(_v.entry_id)).scalars().all():
        _contest(session, entry_id)


def _offsets(item: FeedbackRow, quote: str | None) -> tuple[int, int]:
    if quote is None or not quote.strip():
        return 0, len(item.verbatim)
    start = item.verbatim.find(quote.strip())
    if start < 0:
        raise Invalid("The quote is not in what the customer said, word for word.", "quote")
    return start, start + len(quote.strip())


def may_detach(item: EvidenceRow, viewer: Viewer) -> bool:
    """Whether the viewer may take it off: whoever attached it, and those who may edit the entry."""
    entry = entry_of(item, viewer)
    own = item.author_id is not None and item.author_id == viewer.id and viewer.may(Act.ENTRIES_WRITE)
    return own or (entry is not None and entries.may_edit(viewer, entry))


def detach(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take a piece of evidence off its entry: whoever attached it, or may edit the entry. Refuses NOT_FOUND, NOT_ALLOWED,
    and INVALID where a published insight would be left without any.
    """
    row = one(session, EvidenceRow, _seen_by(viewer).where(_v.uid == uid))
    entry = entry_of(row, viewer) if row is not None else None
    if row is None or entry is None:
        raise NotFound("There is no such evidence.", "id")
    if not may_detach(row, viewer):
        raise NotAllowed("Evidence is taken off by whoever attached it or may edit the entry.", "id")
    session.get_one(entries.Entry, entry.id, with_for_update=True)  # of two who take off at once the second waits
    left = select(func.count()).where(_v.entry_id == entry.id)
    last = session.connection().execute(left).scalar_one() == 1
    if entry.kind is Kind.INSIGHT and entry.status is Status.PUBLISHED and last:
        raise Invalid("A published insight keeps at least one piece of evidence: archive it instead.", "id")
    session.delete(session.get_one(Evidence, row.id))
    moved = {str(row.uid): (row.stance, None)}
    activity.record(session, viewer.id, "evidence.detached", "Entry", entry.uid, revision=entry.revision, moved=moved)
    return entry
