"""Posts: stories, ideas, questions and lessons by colleagues and customers in one space, and how customers write theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session

from knowledge import clock, entries
from knowledge.community import asking, questions
from knowledge.community.asking import Whom
from knowledge.community.reactions import require_somebody
from knowledge.database import Order, Page, Slice, sliced, table_of
from knowledge.entries import Entry, EntryRow, publishing, writing
from knowledge.entries.hiding import POSTS
from knowledge.entries.writing import Changes
from knowledge.errors import NotAllowed, NotFound, Problem, RateLimited, refuse
from knowledge.people import Person, Viewer
from knowledge.words import Audience, Kind, Role, Status, Teller

BY_CUSTOMERS = (Kind.STORY, Kind.IDEA, Kind.QUESTION)
OUTSIDE = (Audience.CUSTOMERS, Audience.PUBLIC)
MOST_AT_ONCE, AT_ONCE = 10, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which posts are wanted; empty means all that are published."""

    kinds: tuple[Kind, ...] = POSTS
    by: Teller | None = None
    waiting: bool = False
    asked_of_me: bool = False


_e, _p = table_of(Entry).c, table_of(Person).c
_AT = func.coalesce(_e.published_at, _e.created_at)
_NEWEST = Order("told", ((_AT, True), (_e.id, True)))
_OLDEST = Order("told first", ((_AT, False), (_e.id, False)))


def listing(session: Session, viewer: Viewer, page: Page, wanted: Filter | None = None) -> Slice[EntryRow]:
    """Published posts that the viewer may see, the newest first; of those that wait, what has waited longest."""
    wanted = wanted or Filter()
    statement = entries.seen_by(viewer).where(_e.status == Status.PUBLISHED, *_conditions(viewer, wanted))
    return sliced(session, EntryRow, statement, _OLDEST if wanted.waiting else _NEWEST, page)


def _conditions(viewer: Viewer, wanted: Filter) -> Iterable[ColumnElement[bool]]:
    yield _e.kind.in_([kind for kind in wanted.kinds if kind in POSTS])
    if wanted.by is not None:
        customers = select(_p.id).where(_p.role == Role.CUSTOMER)
        theirs = and_(_e.author_id.is_not(None), _e.author_id.in_(customers))
        yield theirs if wanted.by is Teller.CUSTOMERS else ~theirs
    if wanted.waiting:
        yield questions.waits(viewer)
    if wanted.asked_of_me:
        yield questions.asked_of(viewer)


def post(
    session: Session,
    viewer: Viewer,
    kind: Kind,
    *,
    title: str,
    body: str,
    audience: Audience | None = None,
    language: str | None = None,
    whom: Whom | None = None,
) -> EntryRow:
    """Write for the community: out at once where nothing needs approval, else sent for review [E2]. What a customer writes is for
    customers, or for everyone if they say so. Refuses NOT_ALLOWED, RATE_LIMITED, and INVALID with all that is wrong.
    """
    person = require_somebody(viewer, doing="write for the community")
    audience = audience or (Audience.EMPLOYEES if viewer.is_inside else Audience.CUSTOMERS)
    refuse(_faults(viewer, kind, body, audience))
    _refuse_haste(session, person)
    changes: Changes = {"title": title, "body": body.strip(), "audience": audience, "language": language}
    row = writing.begin(session, viewer, kind, changes)
    if whom is not None:
        asking.address(session, viewer, row, whom)
    return _let_go(session, viewer, row)


def _faults(viewer: Viewer, kind: Kind, body: str, audience: Audience) -> Iterable[Problem]:
    if kind not in (POSTS if viewer.is_inside else BY_CUSTOMERS):
        yield Problem("kind", "This is a place for stories, ideas and questions.")
    if not body.strip() and kind is not Kind.QUESTION:
        yield Problem("body", "Tell it in a few sentences.")
    if not viewer.is_inside and audience not in OUTSIDE:
        yield Problem("audience", "What you write is for customers or for everyone.")
    if audience is Audience.GROUP:
        yield Problem("audience", "What is for one group is written as an entry, which names the group.")


def _refuse_haste(session: Session, person: int) -> None:
    mine = select(_e.created_at).where(
        _e.author_id == person, _e.kind.in_(POSTS), _e.created_at > clock.now() - AT_ONCE
    )
    lately = session.connection().execute(mine.order_by(_e.created_at)).scalars().all()
    if len(lately) >= MOST_AT_ONCE:
        seconds = max(1, int((lately[-MOST_AT_ONCE] + AT_ONCE - clock.now()).total_seconds()))
        raise RateLimited(f"That is {MOST_AT_ONCE} posts within an hour. Wait a little.", "body", seconds=seconds)


def _let_go(session: Session, viewer: Viewer, row: EntryRow) -> EntryRow:
    entry = session.get_one(Entry, row.id, with_for_update=True)
    return publishing.hand_over(session, viewer, entry)


def mend(session: Session, viewer: Viewer, uid: UUID, *, base: int, title: str, body: str) -> EntryRow:
    """Other words for a post of one's own; they go out as a new one would, and until then readers have the former. Refuses NOT_FOUND,
    NOT_ALLOWED, CONFLICT where somebody saved since, and what is wrong.
    """
    row = entries.by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such post.", "id")
    require_somebody(viewer, doing="write for the community")
    if not may_mend(row, viewer):
        raise NotAllowed("A post is mended by whoever wrote it.", "id")
    refuse(_faults(viewer, row.kind, body, row.audience if row.audience in OUTSIDE else Audience.CUSTOMERS))
    entry = session.get_one(Entry, row.id, with_for_update=True)
    writing.rewrite(session, viewer, row, entry, base, {"title": title, "body": body.strip()})
    return publishing.hand_over(session, viewer, entry)


def may_mend(entry: EntryRow, viewer: Viewer) -> bool:
    """Whether a customer may find other words for it: for what they wrote themselves. Colleagues edit theirs as they do any entry."""
    mine = viewer.id is not None and viewer.id == entry.author_id
    return (
        mine and not viewer.is_inside and entry.kind in POSTS and entry.status not in (Status.ARCHIVED, Status.OBSOLETE)
    )
