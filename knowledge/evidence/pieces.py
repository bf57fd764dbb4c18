"""A piece of evidence: the words, the figure or the document that an entry's claim stands beside, and who may read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UniqueConstraint, and_, case, false, func, or_, select
from sqlmodel import Field, Session

from knowledge import clock, entries, feedback, people
from knowledge.customers import Customer, interactions
from knowledge.customers import customer as customers
from knowledge.customers.interactions import Interaction, InteractionRow
from knowledge.database import (
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
    slices,
    table_of,
    word,
)
from knowledge.entries import Entry, EntryRow, Revision
from knowledge.evidence import results
from knowledge.evidence.results import ResultRow
from knowledge.feedback import FeedbackRow, voices
from knowledge.people import Act, PersonRow, Viewer
from knowledge.words import Channel, EvidenceTarget, Stance

_ALONG = {"info": {"goes_along": True}}
"""Of a column without whose target a piece says nothing any more."""


class Evidence(Table, table=True):
    """What speaks for or against an entry's claim, and how much it weighs; exactly one target is named.

    A quote is kept by its offsets in the words that it is taken from; of an entry, in the body of the revision that was read.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("entry_id", "feedback_id", "quote_start", "quote_end"),
        UniqueConstraint("entry_id", "interaction_id", "quote_start", "quote_end"),
        UniqueConstraint("entry_id", "cited_id"),
        UniqueConstraint("entry_id", "result_id"),
        UniqueConstraint("entry_id", "document_url"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id", index=True, sa_column_kwargs=_ALONG)
    interaction_id: int | None = Field(default=None, foreign_key="interaction.id", index=True, sa_column_kwargs=_ALONG)
    cited_id: int | None = Field(default=None, foreign_key="entry.id", index=True, sa_column_kwargs=_ALONG)
    cited_revision_id: int | None = Field(default=None, foreign_key="revision.id")
    result_id: int | None = Field(default=None, foreign_key="survey_result.id", index=True, sa_column_kwargs=_ALONG)
    document_title: str | None = Field(default=None, max_length=200)
    document_url: str | None = Field(default=None, max_length=500)
    excerpt: str | None = Field(default=None, max_length=1000)
    stance: Stance = word(Stance)
    quote_start: int = 0
    quote_end: int = 0
    weight: int = 1
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()


class EvidenceRow(Row):
    """A piece of evidence as it is read; the quote is cut out of the words it is from, so that it can only be exact [N2]."""

    uid: UUID
    entry_id: int
    feedback_id: int | None
    interaction_id: int | None
    cited_id: int | None
    result_id: int | None
    document_title: str | None
    document_url: str | None
    stance: Stance
    quote_start: int
    quote_end: int
    weight: int
    author_id: int | None
    created_at: datetime
    quote: str
    channel: Channel | None
    customer_id: int | None

    @property
    def target(self) -> EvidenceTarget:
        """What it is taken from."""
        if self.feedback_id is not None:
            return EvidenceTarget.FEEDBACK
        if self.interaction_id is not None:
            return EvidenceTarget.INTERACTION
        if self.cited_id is not None:
            return EvidenceTarget.ENTRY
        return EvidenceTarget.SURVEY_RESULT if self.result_id is not None else EvidenceTarget.DOCUMENT


v = table_of(Evidence).c
f = table_of(feedback.Feedback).c
m = table_of(Interaction).c
_cited = table_of(Entry).c
_written = table_of(Revision).c
_OWN = ("id", *(name for name in EvidenceRow.__annotations__ if name not in ("quote", "channel", "customer_id")))


def joined() -> Any:
    """Evidence with what it is taken from beside it."""
    return (
        table_of(Evidence)
        .outerjoin(table_of(feedback.Feedback), f.id == v.feedback_id)
        .outerjoin(table_of(Interaction), m.id == v.interaction_id)
    )


def channel() -> ColumnElement[Any]:
    """How somebody was heard: the note of a meeting is a contact report, and what is no word of a customer has no channel."""
    return case(
        (v.feedback_id.is_not(None), f.channel),
        (v.interaction_id.is_not(None), Channel.CONTACT_REPORT),
        (v.result_id.is_not(None), Channel.CUSTOMER_SURVEY),
    )


def speaker() -> ColumnElement[int]:
    """Who said it, by the rule that themes are counted by; at a meeting the customer who was met."""
    return func.coalesce(m.customer_id, voices.speaker(f))


def heard_by(viewer: Viewer) -> ColumnElement[bool]:
    """What of the words of customers the viewer may read: items of feedback, and for colleagues notes of meetings."""
    said = and_(v.feedback_id.is_not(None), feedback.visible_to(viewer))
    if not viewer.may(Act.CUSTOMERS_READ):
        return said
    known = select(table_of(Customer).c.id).where(customers.counted_for(viewer))
    return or_(said, and_(v.interaction_id.is_not(None), m.customer_id.in_(known)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which evidence the viewer may read: of customers' words what they may read of those, of entries those that they may see,
    figures for colleagues, and documents as the entry itself.
    """
    cites = and_(v.cited_id.is_not(None), entries.visible_to(viewer))
    figures = v.result_id.is_not(None) if viewer.may(Act.FEEDBACK_READ) else false()
    return or_(heard_by(viewer), cites, figures, v.document_title.is_not(None))


def _seen_by(viewer: Viewer) -> Select[Any]:
    words: ColumnElement[str] = case(
        (v.feedback_id.is_not(None), f.verbatim), (v.interaction_id.is_not(None), m.note), else_=_written.body
    )
    cut = func.substr(words, v.quote_start + 1, v.quote_end - v.quote_start)
    tables = joined().outerjoin(table_of(Entry), _cited.id == v.cited_id)
    tables = tables.outerjoin(table_of(Revision), _written.id == v.cited_revision_id)
    return (
        select(
            *columns_of(Evidence, *_OWN),
            func.coalesce(v.excerpt, cut, "").label("quote"),
            channel().label("channel"),
            func.coalesce(f.customer_id, m.customer_id).label("customer_id"),
        )
        .select_from(tables)
        .where(visible_to(viewer))
    )


def by_id(session: Session, viewer: Viewer, id: int | None) -> EvidenceRow | None:
    """One piece by its key, as far as the viewer may read it."""
    return one(session, EvidenceRow, _seen_by(viewer).where(v.id == id))


def _of_entries(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, list[EvidenceRow]]:
    mine = _seen_by(viewer).where(v.entry_id.in_([row.id for row in rows])).order_by(v.created_at.desc(), v.id.desc())
    return grouped(rows, read(session, EvidenceRow, mine), lambda item: item.entry_id)


def of_entry(entry: EntryRow, viewer: Viewer) -> Sequence[EvidenceRow]:
    """The evidence for and against an entry that the viewer may read, the latest first, read for the whole list at once."""
    return neighbours(entry, _of_entries, viewer)


def _of_feedback(session: Session, rows: list[FeedbackRow], viewer: Viewer) -> Mapping[int, list[EvidenceRow]]:
    mine = _seen_by(viewer).where(v.feedback_id.in_([row.id for row in rows])).order_by(v.id)
    found: dict[int, list[EvidenceRow]] = {row.id: [] for row in rows}
    for item in read(session, EvidenceRow, mine):
        found[item.feedback_id or 0].append(item)
    return found


def of_feedback(item: FeedbackRow, viewer: Viewer) -> Sequence[EvidenceRow]:
    """What one item of feedback is evidence of."""
    return neighbours(item, _of_feedback, viewer)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> EvidenceRow | None:
    """One piece of evidence that the viewer may read, or None."""
    row = one(session, EvidenceRow, _seen_by(viewer).where(v.uid == uid))
    return row if row is not None and entry_of(row, viewer) is not None else None


def _feedback(session: Session, rows: list[EvidenceRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    wanted = {row.feedback_id for row in rows} - {None}
    found = feedback.by_ids(session, viewer, wanted) if wanted else {}  # type: ignore[arg-type]
    return {row.id: found.get(row.feedback_id or 0) for row in rows}


def feedback_of(item: EvidenceRow, viewer: Viewer) -> FeedbackRow | None:
    """The feedback a piece of evidence quotes."""
    return neighbours(item, _feedback, viewer)


def _entries(session: Session, rows: list[EvidenceRow], viewer: Viewer, column: str) -> Mapping[int, EntryRow | None]:
    wanted = {getattr(row, column) for row in rows} - {None}
    found = entries.by_ids(session, viewer, wanted) if wanted else {}
    return {row.id: found.get(getattr(row, column)) for row in rows}


def entry_of(item: EvidenceRow, viewer: Viewer) -> EntryRow | None:
    """The entry a piece of evidence is attached to, if the viewer may see it."""
    return neighbours(item, _entries, viewer, "entry_id")


def cited_of(item: EvidenceRow, viewer: Viewer) -> EntryRow | None:
    """The entry that it cites, if the viewer may see it."""
    return neighbours(item, _entries, viewer, "cited_id")


_CITING = Order("citing", ((v.created_at, True), (v.id, True)))


def _citing(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[EvidenceRow]]:
    known = select(_cited.id).where(entries.visible_to(viewer)).correlate(None)
    return slices(session, EvidenceRow, _seen_by(viewer).where(v.entry_id.in_(known)), _CITING, page, rows, v.cited_id)


def citing(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[EvidenceRow]:
    """Where an entry is evidence itself, on entries that the viewer may see, the latest first; read for the whole list at once."""
    return neighbours(entry, _citing, viewer, page)


def author_of(item: EvidenceRow) -> PersonRow | None:
    """Who attached it."""
    return neighbours(item, people.loaded, "author_id")


def _interactions(session: Session, rows: list[EvidenceRow], viewer: Viewer) -> Mapping[int, InteractionRow | None]:
    wanted = {row.interaction_id for row in rows if row.interaction_id is not None}
    found = interactions.by_ids(session, viewer, wanted) if wanted else {}
    return {row.id: found.get(row.interaction_id or 0) for row in rows}


def interaction_of(item: EvidenceRow, viewer: Viewer) -> InteractionRow | None:
    """The meeting whose note a piece of evidence quotes, for colleagues."""
    return neighbours(item, _interactions, viewer)


def _results(session: Session, rows: list[EvidenceRow], viewer: Viewer) -> Mapping[int, ResultRow | None]:
    wanted = {row.result_id for row in rows if row.result_id is not None}
    found = results.by_ids(session, viewer, wanted) if wanted else {}
    return {row.id: found.get(row.result_id or 0) for row in rows}


def result_of(item: EvidenceRow, viewer: Viewer) -> ResultRow | None:
    """The figure of a survey that it rests on, as it stood then."""
    return neighbours(item, _results, viewer)
