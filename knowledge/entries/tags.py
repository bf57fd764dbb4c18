"""Tags: the words by which entries are found together."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import auto
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    added,
    among,
    columns_of,
    grouped,
    moment,
    neighbours,
    one,
    read_among,
    sliced,
    slices,
    table_of,
)
from knowledge.entries.entry import (
    Entry,
    EntryRow,
    Revision,
    RevisionRow,
    are_brief,
    published,
    seen_briefly,
    seen_by,
    visible_to,
)
from knowledge.people import Viewer
from knowledge.words import Kind, Word

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


class TagSynonym(Table, table=True):
    """Another word for a tag: whoever types it means the tag. Former names and those of merged tags are among them."""

    __tablename__ = "tag_synonym"

    name: str = Field(primary_key=True, max_length=60)
    tag_id: int = Field(foreign_key="tag.id", index=True)


class TagRedirect(Table, table=True):
    """A slug that a tag had before, or that of a tag that was merged into it."""

    __tablename__ = "tag_redirect"

    slug: str = Field(primary_key=True, max_length=80)
    tag_id: int = Field(foreign_key="tag.id", index=True)


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
_r = table_of(Revision).c
_synonym = table_of(TagSynonym).c
_former = table_of(TagRedirect).c
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
    """The key of each tag by its cleaned name or another word for it; those that are new are made, in the order of the alphabet.

    Two transactions that make the same tags in different orders would wait for each other. Of two that make the same tag at once
    the later one finds that of the earlier.
    """
    wanted = sorted(cleaned(names))
    known = known_names(session, wanted)
    return {name: known[name] if name in known else _made(session, name) for name in wanted}


def known_names(session: Session, names: Sequence[str]) -> dict[str, int]:
    """The key of the tag that each cleaned name means, as its name or as another word for it; unknown ones are left out."""
    if not names:
        return {}
    called = select(_t.name, _t.id, literal(1)).where(_t.name.in_(names))
    meant = select(_synonym.name, _synonym.tag_id, literal(0)).where(_synonym.name.in_(names))
    found = session.connection().execute(union_all(called, meant)).all()
    return {
        row[0]: row[1] for row in sorted(found, key=lambda row: row[2])
    }  # a tag's own name outweighs another's synonym


def _made(session: Session, name: str) -> int:
    while True:
        slug = free_slug(session, name)
        if key := added(session, Tag, uid=clock.uid(), name=name, slug=slug, created_at=clock.now(), description=""):
            return int(key[0])
        made = session.connection().execute(select(_t.id).where(_t.name == name)).scalar()
        if made is not None:  # else somebody took the slug for another name just now
            return int(made)


def free_slug(session: Session, name: str, *, own: int | None = None) -> str:
    """The slug of a name, with a number where another tag has it or had it; `own` may have had it before."""
    wanted = slug_of(name) or "tag"
    slug, number = wanted, 1
    while True:
        holders = union_all(select(_t.id).where(_t.slug == slug), select(_former.tag_id).where(_former.slug == slug))
        if not set(session.connection().execute(holders).scalars()) - {own}:
            return slug
        number += 1
        slug = f"{wanted[:70]}-{number}"


def named(session: Session, names: Sequence[str]) -> list[int]:
    """The keys of the tags that are meant, each once, in their order; those that are new are made."""
    known = known_or_made(session, names)
    return list(dict.fromkeys(known[name] for name in cleaned(names)))


@lru_cache(maxsize=32)
def _on_revisions(count: int) -> Select[Any]:
    return (
        select(_rt.revision_id, *columns_of(Tag, *_COLUMNS))
        .join_from(table_of(RevisionTag), table_of(Tag), _t.id == _rt.tag_id)
        .where(among(_rt.revision_id, count))
        .order_by(_t.name)
    )


def _by_revision(session: Session, revision_ids: Iterable[int]) -> list[_TaggedRow]:
    return read_among(session, _TaggedRow, _on_revisions, set(revision_ids))


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


def worn(viewer: Viewer) -> ColumnElement[bool]:
    """Which rows of `revision_tag`, joined with revision and entry, are of something published that the viewer may see."""
    return and_(_r.id == _rt.revision_id, _e.published_revision_id == _r.id, published(), visible_to(viewer))


def known_to(viewer: Viewer) -> Select[Any]:
    """The tags on something published that the viewer may see: the name of a tag may itself be telling."""
    carried = select(_rt.tag_id).where(_rt.tag_id == _t.id, worn(viewer)).correlate(table_of(Tag)).exists()
    return select(*columns_of(Tag, *_COLUMNS)).where(carried)


def by_slug(session: Session, viewer: Viewer, slug: str) -> TagRow | None:
    """The tag that has this slug or had it before, or None."""
    former = select(_former.tag_id).where(_former.slug == slug)
    found = known_to(viewer).where(or_(_t.slug == slug, _t.id.in_(former)))
    return one(session, TagRow, found.order_by(_t.slug != slug))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> TagRow | None:
    """The same by uid."""
    return one(session, TagRow, known_to(viewer).where(_t.uid == uid))


def by_name(session: Session, viewer: Viewer, name: str) -> TagRow | None:
    """The tag that people mean by a name: its own, or another word for it."""
    id = next(iter(known_names(session, cleaned([name])).values()), None)
    return one(session, TagRow, known_to(viewer).where(_t.id == id)) if id is not None else None


def meant(slugs: Iterable[str]) -> ColumnElement[bool]:
    """The tags that filters name: by slug or name, by a former slug, or by another word for them."""
    wanted = list(slugs)
    return or_(
        _t.slug.in_(wanted),
        _t.name.in_(cleaned(wanted)),
        _t.id.in_(select(_former.tag_id).where(_former.slug.in_(wanted))),
        _t.id.in_(select(_synonym.tag_id).where(_synonym.name.in_(cleaned(wanted)))),
    )


def names_of(session: Session, slugs: Iterable[str]) -> dict[str, str]:
    """What tags are called, by their slugs, in one statement; for slugs that come from what the viewer may read."""
    found = session.connection().execute(select(_t.slug, _t.name).where(_t.slug.in_(list(slugs))))
    return {row.slug: row.name for row in found}


def slugs_now(session: Session, slugs: Iterable[str]) -> frozenset[str]:
    """The slugs of today for those that a bookmark of yesterday may name; unknown ones stay as they are."""
    wanted = list(slugs)
    if not wanted:
        return frozenset()
    moved = select(_former.slug, _t.slug).join(table_of(Tag), _t.id == _former.tag_id).where(_former.slug.in_(wanted))
    now = {row[0]: row[1] for row in session.connection().execute(moved)}
    return frozenset(now.get(slug, slug) for slug in wanted)


def listing(
    session: Session,
    viewer: Viewer,
    page: Page,
    *,
    prefix: str = "",
    containing: str = "",
    sort: TagSort = TagSort.NAME,
) -> Slice[TagRow]:
    """Tags of what the viewer may see, by name or the most used first; `containing` looks into other words for them too."""
    named: list[ColumnElement[bool]] = []
    if prefix:
        named.append(_t.name.like(_escaped(prefix) + "%", escape="\\"))
    if containing:
        like = f"%{_escaped(containing)}%"
        others = select(_synonym.tag_id).where(_synonym.name.like(like, escape="\\"))
        named.append(or_(_t.name.like(like, escape="\\"), _t.id.in_(others)))
    if sort is TagSort.NAME:
        return sliced(
            session, TagRow, known_to(viewer).where(*named), Order("name", ((_t.name, False), (_t.id, False))), page
        )
    # Counted by key and only then joined with names: that takes a third of the time over 100,000 entries.
    shown = func.coalesce(_e.published_revision_id, _e.latest_revision_id)
    counted = (
        select(_rt.tag_id, func.count().label("entry_count"))
        .join_from(table_of(Entry), table_of(RevisionTag), _rt.revision_id == shown)
        .where(visible_to(viewer), published())
        .group_by(_rt.tag_id)
        .subquery("counted")
    )
    statement = select(*columns_of(Tag, *_COLUMNS)).join(counted, counted.c.tag_id == _t.id).where(*named)
    return sliced(session, TagRow, statement, Order("used", ((counted.c.entry_count, True), (_t.id, False))), page)


def _escaped(text: str) -> str:
    plain = " ".join(text.lower().split())
    return plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _entries(
    session: Session, tags: list[TagRow], viewer: Viewer, page: Page, kinds: tuple[Kind, ...]
) -> Mapping[int, Slice[EntryRow]]:
    seen = seen_briefly(viewer) if are_brief(session) else seen_by(viewer)
    statement = seen.join(table_of(RevisionTag), _rt.revision_id == _r.id).where(published())
    statement = statement.where(_e.kind.in_(kinds)) if kinds else statement
    order = Order("updated", ((_e.updated_at, True), (_e.id, True)))
    parents = list({tag.id: tag for tag in tags}.values())  # the same tag may stand in the list for several entries
    return slices(session, EntryRow, statement, order, page, parents, _rt.tag_id)


def entries_of(tag: TagRow, viewer: Viewer, page: Page, kinds: tuple[Kind, ...] = ()) -> Slice[EntryRow]:
    """The published entries with a tag, of these kinds or of any, the latest changed first, read for all tags of the list at once."""
    return neighbours(tag, _entries, viewer, page, kinds)


def counted(session: Session, viewer: Viewer, ids: Iterable[int]) -> Mapping[int, int]:
    """How many published entries that the viewer may see have each of these tags; those on none are left out."""
    statement = select(_rt.tag_id, func.count()).where(_rt.tag_id.in_(set(ids)), worn(viewer)).group_by(_rt.tag_id)
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def _counts(session: Session, tags: list[TagRow], viewer: Viewer) -> Mapping[int, int]:
    found = counted(session, viewer, (tag.id for tag in tags))
    return {tag.id: found.get(tag.id, 0) for tag in tags}


def entry_count(tag: TagRow, viewer: Viewer) -> int:
    """How many entries with this tag the viewer may see, counted for the whole list at once."""
    return neighbours(tag, _counts, viewer)


def _synonyms(session: Session, tags: list[TagRow]) -> Mapping[int, list[str]]:
    ids = {tag.id for tag in tags}
    found: dict[int, list[str]] = {id: [] for id in ids}
    statement = select(_synonym.tag_id, _synonym.name).where(_synonym.tag_id.in_(ids)).order_by(_synonym.name)
    for row in session.connection().execute(statement):
        found[row.tag_id].append(row.name)
    return found


def synonyms_of(tag: TagRow) -> Sequence[str]:
    """Other words for a tag, by name, read for the whole list at once."""
    return neighbours(tag, _synonyms)


def are_meant(tags: Sequence[TagRow], names: Iterable[str]) -> bool:
    """Whether these names, or other words, mean just these tags."""
    wanted, own = set(cleaned(names)), {tag.name for tag in tags}
    if wanted == own:
        return True
    words = {word: tag.name for tag in tags for word in (*synonyms_of(tag), tag.name)}
    return {words.get(name, "") for name in wanted} == own
