"""Keeps files as attachments: those that imported pages show or offer, and those that an export wrote beside its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import attachments
from knowledge.attachments import Attachment, Content, Limits, Recognised
from knowledge.attachments.contents import PIECE
from knowledge.database import table_of
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotFound, Refusal
from knowledge.people import PersonRow, Viewer
from knowledge.transfer import lookups
from knowledge.transfer.batches import Batch, Handler
from knowledge.transfer.dialects.pages import Attached
from knowledge.transfer.fields import Fields
from knowledge.transfer.places import Place
from knowledge.transfer.report import Finding, Outcome
from knowledge.transfer.sources import FILES, Row

_a = table_of(Attachment).c


@dataclass(frozen=True)
class Wanted:
    """The files of one page: whose they are, and where their bytes lie."""

    slug: str
    page: str
    place: Place
    files: Sequence[Attached]


@dataclass(frozen=True)
class Kept:
    """How many files were kept or there already, and why others were not."""

    count: int = 0
    refused: Sequence[Finding] = ()


def keep(session: Session, viewer: Viewer, wanted: Sequence[Wanted]) -> Kept:
    """Keep these files as attachments of their entries, which are there by now; the same file under the same name stays."""
    if not wanted:
        return Kept()
    found = lookups.entries(session, (page.slug for page in wanted))
    count, refused = 0, []
    for page in wanted:
        for file in page.files if page.slug in found else ():
            try:
                with session.begin_nested():
                    _replace(session, viewer, found[page.slug], page.place, file.file, file.name)
                count += 1
            except Refusal as refusal:
                refused += [Finding(page.page, file.line, file.name, each.message) for each in refusal.problems]
    return Kept(count, refused)


def _replace(
    session: Session, viewer: Viewer, entry: EntryRow, place: Place, file: str, name: str, alt: str = ""
) -> attachments.AttachmentRow:
    limits = Limits()
    with attachments.store_of(session).incoming(limits.file) as incoming:
        content, what = _arrived(incoming, place, file, name, limits)
        return attachments.replace(session, viewer, entry, content, name=name, what=what, alt=alt, limits=limits)


def _arrived(
    incoming: attachments.Incoming, place: Place, file: str, name: str, limits: Limits
) -> tuple[Content, Recognised]:
    try:
        with place.open(file) as stream:
            while piece := stream.read(PIECE):
                incoming.write(piece)
    except (OSError, KeyError):
        raise NotFound(f"The file {file} cannot be read.", "file") from None
    content = incoming.finish()
    with content.path.open("rb") as stream:
        return content, attachments.recognise(stream, name, pixels=limits.pixels)


@dataclass(frozen=True)
class Filed:
    """A row read: the entry, and what is said of a file that lies beside it."""

    row: Row
    slug: str
    name: str
    sha256: str
    alt: str
    uid: UUID | None
    author: str | None
    created_at: datetime | None
    shown_from: datetime | None
    unknown: Sequence[Any] = ()


@dataclass(frozen=True)
class Known:
    """What the rows of one batch name, and which of their files are there."""

    entries: Mapping[str, EntryRow]
    persons: Mapping[str, PersonRow]
    files: Mapping[tuple[int, str], Mapping[str, Any]]
    uids: frozenset[UUID]


def _read(row: Row) -> Filed:
    fields = Fields(row.values)
    fields.text("media_type")  # the bytes say so themselves
    slug, name, sha256 = (fields.needed(each, fields.text(each), "") for each in ("entry", "name", "sha256"))
    if "/" in slug or "/" in name or "\\" in name:
        fields.wrong("name", "A file is called by its name alone.")
    filed = Filed(
        row,
        slug,
        name,
        sha256,
        fields.text("alt") or "",
        fields.uid("uid"),
        fields.email("author"),
        fields.moment("created_at"),
        fields.moment("shown_from"),
        fields.unknown,
    )
    fields.finish()
    return filed


def _known(session: Session, rows: Sequence[Filed]) -> Known:
    entries = lookups.entries(session, (row.slug for row in rows))
    ids, uids = [entry.id for entry in entries.values()], [row.uid for row in rows if row.uid]
    there = session.connection().execute(select(*_a).where(_a.entry_id.in_(ids), _a.removed_at.is_(None)))
    taken = session.connection().execute(select(_a.uid).where(_a.uid.in_(uids))).scalars()
    files = {(row.entry_id, row.name): dict(row._mapping) for row in there}
    return Known(entries, lookups.persons(session, (row.author for row in rows)), files, frozenset(taken))


def _keep(batch: Batch, row: Filed) -> Outcome:
    entry = batch.known.entries.get(row.slug)
    if entry is None:
        raise NotFound(f"There is no entry {row.slug}.", "entry")
    there = batch.known.files.get((entry.id, row.name))
    if there is not None and there["sha256"] == row.sha256:
        if there["alt"] == row.alt:
            return Outcome.UNCHANGED
        batch.session.get_one(Attachment, there["id"]).alt = row.alt[:300]
        return Outcome.UPDATED
    if row.row.place is None:
        raise NotFound("The file is not here.", "name")
    folder = row.row.file.rpartition("/")[0]
    file = f"{folder}/{FILES}/{row.slug}/{row.name}".lstrip("/")
    kept = _replace(batch.session, batch.viewer, entry, row.row.place, file, row.name, row.alt)
    if kept.sha256 != row.sha256:
        raise Invalid("The file is another than the line says.", "sha256")
    _sign(batch, row, kept.id)
    return Outcome.CREATED if there is None else Outcome.UPDATED


def _sign(batch: Batch, row: Filed, id: int) -> None:
    """Whose it is, since when, and from when on outsiders see it."""
    stored = batch.session.get_one(Attachment, id)
    person = batch.known.persons.get(row.author or "")
    if row.author and person is None:
        batch.warn(row.row, "author", f"There is nobody with the address {row.author}; it was left out.")
    stored.author_id = person.id if person is not None else None
    stored.created_at = row.created_at or stored.created_at
    stored.shown_from = row.shown_from
    if row.uid is not None and row.uid not in batch.known.uids:
        stored.uid = row.uid


ATTACHED = Handler("attachment", _read, _known, _keep)
