"""What waits for those who review and verify, how much of it, and how far what is published can be trusted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlmodel import Session

from knowledge import insights, practices, vision
from knowledge.database import Order, Page, Slice, neighbours, sliced, table_of
from knowledge.entries import freshness
from knowledge.entries.entry import (
    WRITES,
    Entry,
    EntryFunction,
    EntryRow,
    Revision,
    RevisionRow,
    for_audience,
    seen_by,
    visible_to,
)
from knowledge.estimates import Estimate, share
from knowledge.markup.rendering import Reading
from knowledge.people import OPERATOR, Act, Viewer
from knowledge.words import Basis, Freshness, GroupKind, Kind, ReviewQueue, RevisionState, Status

NOT_VOUCHED_FOR = frozenset({Kind.STORY, Kind.IDEA, Kind.QUESTION, Kind.INITIATIVE})
"""Kinds that nobody is asked to verify: what was told, wished for or asked, and what reports its progress instead."""

VOUCHED_FOR = tuple(kind for kind in Kind if kind not in NOT_VOUCHED_FOR)

EXCERPT = 240
"""Characters of an excerpt."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a queue are wanted; empty means all, `mine` those that the viewer owns or verifies."""

    kinds: tuple[Kind, ...] = ()
    functions: tuple[GroupKind, ...] = ()
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How much waits in a queue, and how much of that is the viewer's own to keep."""

    queue: ReviewQueue
    count: int
    mine: int


_e = table_of(Entry).c
_newest = table_of(Revision).alias("newest")
_n = _newest.c

_SINCE: Mapping[ReviewQueue, ColumnElement[Any]] = {
    ReviewQueue.APPROVAL: func.coalesce(_n.submitted_at, _n.created_at),
    ReviewQueue.DUE: func.coalesce(_e.verified_until, _e.updated_at),
    ReviewQueue.EXPIRED: func.coalesce(_e.verified_until, _e.updated_at),
    ReviewQueue.CONTESTED: func.coalesce(_e.contested_at, _e.updated_at),
    ReviewQueue.UNVERIFIED: func.coalesce(_e.published_at, _e.created_at),
    ReviewQueue.SCHEDULED: func.coalesce(_n.scheduled_for, _n.created_at),
}
"""Since when something waits, or when it is to happen: what is listed first has the earliest."""


def queue(
    session: Session, viewer: Viewer, page: Page, which: ReviewQueue, *, wanted: Wanted | None = None
) -> Slice[EntryRow]:
    """A page of what waits: the viewer's own first, then what has waited longest. Curators see all that they may read; other
    colleagues what they keep themselves, and what they scheduled; everybody else nothing.
    """
    wanted = wanted or Wanted()
    statement = seen_by(viewer).join(_newest, _n.id == _e.latest_revision_id)
    statement = statement.where(_waits(viewer, which, wanted), *_chosen(viewer, wanted))
    first = case((_mine(viewer), 0), else_=1)
    order = Order(f"reviews {which}", ((first, False), (_SINCE[which], False), (_e.id, False)))
    return sliced(session, EntryRow, statement, order, page)


def waiting(viewer: Viewer, which: ReviewQueue, *, mine: bool) -> Select[Any]:
    """What waits in a queue as (entry, since when), for whoever counts it among other things."""
    chosen = and_(visible_to(viewer), _waits(viewer, which, Wanted()), _mine(viewer) if mine else true())
    return (
        select(_e.id, _SINCE[which]).join_from(table_of(Entry), _newest, _n.id == _e.latest_revision_id).where(chosen)
    )


def counts(session: Session, viewer: Viewer, *, wanted: Wanted | None = None) -> list[Count]:
    """How much waits in each queue, in one statement."""
    if not viewer.may(Act.ENTRIES_WRITE):
        return [Count(which, 0, 0) for which in ReviewQueue]
    wanted = wanted or Wanted()
    mine = _mine(viewer)
    tests = {which: _waits(viewer, which, wanted) for which in ReviewQueue}
    columns = [_how_many(test).label(which) for which, test in tests.items()]
    columns += [_how_many(and_(test, mine)).label(f"{which}_mine") for which, test in tests.items()]
    statement = (
        select(*columns)
        .select_from(table_of(Entry).join(_newest, _n.id == _e.latest_revision_id))
        .where(visible_to(viewer), *_chosen(viewer, wanted))
    )
    row = session.connection().execute(statement).one()._mapping
    return [Count(which, row[which] or 0, row[f"{which}_mine"] or 0) for which in ReviewQueue]


def trust(
    session: Session, viewer: Viewer, *, kinds: tuple[Kind, ...] = (), functions: tuple[GroupKind, ...] = ()
) -> Estimate:
    """The share of published entries whose verification holds, of those that the viewer may see; without a value where there are none.

    Without `kinds`, of all kinds that anybody is asked to verify.
    """
    holds = _how_many(_e.freshness.in_(freshness.HOLDING))
    wanted = Wanted(kinds or VOUCHED_FOR, functions)
    statement = select(func.count(), holds).select_from(table_of(Entry)).where(_e.status == Status.PUBLISHED)
    total, held = session.connection().execute(statement.where(visible_to(viewer), *_chosen(viewer, wanted))).one()
    return share(held or 0, total, basis=Basis.CENSUS)


def _how_many(test: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((test, 1), else_=0))


def _chosen(viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kinds:
        found.append(_e.kind.in_(wanted.kinds))
    if wanted.functions:
        named = table_of(EntryFunction).c
        found.append(_e.id.in_(select(named.entry_id).where(named.function.in_(wanted.functions))))
    if wanted.mine:
        found.append(_mine(viewer))
    return found


def _mine(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer owns or verifies, alone or with their group; `freshness.keeps` says the same of one entry."""
    if viewer.id is None or not viewer.is_inside:
        return false()
    ways = [_e.owner_id == viewer.id, _e.verifier_person_id == viewer.id]
    if viewer.group_id is not None:
        ways.append(_e.verifier_group_id == viewer.group_id)
    return or_(*ways)


def _waits(viewer: Viewer, which: ReviewQueue, wanted: Wanted) -> ColumnElement[bool]:
    if not viewer.may(Act.ENTRIES_WRITE):
        return false()
    if which is ReviewQueue.APPROVAL:
        return _for_approval(viewer)
    if which is ReviewQueue.SCHEDULED:
        return and_(_n.state == RevisionState.SCHEDULED, _scheduled_by(viewer))
    stale = and_(_e.status == Status.PUBLISHED, _e.freshness == Freshness(which.value))
    if which is ReviewQueue.UNVERIFIED and not wanted.kinds:
        stale = and_(stale, _e.kind.in_(VOUCHED_FOR))
    return stale if viewer.may(Act.ENTRIES_CURATE) else and_(stale, _mine(viewer))


def _for_approval(viewer: Viewer) -> ColumnElement[bool]:
    """What somebody other than its author may approve, for those who may."""
    if not viewer.may(Act.ENTRIES_CURATE):
        return false()
    others = [kind for kind in Kind if not viewer.may(WRITES.get(kind, Act.ENTRIES_WRITE))]
    theirs = true() if viewer.id is None else or_(_n.author_id.is_(None), _n.author_id != viewer.id)
    return and_(_n.state == RevisionState.IN_REVIEW, _e.kind.notin_(others), theirs, _readable(viewer))


def _scheduled_by(viewer: Viewer) -> ColumnElement[bool]:
    own = or_(_n.author_id == (viewer.id or -1), _e.author_id == (viewer.id or -1), _e.owner_id == (viewer.id or -1))
    return or_(own, _readable(viewer)) if viewer.may(Act.ENTRIES_CURATE) else own


def _readable(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the newest revision is for an audience that the viewer belongs to."""
    return true() if viewer == OPERATOR else for_audience(viewer, _n.audience, _n.id)


def _excerpts(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    r, practice, insight = table_of(Revision), table_of(practices.Practice), table_of(insights.Insight)
    said = table_of(vision.Vision)
    plain: ColumnElement[str] = _first_of(r.c.summary, insight.c.claim, said.c.statement)
    html: ColumnElement[str] = _first_of(practice.c.problem_html, func.substr(r.c.body_html, 1, 2_000))
    tables: Any = r
    for detail in (practice, insight, said):
        tables = tables.outerjoin(detail, detail.c.revision_id == r.c.id)
    statement: Select[Any] = select(r.c.id, plain, html).select_from(tables)
    rows = session.connection().execute(statement.where(r.c.id.in_(set(ids))))
    return {row[0]: _shortened(row[1] or _words(row[2])) for row in rows}


def _first_of(*texts: ColumnElement[str]) -> ColumnElement[str]:
    return func.coalesce(*(func.nullif(each, "") for each in texts), "")


def _of_revisions(session: Session, revisions: list[RevisionRow]) -> Mapping[int, str]:
    return _excerpts(session, [revision.id for revision in revisions])


def _of_entries(session: Session, entries: list[EntryRow]) -> Mapping[int, str]:
    found = _excerpts(session, [entry.revision_id for entry in entries])
    return {entry.id: found[entry.revision_id] for entry in entries}


def excerpt_of(revision: RevisionRow) -> str:
    """What a revision says in plain words: its summary, claim, statement or problem, or how it begins."""
    return neighbours(revision, _of_revisions)


def excerpt_of_entry(entry: EntryRow) -> str:
    """The same of what readers of an entry see."""
    return neighbours(entry, _of_entries)


def _words(html: str) -> str:
    reading = Reading()
    reading.feed(html)
    reading.close()
    return reading.plain()


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rsplit(" ", 1)[0] + " …"
