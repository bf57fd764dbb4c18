"""Evidence as lines of a file: what speaks for or against an entry, with the words that are quoted and where they are from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import evidence, people
from knowledge.customers.interactions import Interaction, InteractionRow
from knowledge.database import Row as Read
from knowledge.database import Table, columns_of, read, table_of
from knowledge.entries import Entry, EntryRow, Revision
from knowledge.errors import NotFound, Problem
from knowledge.evidence import Document, Evidence
from knowledge.feedback import Feedback, FeedbackRow
from knowledge.people import PersonRow
from knowledge.transfer import lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields, Identity
from knowledge.transfer.lines import identity, pages
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row
from knowledge.vision import placing
from knowledge.words import Stance

R = TypeVar("R", bound=Read)

PLACES = ("feedback", "interaction", "cites", "document")
"""What a line may be evidence from; exactly one of them."""


@dataclass(frozen=True)
class Quoted:
    """A row read: the entry it hangs on, what it is taken from, and what it says."""

    row: Row
    slug: str
    stance: Stance
    quote: str
    start: int | None
    weight: int
    feedback: Identity | None = None
    meeting: Identity | None = None
    cites: str | None = None
    document: Document | None = None
    author: str | None = None
    at: datetime | None = None
    uid: UUID | None = None
    questions: Sequence[str] = ()
    unknown: Sequence[Problem] = ()


Place = tuple[int, str, object, int, int]
"""The entry, what a piece is from, which one, and where the quote begins and ends; of what is cited once it does not matter where."""


@dataclass(frozen=True)
class Known:
    """What the rows of one batch hang on and name, and which of them are there already."""

    entries: Mapping[str, EntryRow]
    persons: Mapping[str, PersonRow]
    feedback: Mapping[Identity, FeedbackRow]
    meetings: Mapping[Identity, InteractionRow]
    there: Mapping[Place, tuple[Stance, int]]


def known(session: Session, rows: Sequence[Quoted]) -> Known:
    """Read at most five statements' worth of what these rows name."""
    entries = lookups.entries(session, {slug for row in rows for slug in (row.slug, row.cites)})
    return Known(
        entries,
        lookups.persons(session, (row.author for row in rows)),
        lookups.feedback(session, (row.feedback for row in rows)),
        lookups.interactions(session, (row.meeting for row in rows)),
        _there(session, [entry.id for entry in entries.values()]),
    )


def _there(session: Session, entry_ids: Sequence[int]) -> Mapping[Place, tuple[Stance, int]]:
    table = table_of(Evidence).c
    names = ("feedback_id", "interaction_id", "cited_id", "document_url")
    columns = [table[name] for name in ("entry_id", "quote_start", "quote_end", "stance", "weight", *names)]
    found: dict[Place, tuple[Stance, int]] = {}
    for row in session.connection().execute(select(*columns).where(table.entry_id.in_(entry_ids))).mappings():
        for name in names:
            if row[name] is not None:
                where = (row["quote_start"], row["quote_end"]) if name in names[:2] else (0, 0)
                found[(row["entry_id"], name, row[name], *where)] = (row["stance"], row["weight"])
    return found


def _read(row: Row) -> Quoted:
    fields = Fields(row.values)
    slug = fields.needed("entry", fields.text("entry"), "")
    if sum(name in fields for name in PLACES) != 1:
        fields.wrong("feedback", "Name one thing that it is taken from: feedback, interaction, cites or document.")
    quoted = Quoted(
        row,
        slug,
        fields.needed("stance", fields.word("stance", Stance), Stance.CONTEXT),
        (fields.text("quote") or "").strip(),
        fields.number("quote_start"),
        fields.number("weight") or 1,
        fields.identity("feedback"),
        fields.identity("interaction"),
        fields.text("cites"),
        _document(fields),
        fields.email("author"),
        fields.moment("at"),
        fields.uid("uid"),
        fields.texts("questions") or (),
        unknown=fields.unknown,
    )
    fields.finish()
    return quoted


def _document(fields: Fields) -> Document | None:
    nested = fields.nested("document")
    if nested is None:
        return None
    document = Document(nested.text("title") or "", nested.text("url") or "", nested.text("excerpt") or "")
    nested.note_unknown()
    return document


def _keep(batch: Batch, row: Quoted) -> Outcome:
    entry = _entry(batch, row.slug, "entry")
    target, place = _target(batch, row)
    before = batch.known.there.get((entry.id, *place))
    if before == (row.stance, row.weight):
        return Outcome.UNCHANGED
    quote = row.quote if not isinstance(target, EntryRow) or row.quote in target.body else ""
    piece = evidence.attach(
        batch.session, batch.viewer, entry, target, row.stance, quote=quote, start=row.start, weight=row.weight
    )
    if before is None:
        stored = batch.session.get_one(Evidence, piece.id)
        stored.author_id = _author(batch, row) or stored.author_id
        stored.created_at = row.at or stored.created_at
        stored.uid = row.uid or stored.uid
        placing.put(batch.session, piece.id, row.questions)
    return Outcome.CREATED if before is None else Outcome.UPDATED


def _target(batch: Batch, row: Quoted) -> tuple[evidence.Target, tuple[str, object, int, int]]:
    """What a row is evidence from, and where that is kept; refuses NOT_FOUND."""
    if row.document is not None:
        return row.document, ("document_url", row.document.url.strip(), 0, 0)
    if row.cites is not None:
        cited = _entry(batch, row.cites, "cites")
        return cited, ("cited_id", cited.id, 0, 0)
    if row.meeting is not None:
        met: InteractionRow | None = batch.known.meetings.get(row.meeting)
        if met is None:
            raise NotFound("There is no such interaction.", "interaction")
        return met, ("interaction_id", met.id, *_where(row, met.note))
    item: FeedbackRow | None = batch.known.feedback.get(row.feedback)
    if item is None:
        raise NotFound("There is no such feedback.", "feedback")
    return item, ("feedback_id", item.id, *_where(row, item.verbatim))


def _where(row: Quoted, text: str) -> tuple[int, int]:
    quote = row.quote or text
    start = text.find(quote) if row.start is None or not row.quote else row.start
    return start, start + len(quote)


def _entry(batch: Batch, slug: str, name: str) -> EntryRow:
    entry: EntryRow | None = batch.known.entries.get(slug)
    if entry is None:
        raise NotFound(f"There is no entry {slug}.", name)
    return entry


def _author(batch: Batch, row: Quoted) -> int | None:
    """The key of whoever the row says it is by; whoever is not known is left out with a warning."""
    person = batch.known.persons.get(row.author or "")
    if row.author and person is None:
        batch.warn(row.row, "author", f"There is nobody with the address {row.author}; it was left out.")
    return person.id if person is not None else None


EVIDENCE = Handler("evidence", _read, known, _keep)


class _EvidenceRow(Read):
    uid: UUID
    slug: str
    feedback_id: int | None
    interaction_id: int | None
    cited_id: int | None
    cited_revision_id: int | None
    document_title: str | None
    document_url: str | None
    excerpt: str | None
    quote_start: int
    quote_end: int
    weight: int
    author_id: int | None
    stance: Stance
    created_at: datetime


class _BodyRow(Read):
    body: str
    slug: str


def written(session: Session) -> Iterator[dict[str, Any]]:
    """Every piece of evidence as a file has it, in pages."""
    table, entry = table_of(Evidence), table_of(Entry)
    statement = select(*columns_of(Evidence), entry.c.slug).join_from(table, entry, entry.c.id == table.c.entry_id)
    for rows in pages(session, _EvidenceRow, statement.where(table.c.result_id.is_(None)), table.c.id):
        emails = {id: each.email for id, each in people.by_ids(session, {row.author_id for row in rows}).items()}
        items = _by_id(session, FeedbackRow, Feedback, {row.feedback_id for row in rows})
        met = _by_id(session, InteractionRow, Interaction, {row.interaction_id for row in rows})
        cited = _cited(session, {row.cited_revision_id for row in rows})
        placed = placing.among(session, [row.id for row in rows])
        asked = placing.questions_among(session, [row.id for row in rows])
        for row in rows:
            yield {
                "entry": row.slug,
                **_from(row, items, met, cited),
                "stance": row.stance,
                "weight": row.weight if row.weight > 1 else None,
                "author": emails.get(row.author_id or 0),
                "at": row.created_at,
                "uid": row.uid if row.id in placed else None,
                "questions": asked.get(row.id),
            }


def _from(
    row: _EvidenceRow,
    items: Mapping[int | None, FeedbackRow],
    met: Mapping[int | None, InteractionRow],
    cited: Mapping[int | None, _BodyRow],
) -> dict[str, Any]:
    if row.feedback_id is not None:
        item = items[row.feedback_id]
        its = identity(item.uid, item.source, item.external_id)
        return {"feedback": its, **_quote(row, item.verbatim)}
    if row.interaction_id is not None:
        meeting = met[row.interaction_id]
        its = identity(meeting.uid, meeting.source, meeting.external_id)
        return {"interaction": its, **_quote(row, meeting.note)}
    if row.cited_id is not None:
        body = cited[row.cited_revision_id]
        return {"cites": body.slug, "quote": body.body[row.quote_start : row.quote_end] or None}
    said = {"title": row.document_title, "url": row.document_url, "excerpt": row.excerpt or None}
    return {"document": {name: value for name, value in said.items() if value is not None}}


def _quote(row: _EvidenceRow, text: str) -> dict[str, Any]:
    quote = text[row.quote_start : row.quote_end]
    return {"quote": quote, "quote_start": row.quote_start if text.find(quote) != row.quote_start else None}


def _cited(session: Session, ids: set[int | None]) -> Mapping[int | None, _BodyRow]:
    revision, entry = table_of(Revision).c, table_of(Entry).c
    bodies = select(revision.id, revision.body, entry.slug).join_from(
        table_of(Revision), table_of(Entry), entry.id == revision.entry_id
    )
    wanted = ids - {None}
    return {row.id: row for row in read(session, _BodyRow, bodies.where(revision.id.in_(wanted)))} if wanted else {}


def _by_id(session: Session, row_class: type[R], table: type[Table], ids: set[int | None]) -> Mapping[int | None, R]:
    wanted = select(*columns_of(table)).where(table_of(table).c.id.in_(ids - {None}))
    return {row.id: row for row in read(session, row_class, wanted)} if ids - {None} else {}
