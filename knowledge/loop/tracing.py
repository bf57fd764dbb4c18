"""The chain from what was said to who was told of it: which answers rest on an entry, and how many customers they reached."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Subquery, func, select, union
from sqlmodel import Session

from knowledge import estimates
from knowledge.database import Page, Slice, neighbours, slices, table_of
from knowledge.entries import EntryRow
from knowledge.estimates import Estimate
from knowledge.evidence.claiming import InsightTheme
from knowledge.loop.responses import NEWEST, Delivery, LoopResponse, ResponseRow, everything, visible_to
from knowledge.people import Act, Viewer
from knowledge.words import ResponseState

_r, _d, _about = table_of(LoopResponse).c, table_of(Delivery).c, table_of(InsightTheme).c


def named(ids: Sequence[int] | None = None) -> Subquery:
    """Which answer names which entry: as the insight that it answers, by the theme of it, or as the practice or the initiative that
    came of it.
    """
    columns = (_r.insight_id, _r.practice_id, _r.initiative_id)
    ways = [select(_r.id.label("response_id"), column.label("entry_id")) for column in columns]
    wanted = [
        way.where(column.is_not(None) if ids is None else column.in_(ids))
        for way, column in zip(ways, columns, strict=True)
    ]
    about = select(_r.id, _about.entry_id).join(table_of(InsightTheme), _about.theme_id == _r.theme_id)
    wanted.append(about if ids is None else about.where(_about.entry_id.in_(ids)))
    return union(*wanted).subquery("named")


def _pages(session: Session, rows: list[EntryRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[ResponseRow]]:
    which = named([row.id for row in rows])
    statement = everything().join(which, which.c.response_id == _r.id).where(visible_to(viewer))
    return slices(session, ResponseRow, statement, NEWEST, page, rows, which.c.entry_id)


def of_entry(entry: EntryRow, viewer: Viewer, page: Page) -> Slice[ResponseRow]:
    """The answers that name an entry and that the viewer may read, the latest first; read for the whole list at once."""
    return neighbours(entry, _pages, viewer, page)


def _reached(session: Session, rows: list[EntryRow]) -> Mapping[int, Estimate]:
    which = named([row.id for row in rows])
    told = (
        select(which.c.entry_id, func.count(_d.customer_id.distinct()))
        .join(table_of(LoopResponse), _r.id == which.c.response_id)
        .join(table_of(Delivery), _d.response_id == _r.id)
        .where(_r.state == ResponseState.PUBLISHED)
        .group_by(which.c.entry_id)
    )
    found = {row[0]: row[1] for row in session.connection().execute(told)}
    return {row.id: estimates.count(found.get(row.id, 0)) for row in rows}


def reached(entry: EntryRow, viewer: Viewer) -> Estimate:
    """How many distinct customers were told of what came of it; for colleagues, and counted for the whole list at once."""
    return neighbours(entry, _reached) if viewer.may(Act.FEEDBACK_READ) else estimates.count(0)
