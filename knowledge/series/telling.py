"""Making series, and putting their chapters in order."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import delete, select, union_all
from sqlalchemy import update as updated
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.database import added, columns_of, one, table_of
from knowledge.entries import EntryRow, rules, tags
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import Act, Person, Viewer, require
from knowledge.series.reading import (
    Series,
    SeriesChapter,
    SeriesRedirect,
    SeriesRow,
    by_uid,
    chapters_of,
    may_edit,
)
from knowledge.words import Role

MOST_CHAPTERS = 100
LONGEST_DESCRIPTION = 1_000

_s = table_of(Series).c
_c = table_of(SeriesChapter).c
_former = table_of(SeriesRedirect).c


class Wanted(TypedDict, total=False):
    """What is said of a series: what is omitted stays as it is, None clears."""

    title: str
    slug: str | None
    description: str | None
    owner: UUID | None


def create(session: Session, viewer: Viewer, wanted: Wanted) -> SeriesRow:
    """A new series that the viewer keeps, without chapters. Refuses NOT_ALLOWED, and INVALID with everything that is wrong."""
    require(viewer, Act.ENTRIES_WRITE, doing="begin a series")
    said = _said(wanted, {"title": "", "description": "", "slug": None})
    refuse([*_faults(said), *_slug_faults(session, said["slug"], None), *_owner_faults(session, wanted)])
    now = clock.now()
    series = Series(
        slug=said["slug"] or _free_slug(session, said["title"]),
        title=said["title"],
        description=said["description"],
        owner_id=_person(session, wanted.get("owner")) or viewer.id,
        created_at=now,
        updated_at=now,
    )
    session.add(series)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "series.created", "Series", series.uid)
    return _reread(session, series)


def update(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted) -> SeriesRow:
    """Change what is said of a series; a former slug redirects. Refuses NOT_FOUND, NOT_ALLOWED, and INVALID."""
    series = _edited(session, viewer, uid)
    said = _said(wanted, {"title": series.title, "description": series.description, "slug": series.slug})
    refuse([*_faults(said), *_slug_faults(session, said["slug"], series.id), *_owner_faults(session, wanted)])
    if "owner" in wanted:
        series.owner_id = _person(session, wanted["owner"]) or viewer.id
    moved = {name: (getattr(series, name), said[name]) for name in said if getattr(series, name) != said[name]}
    if "slug" in moved:
        session.connection().execute(delete(table_of(SeriesRedirect)).where(_former.slug == said["slug"]))
        added(session, SeriesRedirect, slug=series.slug, series_id=series.id)
    for name, (_, value) in moved.items():
        setattr(series, name, value)
    return _noted(session, viewer, series, "series.updated", moved)


def add(session: Session, viewer: Viewer, uid: UUID, entry: EntryRow, *, position: int | None = None) -> SeriesRow:
    """Make an entry a chapter: the last one, or at a place among those that the viewer sees.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID for an entry that is a chapter already or one too many.
    """
    series = _edited(session, viewer, uid)
    order = _order(session, series)
    if entry.id in order:
        raise Invalid("This entry is a chapter of the series already.", "entry")
    if len(order) >= MOST_CHAPTERS:
        raise Invalid(f"A series has at most {MOST_CHAPTERS} chapters.", "entry")
    _put(session, viewer, series, [*order, entry.id], entry.id, position)
    return _noted(session, viewer, series, "series.chapter_added", {"chapter": (None, entry.slug)})


def move(session: Session, viewer: Viewer, uid: UUID, entry: EntryRow, position: int) -> SeriesRow:
    """Put a chapter at another place among those that the viewer sees. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    series = _edited(session, viewer, uid)
    order = _order(session, series)
    _is_chapter(entry, order)
    _put(session, viewer, series, order, entry.id, position)
    return _noted(session, viewer, series, "series.chapter_moved", {"chapter": (None, entry.slug)})


def remove(session: Session, viewer: Viewer, uid: UUID, entry: EntryRow) -> SeriesRow:
    """Take a chapter out; the entry stays what it is. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    series = _edited(session, viewer, uid)
    _is_chapter(entry, _order(session, series))
    session.connection().execute(
        delete(table_of(SeriesChapter)).where(_c.series_id == series.id, _c.entry_id == entry.id)
    )
    return _noted(session, viewer, series, "series.chapter_removed", {"chapter": (entry.slug, None)})


def _is_chapter(entry: EntryRow, order: Sequence[int]) -> None:
    if entry.id not in order:
        raise NotFound("This entry is no chapter of the series.", "entry")


def _edited(session: Session, viewer: Viewer, uid: UUID) -> Series:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such series.", "id")
    if not may_edit(row, viewer):
        raise NotAllowed("A series is changed by who keeps it and by those who curate.", "id")
    return session.get_one(Series, row.id, with_for_update=True, populate_existing=True)


def _order(session: Session, series: Series) -> list[int]:
    """All chapters in order, those that the viewer does not see among them."""
    statement = select(_c.entry_id).where(_c.series_id == series.id).order_by(_c.position, _c.entry_id)
    return list(session.connection().execute(statement).scalars())


def _put(session: Session, viewer: Viewer, series: Series, order: list[int], id: int, position: int | None) -> None:
    """Put one of the chapters right before the one that the viewer sees at that place, or behind all of them."""
    rest = [each for each in order if each != id]
    visible = [chapter.entry.id for chapter in chapters_of(_reread(session, series), viewer) if chapter.entry.id != id]
    if position is not None and not 1 <= position <= len(visible) + 1:
        raise Invalid(f"There are places from 1 to {len(visible) + 1}.", "position")
    at = len(rest) if position is None or position > len(visible) else rest.index(visible[position - 1])
    rest.insert(at, id)
    added(session, SeriesChapter, series_id=series.id, entry_id=id, position=0)
    for place, each in enumerate(rest, 1):
        own = (_c.series_id == series.id, _c.entry_id == each, _c.position != place)
        session.connection().execute(updated(table_of(SeriesChapter)).where(*own).values(position=place))


def _said(wanted: Wanted, before: dict[str, Any]) -> dict[str, Any]:
    said = before | {name: wanted[name] for name in before if name in wanted}  # type: ignore[literal-required]
    said["title"] = " ".join((said["title"] or "").split())
    said["description"] = (said["description"] or "").strip()
    said["slug"] = said["slug"] or before["slug"]
    return said


def _faults(said: dict[str, Any]) -> Iterable[Problem]:
    if not 1 <= len(said["title"]) <= 200:
        yield Problem("title", "A title has 1 to 200 characters.")
    if len(said["description"]) > LONGEST_DESCRIPTION:
        yield Problem("description", f"A description has at most {LONGEST_DESCRIPTION} characters.")


def _slug_faults(session: Session, slug: str | None, own: int | None) -> Iterable[Problem]:
    if slug is None:
        return
    if len(slug) > 120 or not rules.SLUG.match(slug):
        yield Problem(
            "slug", "A slug has lower-case letters and digits with single dashes between, 120 characters at most."
        )
    elif _is_taken(session, slug, own):
        yield Problem("slug", f"Another series is called {slug}.")


def _owner_faults(session: Session, wanted: Wanted) -> Iterable[Problem]:
    if wanted.get("owner") is not None and _person(session, wanted["owner"]) is None:
        yield Problem("owner", "There is no such colleague.")


def _person(session: Session, uid: UUID | None) -> int | None:
    table = table_of(Person).c
    inside = (table.uid == uid) & (table.role != Role.CUSTOMER)
    return session.connection().execute(select(table.id).where(inside)).scalar() if uid is not None else None


def _is_taken(session: Session, slug: str, own: int | None) -> bool:
    holders = union_all(select(_s.id).where(_s.slug == slug), select(_former.series_id).where(_former.slug == slug))
    return bool(set(session.connection().execute(holders).scalars()) - {own})


def _free_slug(session: Session, title: str) -> str:
    wanted = tags.slug_of(title) or "series"
    slug, number = wanted, 1
    while _is_taken(session, slug, None):
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _noted(session: Session, viewer: Viewer, series: Series, verb: str, moved: dict[str, Any]) -> SeriesRow:
    series.updated_at = clock.now()
    activity.record(session, viewer.id, verb, "Series", series.uid, moved=moved)
    session.flush()  # the answer is read back
    return _reread(session, series)


def _reread(session: Session, series: Series) -> SeriesRow:
    row = one(session, SeriesRow, select(*columns_of(Series)).where(_s.id == series.id))
    assert row is not None
    return row
