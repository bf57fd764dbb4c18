"""Themes: what customers speak of, in the company's own words; an item has as many as it has."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, CompoundSelect, Select, UniqueConstraint, delete, exists, false, literal, select, union_all
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    Table,
    columns_of,
    moment,
    neighbours,
    one,
    read,
    sliced,
    table_of,
)
from knowledge.errors import Conflict, NotFound, Problem, refuse
from knowledge.estimates import Estimate, count
from knowledge.feedback import voices
from knowledge.feedback.items import Feedback, FeedbackRow, by_uid
from knowledge.feedback.voices import Period
from knowledge.people import Act, Viewer, require

MOST = 12
"""How many themes one item may have."""


class Theme(Table, table=True):
    """Something that customers speak of."""

    __tablename__ = "theme"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    name: str = Field(max_length=80)
    key: str = Field(max_length=80, unique=True)
    description: str = Field(default="", max_length=500)
    created_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    version: int = 1


class FeedbackTheme(Table, table=True):
    """A theme of an item, and who heard it there."""

    __tablename__ = "feedback_theme"
    __table_args__ = (UniqueConstraint("feedback_id", "theme_id"),)

    id: int | None = Field(default=None, primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id")
    theme_id: int = Field(foreign_key="theme.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    at: datetime = moment()


class ThemeRow(Row):
    """A theme as it is read."""

    uid: UUID
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    version: int


class _HeldRow(ThemeRow):
    feedback_id: int


_t, _h, _f = table_of(Theme).c, table_of(FeedbackTheme).c, table_of(Feedback).c
_COLUMNS = ("id", "uid", "name", "description", "created_at", "updated_at", "version")


def _seen_by(viewer: Viewer) -> Select[tuple[object, ...]]:
    seen = _t.id.is_not(None) if viewer.may(Act.FEEDBACK_READ) else false()
    return select(*columns_of(Theme, *_COLUMNS)).where(seen)


def listing(session: Session, viewer: Viewer, page: Page) -> Slice[ThemeRow]:
    """Themes by name, for colleagues."""
    return sliced(session, ThemeRow, _seen_by(viewer), Order("themes", ((_t.key, False), (_t.id, False))), page)


def by_theme(session: Session, viewer: Viewer, uid: UUID) -> ThemeRow | None:
    """One theme, or None."""
    return one(session, ThemeRow, _seen_by(viewer).where(_t.uid == uid))


def by_key(session: Session, viewer: Viewer, name: str) -> ThemeRow | None:
    """The theme that is called so, or None."""
    return one(session, ThemeRow, _seen_by(viewer).where(_t.key == key_of(name)))


def by_ids(session: Session, viewer: Viewer, ids: Iterable[int | None]) -> Mapping[int, ThemeRow]:
    """Themes by their key, in one statement; none for whoever is no colleague."""
    wanted = {each for each in ids if each is not None}
    return {row.id: row for row in read(session, ThemeRow, _seen_by(viewer).where(_t.id.in_(wanted)))} if wanted else {}


def _of_items(session: Session, rows: list[FeedbackRow]) -> Mapping[int, list[ThemeRow]]:
    statement = (
        select(*columns_of(Theme, *_COLUMNS), _h.feedback_id)
        .join_from(table_of(FeedbackTheme), table_of(Theme), _t.id == _h.theme_id)
        .where(_h.feedback_id.in_([row.id for row in rows]))
        .order_by(_t.key)
    )
    found: dict[int, list[ThemeRow]] = {row.id: [] for row in rows}
    for theme in read(session, _HeldRow, statement):
        found[theme.feedback_id].append(theme)
    return found


def of_item(item: FeedbackRow, viewer: Viewer) -> Sequence[ThemeRow]:
    """The themes of an item by name, for colleagues."""
    return neighbours(item, _of_items) if viewer.may(Act.FEEDBACK_READ) else ()


def spoken(viewer: Viewer, period: Period | None = None) -> CompoundSelect[Any]:
    """How much each speaker said in a period of each theme, as `theme_id`, `speaker` and `said`. What repeats something speaks of its
    themes too, and of none twice.
    """
    said = select(_h.theme_id, voices.speaker(), literal(1).label("said")).select_from(table_of(Feedback))
    told = said.where(*voices.heard(viewer, period))
    repeated, mine = voices.heads(), table_of(FeedbackTheme).alias("mine")
    known = exists().where(mine.c.feedback_id == _f.id, mine.c.theme_id == _h.theme_id)
    shared = (
        told.join(repeated, repeated.c.id == _f.id)
        .join(table_of(FeedbackTheme), _h.feedback_id == repeated.c.head)
        .where(~known)
    )
    return union_all(
        told.join(table_of(FeedbackTheme), _h.feedback_id == _f.id), shared, _echoed(viewer, period, repeated)
    )


def _echoed(viewer: Viewer, period: Period | None, repeated: CTE) -> Select[Any]:
    """The same of those who say "same here" to an item [C3]: of its themes, and of those of what it repeats, each once."""
    said = voices.echoes(viewer, period).subquery("said")
    held = (_h.feedback_id == said.c.item) | (_h.feedback_id == repeated.c.head)
    tables = said.outerjoin(repeated, repeated.c.id == said.c.item).join(table_of(FeedbackTheme), held)
    return select(_h.theme_id, said.c.speaker, literal(1).label("said")).select_from(tables).distinct()


def _voices(session: Session, rows: list[ThemeRow], viewer: Viewer) -> Mapping[int, Estimate]:
    counted = voices.collapsed(spoken(viewer), "theme_id").subquery()
    mine = select(*list(counted.c)[:3]).where(counted.c.theme_id.in_([row.id for row in rows]))
    found = {row[0]: count(int(row[2]), voices=row[1]) for row in session.connection().execute(mine)}
    return {row.id: found.get(row.id, count(0)) for row in rows}


def voices_of(theme: ThemeRow, viewer: Viewer) -> Estimate:
    """How many speak of it: messages, and distinct customers behind them."""
    return neighbours(theme, _voices, viewer)


def raised(session: Session, viewer: Viewer, *, count: int) -> Sequence[ThemeRow]:
    """What most distinct customers speak of, first; how often each of them does changes nothing."""
    counted = voices.collapsed(spoken(viewer), "theme_id").subquery()
    heard = list(counted.c)[1]
    statement = _seen_by(viewer).join(counted, counted.c.theme_id == _t.id)
    return read(session, ThemeRow, statement.order_by(heard.desc(), _t.key).limit(count))


def assign(session: Session, viewer: Viewer, uid: UUID, names: Sequence[str]) -> FeedbackRow:
    """Say which themes an item has, all of them, by name; one that is new is begun. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    require(viewer, Act.FEEDBACK_WRITE, doing="sort feedback")
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such feedback.", "id")
    wanted: dict[str, str] = {}
    for name in names:
        if name.strip():
            wanted.setdefault(key_of(name), " ".join(name.split()))
    refuse(_faults(wanted))
    session.get_one(Feedback, row.id, with_for_update=True)  # of two at once the second sees the first
    themes = begun(session, viewer, wanted).values()
    held = set(session.connection().execute(select(_h.theme_id).where(_h.feedback_id == row.id)).scalars())
    if gone := held - set(themes):
        mine = (_h.feedback_id == row.id) & _h.theme_id.in_(gone)
        session.connection().execute(delete(table_of(FeedbackTheme)).where(mine))
    now, new = clock.now(), set(themes) - held
    session.add_all(FeedbackTheme(feedback_id=row.id, theme_id=id, person_id=viewer.id, at=now) for id in sorted(new))
    if gone or new:
        moved = {"themes": (len(held), len(themes))}
        activity.record(session, viewer.id, "feedback.themed", "Feedback", uid, moved=moved)
    session.flush()  # the answer is read back
    fresh = by_uid(session, viewer, uid)
    assert fresh is not None
    return fresh


def key_of(name: str) -> str:
    """By what a theme is known, however its name is spelt."""
    return " ".join(name.split()).casefold()


def _faults(wanted: Mapping[str, str]) -> Iterable[Problem]:
    if len(wanted) > MOST:
        yield Problem("themes", f"At most {MOST} themes.")
    if any(len(name) > 80 or len(key) > 80 for key, name in wanted.items()):
        yield Problem("themes", "A theme has at most 80 characters.")


def begun(session: Session, viewer: Viewer, wanted: Mapping[str, str]) -> Mapping[str, int]:
    """The themes that are known by these names, begun where they are new."""
    rows = session.connection().execute(select(_t.key, _t.id).where(_t.key.in_(wanted)))
    known: dict[str, Any] = {row.key: row.id for row in rows}
    for key, name in wanted.items():
        if key not in known:
            now = clock.now()
            theme = Theme(name=name, key=key, created_by_id=viewer.id, created_at=now, updated_at=now)
            session.add(theme)
            session.flush()  # what has it points at its id
            known[key] = theme.id
            activity.record(session, viewer.id, "theme.created", "Theme", theme.uid)
    return known


def update(
    session: Session,
    viewer: Viewer,
    uid: UUID,
    *,
    name: str | None = None,
    description: str | None = None,
    version: int | None = None,
) -> ThemeRow:
    """Say what a theme is called and means; None leaves it. Refuses NOT_FOUND, NOT_ALLOWED, CONFLICT, and INVALID for a name taken."""
    require(viewer, Act.FEEDBACK_WRITE, doing="name themes")
    row = by_theme(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such theme.", "id")
    theme = session.get_one(Theme, row.id, with_for_update=True)
    if version is not None and version != theme.version:
        raise Conflict("Somebody has changed this theme meanwhile.", "id", current=row)
    called, means = (
        " ".join((name or row.name).split()),
        row.description if description is None else description.strip(),
    )
    refuse(_unnamable(session, row, called, means))
    moved = {"name": (row.name, called), "description": (row.description, means)}
    theme.name, theme.key, theme.description = called, key_of(called), means
    theme.version, theme.updated_at = theme.version + 1, clock.now()
    changed = {field: (old, new) for field, (old, new) in moved.items() if old != new}
    activity.record(session, viewer.id, "theme.updated", "Theme", uid, moved=changed)
    session.flush()  # the answer is read back
    fresh = by_theme(session, viewer, uid)
    assert fresh is not None
    return fresh


def _unnamable(session: Session, row: ThemeRow, name: str, description: str) -> Iterable[Problem]:
    if not 1 <= len(name) <= 80 or len(key_of(name)) > 80:
        yield Problem("name", "A theme has 1 to 80 characters.")
    if len(description) > 500:
        yield Problem("description", "This has at most 500 characters.")
    taken = select(_t.id).where(_t.key == key_of(name), _t.id != row.id)
    if session.connection().execute(taken).first() is not None:
        yield Problem("name", "There is such a theme already.")
