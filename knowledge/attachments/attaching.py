"""Attachments: the pictures and files of an entry, who sees them, and what may be attached.

Whoever sees an entry sees what is attached to it. Outsiders see only what was there when the revision that they read was
published, because a second pair of eyes has approved nothing newer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Select, delete, func, or_, select, text, true
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, filenames, people
from knowledge.attachments.contents import KEPT, Content, in_words, store_of
from knowledge.attachments.recognising import INLINE, Recognised
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of
from knowledge.entries import EntryRow
from knowledge.entries.entry import Entry, Revision
from knowledge.errors import Code, Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import OPERATOR, Act, PersonRow, Viewer
from knowledge.words import Audience, Role, Status

MOST = 200
"""How many files one entry may have."""


class Attachment(Table, table=True):
    """A file of an entry. What is removed keeps its row and loses its bytes a day later."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index(
            "ix_attachment_entry_id_name",
            "entry_id",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    name: str = Field(max_length=filenames.LONGEST)
    media_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64, index=True)
    width: int | None = None
    height: int | None = None
    alt: str = Field(default="", max_length=300)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    shown_from: datetime | None = moment(
        default=None
    )  # to outsiders, with what is published from then on; None is at once
    removed_at: datetime | None = moment(default=None)


class AttachmentName(Table, table=True):
    """A name that an attachment had: texts that still use it find it."""

    __tablename__ = "attachment_name"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=filenames.LONGEST)
    attachment_id: int = Field(foreign_key="attachment.id", index=True)


class AttachmentRow(Row):
    """An attachment as it is read."""

    uid: UUID
    entry_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    alt: str
    author_id: int | None
    created_at: datetime

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"/attachments/{self.uid}/{quote(self.name)}"

    @property
    def is_picture(self) -> bool:
        """Whether a page may show it."""
        return self.media_type in INLINE


@dataclass(frozen=True, slots=True)
class Limits:
    """The most bytes of one file, of all files of one entry and of all together, and the most pixels of a picture."""

    file: int = 10 << 20
    entry: int = 100 << 20
    altogether: int = 5 << 30
    pixels: int = 50_000_000


class Changes(TypedDict, total=False):
    """What is said of an attachment: what is omitted stays as it is."""

    name: str
    alt: str


_OUTSIDER = Viewer(role=Role.CUSTOMER)
_a = table_of(Attachment).c
_n = table_of(AttachmentName).c
_r = table_of(Revision).alias("published_revision")
_e = table_of(Entry).c
_SEEN = ("id", *(name for name in AttachmentRow.__annotations__))


def _there() -> Select[Any]:
    return (
        select(*columns_of(Attachment, *_SEEN))
        .join_from(table_of(Attachment), table_of(Entry), _e.id == _a.entry_id)
        .outerjoin(_r, _r.c.id == _e.published_revision_id)
        .where(_a.removed_at.is_(None))
    )


def _approved(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_inside:
        return true()
    return or_(_a.shown_from.is_(None), _a.shown_from <= _r.c.published_at)


def _of_entries(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, list[AttachmentRow]]:
    mine = _there().where(_approved(viewer), _a.entry_id.in_([row.id for row in rows])).order_by(_a.name, _a.id)
    return grouped(rows, read(session, AttachmentRow, mine), lambda item: item.entry_id)


def of_entry(entry: EntryRow, viewer: Viewer) -> Sequence[AttachmentRow]:
    """What is attached to an entry, by name, read for the whole list at once."""
    return neighbours(entry, _of_entries, viewer)


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> AttachmentRow | None:
    """One attachment of an entry that the viewer may see, or None."""
    row = one(session, AttachmentRow, _there().where(_approved(viewer), _a.uid == uid))
    return row if row is not None and entry_of(row, viewer) is not None else None


def named(session: Session, viewer: Viewer, entry: EntryRow, name: str) -> AttachmentRow | None:
    """The attachment of an entry that has this name or had it before, or None."""
    wanted = filenames.safe(name)
    former = select(_n.attachment_id).where(_n.entry_id == entry.id, _n.name == wanted)
    which = _there().where(_approved(viewer), _a.entry_id == entry.id, or_(_a.name == wanted, _a.id.in_(former)))
    return one(session, AttachmentRow, which.order_by(_a.name != wanted))


def _entries(session: Session, rows: list[AttachmentRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def entry_of(item: AttachmentRow, viewer: Viewer) -> EntryRow | None:
    """The entry it is attached to, if the viewer may see that."""
    return neighbours(item, _entries, viewer)


def author_of(item: AttachmentRow) -> PersonRow | None:
    """Who attached it."""
    return neighbours(item, people.loaded, "author_id")


def attach(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    content: Content,
    *,
    name: str,
    what: Recognised,
    alt: str = "",
    limits: Limits | None = None,
) -> AttachmentRow:
    """Attach bytes that have arrived; under a name that is taken they get a number. The same bytes under the same name are
    there already and stay. Refuses NOT_ALLOWED, TOO_LARGE and INVALID.
    """
    wanted, alt = filenames.safe(name), _one_line(alt)
    there = {row.name: row for row in _names(session, entry)}
    if (same := there.get(wanted)) is not None and same.sha256 == content.sha256:
        require_editing(viewer, entry)
        return _reread(session, same.id)
    refuse(_faults(session, viewer, entry, content, limits or Limits(), alt, len(there)))
    free, number = wanted, 1
    while free in there:
        number += 1
        free = filenames.numbered(wanted, number)
    return _keep(session, viewer, entry, content, free, what, alt)


def replace(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    content: Content,
    *,
    name: str,
    what: Recognised,
    alt: str = "",
    limits: Limits | None = None,
) -> AttachmentRow:
    """Attach bytes under exactly this name, in the place of what has it now. Refuses what `attach` refuses, and to replace
    what outsiders may be reading.
    """
    wanted, alt = filenames.safe(name), _one_line(alt)
    there = {row.name: row for row in _names(session, entry)}
    before = there.get(wanted)
    if before is not None and before.sha256 == content.sha256:
        require_editing(viewer, entry)
        return _reread(session, before.id)
    refuse(_faults(session, viewer, entry, content, limits or Limits(), alt, len(there)))
    if before is not None:
        if is_out(entry) and viewer != OPERATOR:
            message = "This is out for customers: attach the new file under another name, and publish the change."
            raise Invalid(message, "name")
        session.get_one(Attachment, before.id).removed_at = clock.now()
        session.flush()  # the name is free from here on
    return _keep(session, viewer, entry, content, wanted, what, alt or (before.alt if before else ""))


def update(session: Session, viewer: Viewer, uid: UUID, changes: Changes) -> AttachmentRow:
    """Rename an attachment, or say what its picture shows. Texts that use the former name go on finding it.

    Refuses NOT_FOUND, NOT_ALLOWED, also to those who do not curate where outsiders see it, and INVALID with everything that is wrong.
    """
    row, entry = _editable(session, viewer, uid)
    if is_out(entry) and not viewer.may(Act.ENTRIES_CURATE) and by_uid(session, _OUTSIDER, uid) is not None:
        raise NotAllowed("While this is out for customers, those who curate rename and describe its files.", "id")
    name = filenames.safe(changes.get("name", row.name))
    alt = _one_line(changes.get("alt", row.alt))
    refuse(_change_faults(session, row, entry, changes, name, alt))
    stored = session.get_one(Attachment, row.id, with_for_update=True)
    moved = {
        field: (before, after)
        for field, before, after in (("name", row.name, name), ("alt", row.alt, alt))
        if before != after
    }
    if name != row.name:
        old = delete(table_of(AttachmentName)).where(_n.entry_id == entry.id, _n.name.in_((name, row.name)))
        session.connection().execute(old)
        session.add(AttachmentName(entry_id=entry.id, name=row.name, attachment_id=row.id))
    stored.name, stored.alt = name, alt
    if moved:
        activity.record(
            session, viewer.id, "attachment.updated", "Entry", entry.uid, revision=entry.revision, moved=moved
        )
    return _reread(session, row.id)


def remove(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Take an attachment off its entry. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID to those who do not curate, where it is
    out for customers.
    """
    row, entry = _editable(session, viewer, uid)
    if is_out(entry) and not viewer.may(Act.ENTRIES_CURATE):
        raise NotAllowed("While this is out for customers, those who curate take files off it.", "id")
    session.get_one(Attachment, row.id, with_for_update=True).removed_at = clock.now()
    moved = {row.name: (row.sha256, None)}
    activity.record(session, viewer.id, "attachment.removed", "Entry", entry.uid, revision=entry.revision, moved=moved)
    return entry


def tidy(session: Session) -> int:
    """Drop the bytes that no attachment has needed for a day. Running it twice does no harm."""
    lately = or_(_a.removed_at.is_(None), _a.removed_at > clock.now() - KEPT)
    needed = session.connection().execute(select(_a.sha256).where(lately).distinct()).scalars()
    return store_of(session).tidy(session, set(needed))


def require_editing(viewer: Viewer, entry: EntryRow) -> None:
    """Refuse with NOT_ALLOWED whoever may not edit the entry."""
    if not entries.may_edit(viewer, entry):
        raise NotAllowed("Files are attached by those who may edit the entry.", "entry")


def is_out(entry: EntryRow) -> bool:
    """Whether people outside the company may be reading it."""
    return entry.status in (Status.PUBLISHED, Status.OBSOLETE) and entry.audience in (
        Audience.CUSTOMERS,
        Audience.PUBLIC,
    )


def sizes(session: Session, entry_id: int) -> Mapping[str, tuple[int, int]]:
    """Width and height of the pictures of an entry, by name, so that a page leaves room for them."""
    statement = select(_a.name, _a.width, _a.height).where(_a.entry_id == entry_id, _a.removed_at.is_(None))
    return {row[0]: (row[1], row[2]) for row in session.connection().execute(statement) if row[1] and row[2]}


def _keep(
    session: Session, viewer: Viewer, entry: EntryRow, content: Content, name: str, what: Recognised, alt: str
) -> AttachmentRow:
    store_of(session).put(session, content)
    item = Attachment(
        entry_id=entry.id,
        name=name,
        media_type=what.media_type,
        size=content.size,
        sha256=content.sha256,
        width=what.width,
        height=what.height,
        alt=alt,
        author_id=viewer.id,
        created_at=clock.now(),
        shown_from=None if viewer == OPERATOR else clock.now(),
    )
    session.add(item)
    session.flush()  # the answer is read back
    moved = {name: (None, content.sha256)}
    activity.record(session, viewer.id, "attachment.added", "Entry", entry.uid, revision=entry.revision, moved=moved)
    assert item.id is not None
    return _reread(session, item.id)


def _faults(
    session: Session, viewer: Viewer, entry: EntryRow, content: Content, limits: Limits, alt: str, there: int
) -> Iterable[Problem]:
    if not entries.may_edit(viewer, entry):
        yield Problem("entry", "Files are attached by those who may edit the entry.", Code.NOT_ALLOWED)
        return
    if entry.status is Status.ARCHIVED:
        yield Problem("entry", "This entry is archived.")
    if there >= MOST:
        yield Problem("file", f"An entry has at most {MOST} files.", Code.TOO_LARGE)
    if len(alt) > 300:
        yield Problem("alt", "What a picture shows is said in at most 300 characters.")
    if content.size > limits.file:
        yield Problem("file", f"A file has at most {in_words(limits.file)}.", Code.TOO_LARGE)
    mine, everybodys = _used(session, entry)
    if mine + content.size > limits.entry:
        yield Problem("file", f"The files of an entry have at most {in_words(limits.entry)} together.", Code.TOO_LARGE)
    if everybodys + content.size > limits.altogether:
        message = f"All files together have at most {in_words(limits.altogether)}, and that is used up."
        yield Problem("file", message, Code.TOO_LARGE)


def _used(session: Session, entry: EntryRow) -> tuple[int, int]:
    """How many bytes lie with the entry, and how many altogether, equal ones once."""
    live = select(_a.sha256, func.max(_a.size).label("size"))
    mine = live.where(_a.entry_id == entry.id, _a.removed_at.is_(None)).group_by(_a.sha256).subquery()
    all_of_them = live.where(_a.removed_at.is_(None)).group_by(_a.sha256).subquery()
    sums = [select(func.coalesce(func.sum(each.c.size), 0)).scalar_subquery() for each in (mine, all_of_them)]
    row = session.connection().execute(select(*sums)).one()
    return int(row[0]), int(row[1])


def _change_faults(
    session: Session, row: AttachmentRow, entry: EntryRow, changes: Changes, name: str, alt: str
) -> Iterable[Problem]:
    if "name" in changes:
        if not changes["name"].strip():
            yield Problem("name", "A file has a name.")
        elif filenames.ending_of(name) != filenames.ending_of(row.name):
            yield Problem("name", f"The name goes on ending in .{filenames.ending_of(row.name)}.")
        elif any(other.name == name and other.id != row.id for other in _names(session, entry)):
            yield Problem("name", f"Another file of this entry is called {name}.")
    if len(alt) > 300:
        yield Problem("alt", "What a picture shows is said in at most 300 characters.")
    elif "alt" in changes and row.is_picture and not alt:
        yield Problem("alt", "Say what the picture shows, for those who do not see it.")


def _editable(session: Session, viewer: Viewer, uid: UUID) -> tuple[AttachmentRow, EntryRow]:
    row = by_uid(session, viewer, uid)
    entry = entry_of(row, viewer) if row is not None else None
    if row is None or entry is None:
        raise NotFound("There is no such file.", "id")
    require_editing(viewer, entry)
    return row, entry


def _names(session: Session, entry: EntryRow) -> list[AttachmentRow]:
    return read(session, AttachmentRow, _there().where(_a.entry_id == entry.id))


def _reread(session: Session, id: int) -> AttachmentRow:
    session.flush()  # the answer is read back
    return read(session, AttachmentRow, _there().where(_a.id == id))[0]


def _one_line(alt: str) -> str:
    return " ".join(alt.split())
