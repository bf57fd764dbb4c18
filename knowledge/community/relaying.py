"""Who hears of what customers say: danger at once [F5], whoever sees to it, those who listen to another group, and of answers
whoever said it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import ColumnElement, case, func, literal, or_, select, union_all
from sqlmodel import Session

from knowledge.community.follows import Follow
from knowledge.community.readers import inside, with_act
from knowledge.database import Table, neighbours, one, table_of
from knowledge.database.upserts import chance_uid, insert_into
from knowledge.feedback import items
from knowledge.feedback.items import Feedback, FeedbackRow
from knowledge.loop.responses import LoopResponse, ResponseItem
from knowledge.people import Act, GroupRow, Person, Viewer
from knowledge.words import FollowState, Reason

_p, _f = table_of(Person).c, table_of(Follow).c

Whom = Callable[[FeedbackRow, datetime], ColumnElement[bool]]
"""Which people, as a condition over the table `person`."""

ALWAYS = frozenset({Reason.ALARM})
"""What nobody can turn off."""


def watchers(_: FeedbackRow, __: datetime) -> ColumnElement[bool]:
    """Stewards and leaders."""
    return _p.role.in_(with_act(Act.ENTRIES_CURATE))


def seeing_to(item: FeedbackRow, _: datetime) -> ColumnElement[bool]:
    """Whoever sees to it, alone or in a group."""
    in_group = (_p.group_id == item.assigned_group_id) if item.assigned_group_id is not None else _p.id.is_(None)
    return or_(_p.id == (item.assignee_id or -1), in_group)


def listeners(item: FeedbackRow, at: datetime) -> ColumnElement[bool]:
    """Those who listen to the group that wrote it down, and did so by then."""
    listens = (_f.relay_id == (item.group_id or -1)) & (_f.state == FollowState.FOLLOWING) & (_f.created_at <= at)
    return _p.id.in_(select(_f.person_id).where(listens))


def passing_on(item: FeedbackRow, _: datetime) -> ColumnElement[bool]:
    """The colleague who wrote it down."""
    return _p.id == (item.reporter_id or -1)


def speaking(item: FeedbackRow, _: datetime) -> ColumnElement[bool]:
    """Those who sign in for the customer who said it."""
    return _p.customer_id == (item.customer_id or -1)


def answering(item: FeedbackRow, _: datetime) -> ColumnElement[bool]:
    """Those who answered it."""
    answer, what = table_of(LoopResponse).c, table_of(ResponseItem).c
    mine = select(what.response_id).where(what.feedback_id == item.id)
    return _p.id.in_(select(answer.author_id).where(answer.id.in_(mine)))


TOLD: Mapping[str, Sequence[tuple[Reason, Whom]]] = {
    "feedback.alarmed": ((Reason.ALARM, watchers), (Reason.ALARM, seeing_to)),
    "feedback.assigned": ((Reason.ASSIGNED, seeing_to),),
    "feedback.recorded": ((Reason.RELAYED, listeners),),
    "feedback.answered": ((Reason.LOOP_CLOSED, passing_on), (Reason.LOOP_CLOSED, speaking)),
    "feedback.replied": ((Reason.REPLIED, seeing_to), (Reason.REPLIED, answering)),
}
"""For each verb whom it concerns, and as what they hear of it."""


def relay(session: Session, subject: str, *, into: type[Table], off: type[Table]) -> None:
    """Tell those whom it concerns in one insert: never who did it, nor who may not read it. Twice tells nobody twice.

    `into` is the table of notifications, `off` that of what people do not want to be told.
    """
    verb, _, uid, person, moment = subject.split(" ")
    item = one(session, FeedbackRow, items.everything().where(table_of(Feedback).c.uid == UUID(uid)))
    if item is None or verb not in TOLD:
        return
    at, actor = datetime.fromisoformat(moment), None if person == "-" else int(person)
    told, n, unwanted = TOLD[verb], table_of(into).c, table_of(off).c
    parts = [
        select(_p.id.label("person_id"), literal(place).label("place")).where(whom(item, at))
        for place, (_, whom) in enumerate(told)
    ]
    concerned = union_all(*parts).subquery("concerned")
    best = select(concerned.c.person_id, func.min(concerned.c.place).label("place")).group_by(concerned.c.person_id)
    chosen = best.subquery("chosen")
    reason = case(*((chosen.c.place == place, literal(why, n.reason.type)) for place, (why, _) in enumerate(told)))
    hushed = select(unwanted.person_id).where(
        unwanted.person_id == chosen.c.person_id, unwanted.reason == reason, unwanted.reason.not_in(ALWAYS)
    )
    values: dict[str, Any] = {
        "uid": chance_uid(session),
        "person_id": chosen.c.person_id,
        "event": literal(uuid5(NAMESPACE_OID, subject), n.event.type),
        "reason": reason,
        "actor_id": literal(actor, n.actor_id.type),
        "feedback_id": literal(item.id, n.feedback_id.type),
        "about_type": literal("Feedback", n.about_type.type),
        "about_uid": literal(item.uid, n.about_uid.type),
        "at": literal(at, n.at.type),
    }
    colleagues = inside() & _p.role.in_(with_act(Act.FEEDBACK_READ))
    readers = or_(colleagues, speaking(item, at) & (reason == Reason.LOOP_CLOSED)) & _p.disabled_at.is_(None)
    whole = (
        select(*values.values())
        .join_from(chosen, table_of(Person), _p.id == chosen.c.person_id)
        .where(readers, _p.id != (actor or -1), ~hushed.exists())
    )
    session.connection().execute(
        insert_into(session, table_of(into)).from_select([*values], whole).on_conflict_do_nothing()
    )


def _relays(session: Session, rows: list[GroupRow], viewer: Viewer) -> Mapping[int, bool]:
    mine = select(_f.relay_id).where(_f.person_id == (viewer.id or -1), _f.state == FollowState.FOLLOWING)
    found = set(session.connection().execute(mine.where(_f.relay_id.in_([row.id for row in rows]))).scalars())
    return {row.id: row.id in found for row in rows}


def is_relayed(group: GroupRow, viewer: Viewer) -> bool:
    """Whether the viewer listens to what a group hears."""
    return neighbours(group, _relays, viewer)
