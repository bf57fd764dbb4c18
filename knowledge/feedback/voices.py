"""Voices: which customer stands behind what was said; whoever speaks often is still one.

A voice is a customer, and of the people and branches of an organisation the organisation. Of what names nobody each answer to a survey
is a voice of its own, and all else together is one. Colleagues who play the customer are none. Themes, items and evidence all count by
this. Whoever was erased stays a voice in the figures of a time, which do not move; a claim rests no more on their words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Label, Select, case, func, select
from sqlmodel import Session

from knowledge import clock
from knowledge.customers.topmost import topmost
from knowledge.database import table_of
from knowledge.estimates import Estimate, Voices, count
from knowledge.feedback.items import Feedback, visible_to
from knowledge.people import Viewer
from knowledge.words import Channel

EACH_ONE = (Channel.CUSTOMER_SURVEY, Channel.COMMUNITY_SURVEY)
"""Where nobody is named, an item of these is one answer of one person."""

UNKNOWN = 0
"""The one voice of all else that names nobody."""

USUAL = 90
"""So many days back is counted where nobody says otherwise."""

_f = table_of(Feedback).c


@dataclass(frozen=True, slots=True)
class Period:
    """From when, and until just before when."""

    since: datetime
    until: datetime


def lately(days: int = USUAL) -> Period:
    """The last days; and a clock that is ahead of ours is no reason to leave anything out."""
    now = clock.now()
    return Period(now - timedelta(days=days), now + timedelta(days=1))


def heads() -> CTE:
    """What repeats something, as `id`, and what it is counted with, as `head`, however far up that is."""
    copy, head = table_of(Feedback).alias("copy"), table_of(Feedback).alias("head")
    found = (
        select(copy.c.id, head.c.id.label("head"))
        .join(head, head.c.id == copy.c.duplicate_of_id)
        .where(copy.c.duplicate_of_id.is_not(None), head.c.duplicate_of_id.is_(None))
        .cte("repeated", recursive=True)
    )
    return found.union_all(select(_f.id, found.c.head).join(found, _f.duplicate_of_id == found.c.id))


def speaker(item: Any = _f) -> Label[int]:
    """Who said an item, as a number: the customer, or where nobody is named one that no customer has."""
    own = case((item.channel.in_(EACH_ONE), -item.id), else_=UNKNOWN)
    return func.coalesce(item.customer_id, own).label("speaker")


def voice(who: ColumnElement[int], top: CTE) -> ColumnElement[int]:
    """The voice that a speaker has, joined outwards with `topmost`: the organisation's, or their own."""
    return func.coalesce(top.c.top, who)


def heard(viewer: Viewer, period: Period | None = None) -> list[ColumnElement[bool]]:
    """The conditions for items of a period that the viewer may read and that customers said, no colleagues who played one."""
    found = [visible_to(viewer), _f.channel != Channel.UNDERCOVER_CUSTOMER]
    if period is not None:
        found += [_f.received_at >= period.since, _f.received_at < period.until]
    return found


def collapsed(told: Select[Any] | CompoundSelect[Any], *by: str) -> Select[Any]:
    """Rows of `speaker` and how much each `said`, with what they are counted by: for each of these, how many voices there are, how much
    they said together, how much the loudest of them, and the sum of the squares.
    """
    spoken, top = told.subquery(), topmost()
    names = [spoken.c[name] for name in by]
    each = (
        select(*names, func.sum(spoken.c.said).label("said"))
        .outerjoin_from(spoken, top, top.c.id == spoken.c.speaker)
        .group_by(
            voice(spoken.c.speaker, top), *names
        )  # the voice first: two of them mostly differ, two themes mostly do not
        .subquery()
    )
    said = each.c.said
    return select(
        *(each.c[name] for name in by), func.count(), func.sum(said), func.max(said), func.sum(said * said)
    ).group_by(*(each.c[name] for name in by))


def counted(session: Session, viewer: Viewer, period: Period | None = None) -> Estimate:
    """How much customers said in a period, on anything at all, and how many of them."""
    spoken: Any = select(speaker(), func.count().label("said"))
    told: Select[Any] = spoken.where(*heard(viewer, period)).group_by("speaker")
    customers, items, *_ = session.connection().execute(collapsed(told)).one()
    return count(int(items or 0), voices=customers)


def summed(
    session: Session, told: Select[Any] | CompoundSelect[Any], by: str, *, heard: int = 0
) -> Mapping[int, Voices]:
    """The voices behind each thing that `told` counts, of so many who were heard."""
    rows = session.connection().execute(collapsed(told, by))
    return {key: Voices.of(many, int(said), int(most), int(squares), heard) for key, many, said, most, squares in rows}
