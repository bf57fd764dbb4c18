"""Voices: which customer stands behind what was said; whoever speaks often is still one.

A voice is a customer, and of the people and branches of an organisation the organisation. Of what names nobody each answer to a survey
is a voice of its own, and all else together is one. Colleagues who play the customer are none. Themes, items and evidence all count by
this. Whoever was erased stays a voice in the figures of a time, which do not move; a claim rests no more on their words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Label, Select, case, func, literal, select, union_all
from sqlmodel import Session

from knowledge import clock
from knowledge.customers.customer import restricted
from knowledge.customers.topmost import topmost
from knowledge.database import Table, table_of
from knowledge.estimates import Estimate, Voices, count
from knowledge.feedback.items import Feedback, visible_to
from knowledge.people import Viewer
from knowledge.words import Channel, ReactionKind

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
    now = clock.minute()
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


def echoes(viewer: Viewer, period: Period | None = None) -> Select[Any]:
    """Same here: which items customers said that to in a period, of posts and comments that became feedback, as `item`, `speaker` and
    `at`. It counts where voices do [C3]; nobody's words are made up for it, and whoever said a thing does not echo it.
    """
    tables = Table.metadata.tables  # the community knows of feedback, and not the other way round
    made, person = tables["promotion"].c, tables["person"].c
    parts = []
    for name, column in (("entry_reaction", "entry_id"), ("comment_reaction", "comment_id")):
        given = tables[name].c
        said = (
            select(made.feedback_id.label("item"), person.customer_id.label("speaker"), given.created_at.label("at"))
            .join_from(tables["promotion"], tables[name], given[column] == made[column])
            .join(tables["person"], person.id == given.person_id)
            .where(given.kind == ReactionKind.SAME_HERE, made.feedback_id.is_not(None))
            .where(person.customer_id.is_not(None), person.customer_id.not_in(restricted()))
        )
        if period is not None:
            said = said.where(given.created_at >= period.since, given.created_at < period.until)
        parts.append(said)
    each = union_all(*parts).subquery("echoed")
    own = _f.customer_id.is_distinct_from(each.c.speaker)
    found = select(each.c.item, each.c.speaker, each.c.at).join(table_of(Feedback), _f.id == each.c.item)
    return found.where(*heard(viewer), own)


def spoke(viewer: Viewer, period: Period | None = None) -> Select[Any]:
    """All who were heard in a period on anything, and how much each `said`; same here is said once of a thing."""
    told = select(speaker(), literal(1).label("said")).where(*heard(viewer, period))
    same = echoes(viewer, period).subquery("same")
    again = select(same.c.speaker, same.c.item).distinct().subquery("again")
    said = union_all(told, select(again.c.speaker, literal(1))).subquery("spoke")
    return select(said.c.speaker, func.sum(said.c.said).label("said")).group_by(said.c.speaker)


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
    customers, items, *_ = session.connection().execute(collapsed(spoke(viewer, period))).one()
    return count(int(items or 0), voices=customers)


def summed(
    session: Session, told: Select[Any] | CompoundSelect[Any], by: str, *, heard: int = 0
) -> Mapping[int, Voices]:
    """The voices behind each thing that `told` counts, of so many who were heard."""
    rows = session.connection().execute(collapsed(told, by))
    return {key: Voices.of(many, int(said), int(most), int(squares), heard) for key, many, said, most, squares in rows}
