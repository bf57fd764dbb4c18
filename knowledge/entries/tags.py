"""Tags: the words by which entries are found together."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import auto
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Field, Session

from knowledge import clock
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
    sliced,
    slices,
    table_of,
)
from knowledge.entries.entry import Entry, EntryRow, RevisionRow, published, seen_by, shown_revision, visible_to
from knowledge.people import Viewer
from knowledge.words import Word

MOST = 20


class Tag(Table, table=True):
    """A word that entries share."""

    __tablename__ = "tag"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(unique=True, max_length=60)
    slug: str = Field(unique=True, max_length=80)
    description: str = ""
    created_at: datetime = moment()


class RevisionTag(Table, table=True):
    """A tag on one revision."""

    __tablename__ = "revision_tag"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)


class TagRow(Row):
    """A tag as it is read."""

    uid: UUID
    name: str
    slug: str
    description: str


class _TaggedRow(TagRow):
    revision_id: int


class TagSort(Word):
    """How tags are listed."""

    NAME = auto()
    MOST_USED = auto()


_t = table_of(Tag).c
_rt = table_of(RevisionTag).c
_e = table_of(Entry).c
_COLUMNS = ("id", "uid", "name", "slug", "description")


def slug_of(text: str) -> str:
    """Lower-case ASCII words with dashes between; a text without any keeps its letters' numbers."""
    plain = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    kept = kept.replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l").replace("đ", "d")
    ascii_only = re.sub(r"[^a-z0-9]+", "-", kept).strip("-")
    if ascii_only:
        return ascii_only[:80].strip("-")
    return "-".join(f"{ord(letter):x}" for letter in kept if letter.isalnum())[:80].strip("-")


def cleaned(names: Iterable[str]) -> list[str]:
    """Tag names in lower case, without repeats, in the order they were given."""
    return list(dict.fromkeys(" ".join(name.lower().split()) for name in names if name.strip()))


def known_or_made(session: Session, names: Iterable[str]) -> Mapping[str, int]:
    """The key of each tag by its cleaned name; those that are new are made, in the order of the alphabet.

    Two transactions that make the same tags in different orders would wait for each other.
    """
    wanted = sorted(cleaned(names))
    known = {
        row.name: row.id for row in session.connection().execute(select(_t.name, _t.id).where(_t.name.in_(wanted)))
    }
    for name in wanted:
        if name not in known:
            tag = Tag(name=name, slug=_free_slug(session, name), created_at=clock.now())
            session.add(tag)
            session.flush()  # the revision points at its id
            assert tag.id is not None
            known[name] = tag.id
    return known


def _free_slug(session: Session, name: str) -> str:
    wanted = slug_of(name) or "tag"
    slug, number = wanted, 1
    while session.connection().execute(select(_t.id).where(_t.slug == slug)).first() is not None:
        number += 1
        slug = f"{wanted[:70]}-{number}"
    return slug


def named(session: Session, names: Sequence[str]) -> list[int]:
    """The keys of these tags, in their order; those that are new are made."""
    known = known_or_made(session, names)
    return [known[name] for name in cleaned(names)]


def _by_revision(session: Session, revision_ids: Iterable[int]) -> list[_TaggedRow]:
    statement = (
        select(_rt.revision_id, *columns_of(Tag, *_COLUMNS))
        .join_from(table_of(RevisionTag), table_of(Tag), _t.id == _rt.tag_id)
        .where(_rt.revision_id.in_(set(revision_ids)))
        .order_by(_t.name)
    )
    return read(session, _TaggedRow, statement)


def _of_entries(session: Session, entries: list[EntryRow]) -> Mapping[int, list[_TaggedRow]]:
    owner = {entry.revision_id: entry.id for entry in entries}
    return grouped(entries, _by_revision(session, owner), lambda tag: owner[tag.revision_id])


def of_entry(entry: EntryRow) -> list[_TaggedRow]:
    """The tags of what is shown of an entry, by name, read for the whole list at once."""
    return neighbours(entry, _of_entries)


def _of_revisions(session: Session, revisions: list[RevisionRow]) -> Mapping[int, list[_TaggedRow]]:
    return grouped(revisions, _by_revision(session, [row.id for row in revisions]), lambda tag: tag.revision_id)


def of_revision(revision: RevisionRow) -> list[_TaggedRow]:
    """The tags of one revision, by name."""
    return neighbours(revision, _of_revisions)


def _used(viewer: Viewer) -> Select[Any]:
    shown = func.coalesce(_e.published_revision_id, _e.latest_revision_id)
    return (
        select(*columns_of(Tag, *_COLUMNS), func.count(_e.id).label("entry_count"))
        .join_from(table_of(Tag), table_of(RevisionTag), _rt.tag_id == _t.id)
        .join(table_of(Entry), shown == _rt.revision_id)
        .where(visible_to(viewer), published())
        .group_by(*columns_of(Tag, *_COLUMNS))
    )


def by_slug(session: Session, viewer: Viewer, slug: str) -> TagRow | None:
    """A tag on something published that the viewer may see, or None: the name of a tag may itself be telling."""
    return one(session, TagRow, _used(viewer).where(_t.slug == slug))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> TagRow | None:
    """The same by uid."""
    return one(session, TagRow, _used(viewer).where(_t.uid == uid))


def listing(
    session: Session, viewer: Viewer, page: Page, *, prefix: str = "", sort: TagSort = TagSort.NAME
) -> Slice[TagRow]:
    """Tags of what the viewer may see, by name or the most used first."""
    statement = _used(viewer)
    if prefix:
        escaped = prefix.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        statement = statement.where(_t.name.like(escaped + "%", escape="\\"))
    used = statement.subquery()
    order = Order("name", ((used.c.name, False), (used.c.id, False)))
    if sort is TagSort.MOST_USED:
        order = Order("used", ((used.c.entry_count, True), (used.c.id, False)))
    return sliced(session, TagRow, select(*used.c), order, page)


def _entries(session: Session, tags: list[TagRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[EntryRow]]:
    statement = seen_by(viewer).join(table_of(RevisionTag), _rt.revision_id == shown_revision()).where(published())
    order = Order("updated", ((_e.updated_at, True), (_e.id, True)))
    parents = list({tag.id: tag for tag in tags}.values())  # the same tag may stand in the list for several entries
    return slices(session, EntryRow, statement, order, page, parents, _rt.tag_id)


def entries_of(tag: TagRow, viewer: Viewer, page: Page) -> Slice[EntryRow]:
    """The published entries with a tag, the latest changed first, read for all tags of the list at once."""
    return neighbours(tag, _entries, viewer, page)


def _counts(session: Session, tags: list[TagRow], viewer: Viewer) -> Mapping[int, int]:
    within = _used(viewer).where(_t.id.in_([tag.id for tag in tags])).subquery()
    counted = {
        row.id: row.entry_count for row in session.connection().execute(select(within.c.id, within.c.entry_count))
    }
    return {tag.id: counted.get(tag.id, 0) for tag in tags}


def entry_count(tag: TagRow, viewer: Viewer) -> int:
    """How many entries with this tag the viewer may see, counted for the whole list at once."""
    return neighbours(tag, _counts, viewer)
