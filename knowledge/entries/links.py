"""Links between entries: those that people make, and those that `[[slug]]` in a text makes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Select, Subquery, delete, func, literal, null, or_, select, union, union_all
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    added,
    moment,
    neighbours,
    one,
    read,
    slices,
    table_of,
    word,
)
from knowledge.entries.entry import Entry, EntryRow, Revision, by_ids, may_edit, seen_by
from knowledge.errors import Invalid, NotAllowed
from knowledge.people import Viewer
from knowledge.words import LinkKind

Keys: TypeAlias = Sequence[int] | BindParameter[Any]


class Link(Table, table=True):
    """One entry's stand to another, as somebody set it."""

    __tablename__ = "link"

    from_id: int = Field(foreign_key="entry.id", primary_key=True)
    to_id: int = Field(foreign_key="entry.id", primary_key=True, index=True)
    kind: LinkKind = word(LinkKind, primary_key=True)
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()


class Mention(Table, table=True):
    """A `[[slug]]` in one revision; it finds its entry when it is read, so that it may be written first."""

    __tablename__ = "mention"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    slug: str = Field(primary_key=True, max_length=120, index=True)


class SlugRedirect(Table, table=True):
    """A slug that an entry had before."""

    __tablename__ = "slug_redirect"

    slug: str = Field(primary_key=True, max_length=120)
    entry_id: int = Field(foreign_key="entry.id", index=True)


class LinkedRow(EntryRow):
    """An entry that an entry or a revision links to; `written` is the slug by which a text does, empty where somebody set the link."""

    near_entry: int | None
    near_revision: int | None
    link_kind: LinkKind
    written: str

    @property
    def is_set(self) -> bool:
        """Whether somebody set the link, who can take it back, rather than a text."""
        return not self.written


class BacklinkRow(EntryRow):
    """An entry that links to the entry `near_id`."""

    near_id: int
    link_kind: LinkKind


_e = table_of(Entry).c
_l = table_of(Link).c
_m = table_of(Mention).c
_s = table_of(SlugRedirect).c


def by_slug(session: Session, viewer: Viewer, slug: str) -> EntryRow | None:
    """The entry that has this slug or had it before, if the viewer may see it."""
    former = select(_s.entry_id).where(_s.slug == slug)
    return one(
        session, EntryRow, seen_by(viewer).where(or_(_e.slug == slug, _e.id.in_(former))).order_by(_e.slug != slug)
    )


def is_taken(session: Session, slug: str, *, but: int | None = None) -> bool:
    """Whether another entry has or had this slug."""
    holders = union_all(select(_e.id).where(_e.slug == slug), select(_s.entry_id).where(_s.slug == slug)).subquery()
    statement = select(holders.c.id)
    return (
        session.connection().execute(statement if but is None else statement.where(holders.c.id != but)).first()
        is not None
    )


def pairs_of(*, near: Keys | None = None, far: Keys | None = None) -> Subquery:
    """Links as (from_id, to_id, kind), from the entries `near` or to the entries `far`.

    A mention counts in the revision that readers see. A former slug finds its entry too.
    """
    from_, written, named = (
        table_of(Entry).alias("from_"),
        table_of(Revision).alias("written"),
        table_of(Entry).alias("named"),
    )
    shown = func.coalesce(from_.c.published_revision_id, from_.c.latest_revision_id) == _m.revision_id
    mentioned = select(from_.c.id, named.c.id, literal(LinkKind.RELATED.value)).where(
        written.c.id == _m.revision_id, from_.c.id == written.c.entry_id, shown
    )
    # Of two ways to the same entry the one that somebody chose counts.
    chosen_way = select(_l.from_id).where(_l.from_id == from_.c.id, _l.to_id == named.c.id).exists()
    mentioned = mentioned.where(~chosen_way)
    former = table_of(SlugRedirect)
    branches = [
        (select(_l.from_id, _l.to_id, _l.kind), _l.from_id, _l.to_id),
        (mentioned.where(named.c.slug == _m.slug), from_.c.id, named.c.id),
        (mentioned.where(former.c.slug == _m.slug, named.c.id == former.c.entry_id), from_.c.id, named.c.id),
    ]
    keys: Any = far if near is None else near
    chosen = [branch.where((end if near is None else start).in_(keys)) for branch, start, end in branches]
    return union(*chosen).subquery()


def _mentioned(revision_ids: Iterable[int]) -> list[Select[Any]]:
    """The entries that revisions mention, by the slug of today or a former one, as (no entry, revision, target, kind, slug)."""
    ids = set(revision_ids)
    columns = (null().label("near_entry"), _m.revision_id, _e.id, literal(LinkKind.RELATED.value), _m.slug)
    former = select(*columns).where(_s.slug == _m.slug, _e.id == _s.entry_id, _m.revision_id.in_(ids))
    return [select(*columns).where(_e.slug == _m.slug, _m.revision_id.in_(ids)), former]


def _targets(session: Session, viewer: Viewer, branches: Sequence[Select[Any]]) -> list[LinkedRow]:
    pairs = union_all(*branches).subquery("pairs")
    near_entry, near_revision, far, kind, written = pairs.c
    labelled = (
        near_entry.label("near_entry"),
        near_revision.label("near_revision"),
        kind.label("link_kind"),
        written.label("written"),
    )
    return read(session, LinkedRow, seen_by(viewer).add_columns(*labelled).join(pairs, far == _e.id))


def _outgoing(session: Session, entries: list[EntryRow], viewer: Viewer) -> Mapping[int, list[LinkedRow]]:
    """What entries link to and what their texts mention, in one statement."""
    ids = {entry.id for entry in entries}
    by_hand = select(_l.from_id.label("near_entry"), null(), _l.to_id, _l.kind, literal("")).where(_l.from_id.in_(ids))
    written_in = {entry.revision_id: entry.id for entry in entries}
    found: dict[int, list[LinkedRow]] = {id: [] for id in ids}
    for row in _targets(session, viewer, [by_hand, *_mentioned(written_in)]):
        found[written_in[row.near_revision] if row.near_revision is not None else row.near_entry or 0].append(row)
    return found


def _told_apart(entry: EntryRow, rows: Sequence[LinkedRow]) -> list[tuple[LinkKind, LinkedRow]]:
    by_hand = {row.id for row in rows if row.is_set}
    found = {
        (row.id, row.link_kind): row for row in rows if row.id != entry.id and (row.is_set or row.id not in by_hand)
    }
    order = list(LinkKind)
    kinds = [(LinkKind(kind), row) for (_, kind), row in found.items()]
    return sorted(kinds, key=lambda pair: (pair[1].title.lower(), pair[1].id, order.index(pair[0])))


def links_of(entry: EntryRow, viewer: Viewer) -> Sequence[tuple[LinkKind, LinkedRow]]:
    """What an entry links to, as far as the viewer may see it, by title; read for the whole list at once.

    Of two ways to the same entry the one that somebody chose counts.
    """
    return _told_apart(entry, neighbours(entry, _outgoing, viewer))


def _revision_targets(session: Session, revisions: list[Row], viewer: Viewer) -> Mapping[int, Mapping[str, EntryRow]]:
    found: dict[int, dict[str, EntryRow]] = {revision.id: {} for revision in revisions}
    for row in _targets(session, viewer, _mentioned(found)):
        found[row.near_revision or 0][row.written] = row
    return found


def mentions_of(text: Row, viewer: Viewer) -> Mapping[str, EntryRow]:
    """The entries that a text mentions by the slugs that it has for them, as far as the viewer may see them.

    The text is that of an entry, or of any row whose key is a revision's.
    """
    if isinstance(text, EntryRow):
        return {row.written: row for row in neighbours(text, _outgoing, viewer) if row.written}
    return neighbours(text, _revision_targets, viewer)


def _backlinks(
    session: Session, entries: list[EntryRow], viewer: Viewer, page: Page
) -> Mapping[int, Slice[BacklinkRow]]:
    pairs = pairs_of(far=[entry.id for entry in entries])
    statement = (
        seen_by(viewer)
        .add_columns(pairs.c.to_id.label("near_id"), pairs.c.kind.label("link_kind"))
        .join(pairs, pairs.c.from_id == _e.id)
        .where(pairs.c.to_id != pairs.c.from_id)
    )
    order = Order("updated", ((_e.updated_at, True), (_e.id, True), (pairs.c.kind, False)))
    return slices(session, BacklinkRow, statement, order, page, entries, pairs.c.to_id)


def backlinks_of(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[BacklinkRow]:
    """What links to an entry, as far as the viewer may see it, the newest first."""
    return neighbours(entry, _backlinks, viewer, page)


def mention(session: Session, revision_id: int, slugs: Iterable[str]) -> None:
    """Keep the `[[slug]]`s of a revision, each once."""
    session.add_all(Mention(revision_id=revision_id, slug=slug) for slug in slugs)


def link(session: Session, viewer: Viewer, from_: EntryRow, to: EntryRow, kind: LinkKind) -> None:
    """Set how one entry stands to another. Refuses NOT_ALLOWED, and INVALID for an entry and itself or a link that is there."""
    if not may_edit(viewer, from_):
        raise NotAllowed("Links are set by the entry's author, its owner and those who curate.", "from")
    if from_.id == to.id:
        raise Invalid("An entry cannot link to itself.", "to")
    new = {"from_id": from_.id, "to_id": to.id, "kind": kind, "created_by_id": viewer.id, "created_at": clock.now()}
    if not added(session, Link, **new):
        raise Invalid("This link is there already.", "kind")
    activity.record(
        session, viewer.id, "entry.linked", "Entry", from_.uid, revision=from_.revision, moved={kind: (None, to.slug)}
    )


def unlink(session: Session, viewer: Viewer, from_: EntryRow, to: EntryRow, kind: LinkKind) -> None:
    """Take such a link back; refuses NOT_ALLOWED, and does nothing where there is none."""
    if not may_edit(viewer, from_):
        raise NotAllowed("Links are set by the entry's author, its owner and those who curate.", "from")
    gone = session.connection().execute(
        delete(table_of(Link)).where(_l.from_id == from_.id, _l.to_id == to.id, _l.kind == kind)
    )
    if gone.rowcount:
        activity.record(
            session,
            viewer.id,
            "entry.unlinked",
            "Entry",
            from_.uid,
            revision=from_.revision,
            moved={kind: (to.slug, None)},
        )


def _successors(session: Session, entries: list[EntryRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = by_ids(session, viewer, (entry.successor_id for entry in entries if entry.successor_id is not None))
    return {entry.id: found.get(entry.successor_id or 0) for entry in entries}


def successor_of(entry: EntryRow, viewer: Viewer) -> EntryRow | None:
    """The entry that takes the place of one that is obsolete, if the viewer may see it; read for the whole list at once."""
    return neighbours(entry, _successors, viewer)
