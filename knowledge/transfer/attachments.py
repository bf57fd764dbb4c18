"""Takes in what hangs on entries: progress and links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from knowledge.database import table_of
from knowledge.entries import EntryRow, links
from knowledge.errors import Invalid, NotFound
from knowledge.initiatives import progress
from knowledge.initiatives.progress import ProgressRow, ProgressUpdate
from knowledge.people import PersonRow
from knowledge.transfer import lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.fields import Fields, Identity
from knowledge.transfer.report import Outcome
from knowledge.transfer.sources import Row
from knowledge.words import Audience, Health, LinkKind


@dataclass(frozen=True)
class Attachment:
    """A row read: the entry it hangs on, what else it names, and what it says."""

    row: Row
    slug: str
    values: Mapping[str, Any]
    other: str | None = None
    identity: Identity | None = None
    author: str | None = None
    at: datetime | None = None
    unknown: Sequence[Any] = ()


@dataclass(frozen=True)
class Known:
    """What the rows of one batch hang on and name, and which of them are there already."""

    entries: Mapping[str, EntryRow]
    persons: Mapping[str, PersonRow]
    progress: Mapping[Identity, ProgressRow]
    links: frozenset[tuple[int, int, LinkKind]]


def known(session: Session, rows: Sequence[Attachment]) -> Known:
    """Read at most four statements' worth of what these rows name."""
    entries = lookups.entries(session, {slug for row in rows for slug in (row.slug, row.other)})
    of_type: Mapping[str, set[Identity | None]] = {each: set() for each in ("progress", "link")}
    for row in rows:
        of_type[row.row.type].add(row.identity)
    ids = [entry.id for entry in entries.values()]
    return Known(
        entries,
        lookups.persons(session, (row.author for row in rows)),
        lookups.progress(session, of_type["progress"]),
        _links(session, ids) if of_type["link"] else frozenset(),
    )


def _links(session: Session, entry_ids: Sequence[int]) -> frozenset[tuple[int, int, LinkKind]]:
    table = table_of(links.Link).c
    statement = select(table.from_id, table.to_id, table.kind).where(table.from_id.in_(entry_ids))
    return frozenset((row[0], row[1], row[2]) for row in session.connection().execute(statement))


def _entry(batch: Batch, slug: str, name: str) -> EntryRow:
    entry: EntryRow | None = batch.known.entries.get(slug)
    if entry is None:
        raise NotFound(f"There is no entry {slug}.", name)
    return entry


def _author(batch: Batch, row: Attachment) -> int | None:
    """The key of whoever the row says it is by; whoever is not known is left out with a warning."""
    person = batch.known.persons.get(row.author or "")
    if row.author and person is None:
        batch.warn(row.row, "author", f"There is nobody with the address {row.author}; it was left out.")
    return person.id if person is not None else None


def _read_progress(row: Row) -> Attachment:
    fields = Fields(row.values)
    slug = fields.needed("initiative", fields.text("initiative"), "")
    values = {
        "health": fields.needed("health", fields.word("health", Health), Health.ON_TRACK),
        "percent": fields.number("percent"),
        "summary": fields.needed("summary", fields.text("summary"), ""),
        "next": fields.text("next"),
        "audience": fields.word("audience", Audience) or Audience.EMPLOYEES,
    }
    identity, author, at = fields.own_identity(), fields.email("author"), fields.moment("at")
    fields.finish()
    return Attachment(row, slug, values, identity=identity, author=author, at=at, unknown=fields.unknown)


def _keep_progress(batch: Batch, row: Attachment) -> Outcome:
    initiative = _entry(batch, row.slug, "initiative")
    update = batch.known.progress.get(row.identity)
    if update is not None:
        said = {
            name: (value or "").strip() or None if name in ("summary", "next") else value
            for name, value in row.values.items()
        }
        if any(getattr(update, name) != value for name, value in said.items()) or update.entry_id != initiative.id:
            raise Invalid("Progress that was posted is never changed; post anew.", "external_id")
        return Outcome.UNCHANGED
    assert row.identity is not None
    posted = progress.post(
        batch.session,
        batch.viewer,
        initiative,
        row.values["health"],
        row.values["summary"],
        percent=row.values["percent"],
        next=row.values["next"],
        audience=row.values["audience"],
        at=row.at,
        source=row.identity.source,
        external_id=row.identity.external_id,
    )
    batch.session.get_one(ProgressUpdate, posted.id).author_id = _author(batch, row) or batch.viewer.id
    return Outcome.CREATED


def _read_link(row: Row) -> Attachment:
    fields = Fields(row.values)
    from_, to = fields.needed("from", fields.text("from"), ""), fields.needed("to", fields.text("to"), "")
    kind = fields.needed("kind", fields.word("kind", LinkKind), LinkKind.RELATED)
    fields.finish()
    return Attachment(row, from_, {"kind": kind}, other=to, unknown=fields.unknown)


def _keep_link(batch: Batch, row: Attachment) -> Outcome:
    from_, to = _entry(batch, row.slug, "from"), _entry(batch, row.other or "", "to")
    if (from_.id, to.id, row.values["kind"]) in batch.known.links:
        return Outcome.UNCHANGED
    links.link(batch.session, batch.viewer, from_, to, row.values["kind"])
    return Outcome.CREATED


PROGRESS = Handler("progress", _read_progress, known, _keep_progress, alike=lambda row: row.identity)
LINKS = Handler("link", _read_link, known, _keep_link)
