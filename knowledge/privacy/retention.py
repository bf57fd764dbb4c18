"""How long what is kept, and what would go today: nothing goes before an administrator has set a number of days for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Field, Session

from knowledge import activity, changes, clock
from knowledge.activity import Activity, ActivityValue
from knowledge.customers.interactions import Interaction
from knowledge.database import Table, moment, table_of, word
from knowledge.errors import Problem, refuse
from knowledge.evidence import Evidence
from knowledge.feedback import Feedback
from knowledge.listening.searches import Searched
from knowledge.loop.replies import FeedbackReply
from knowledge.people import Act, Viewer, require
from knowledge.privacy.looks import Look
from knowledge.privacy.names import STRUCK
from knowledge.privacy.requests import DataRequest
from knowledge.words import DataRequestState, FeedbackStatus, RetentionOf

SHORTEST, LONGEST = 30, 36_500


class RetentionRule(Table, table=True):
    """How many days something is kept."""

    __tablename__ = "retention_rule"

    of: RetentionOf = word(RetentionOf, primary_key=True)
    days: int
    set_at: datetime = moment()
    set_by_id: int | None = Field(default=None, foreign_key="person.id")


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data: how long it is kept, and how much of it would go today."""

    of: RetentionOf
    days: int | None
    due: int


@dataclass(frozen=True, slots=True)
class _Going:
    """Rows that go with their time: those of which only some columns are emptied, or all of a row."""

    table: SqlTable
    old: ColumnElement[bool]
    empties: tuple[str, ...] = ()


_f, _i, _r, _l, _s = (table_of(each).c for each in (Feedback, Interaction, DataRequest, Look, Searched))


def _going(of: RetentionOf, before: datetime) -> _Going:  # noqa: PLR0911  one for each kind
    match of:
        case RetentionOf.FEEDBACK_WORDS:
            old = (_f.received_at < before) & (_f.status == FeedbackStatus.CLOSED) & (_f.verbatim != STRUCK)
            return _Going(table_of(Feedback), old, ("verbatim", "closing_note"))
        case RetentionOf.INTERACTION_NOTES:
            return _Going(table_of(Interaction), (_i.at < before) & _i.note.is_not(None) & (_i.note != ""), ("note",))
        case RetentionOf.REQUEST_NOTES:
            said = _r.note.is_not(None) | _r.answer.is_not(None)
            old = (_r.settled_at < before) & (_r.state != DataRequestState.OPEN) & said
            return _Going(table_of(DataRequest), old, ("note", "answer"))
        case RetentionOf.ACTIVITY_VALUES:
            acts = select(table_of(Activity).c.id).where(table_of(Activity).c.at < before)
            return _Going(table_of(ActivityValue), table_of(ActivityValue).c.activity_id.in_(acts))
        case RetentionOf.SEARCHES:
            return _Going(table_of(Searched), _s.day < before.date())
        case RetentionOf.LOOKS:
            return _Going(table_of(Look), _l.at < before)
        case RetentionOf.SURVEY_WORDS:
            responses = Table.metadata.tables[
                "survey_response"
            ].c  # surveys know of privacy, and not the other way round
            answers = Table.metadata.tables["survey_answer"]
            mine = select(responses.id).where(responses.answered_at < before)
            return _Going(answers, answers.c.text.is_not(None) & answers.c.response_id.in_(mine), ("text",))


def rules(session: Session) -> Mapping[RetentionOf, int]:
    """The days of each kind that has a rule."""
    rule = table_of(RetentionRule).c
    return {row[0]: row[1] for row in session.connection().execute(select(rule.of, rule.days))}


def overview(session: Session, viewer: Viewer, *, tried: Mapping[RetentionOf, int] | None = None) -> list[Kept]:
    """Every kind with its rule and with what would go today, by the rules or by those that are `tried`; for administrators."""
    if not viewer.may(Act.ADMIN):
        return []
    standing = {**rules(session), **(tried or {})}
    return [Kept(of, standing.get(of), _due(session, of, standing.get(of))) for of in RetentionOf]


def _due(session: Session, of: RetentionOf, days: int | None) -> int:
    if days is None:
        return 0
    going = _going(of, clock.now() - timedelta(days=days))
    return int(
        session.connection().execute(select(func.count()).select_from(going.table).where(going.old)).scalar_one()
    )


def keep(session: Session, viewer: Viewer, of: RetentionOf, days: int | None) -> None:
    """Keep something so many days from now on, or, without days, for good. Refuses NOT_ALLOWED and INVALID."""
    require(viewer, Act.ADMIN, doing="say how long something is kept")
    refuse(_faults(days))
    before = rules(session).get(of)
    table = table_of(RetentionRule)
    session.connection().execute(delete(table).where(table.c.of == of))
    if days is not None:
        session.add(RetentionRule(of=of, days=days, set_at=clock.now(), set_by_id=viewer.id))
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "retention.set", "Retention", clock.uid(), moved={of.value: (before, days)})


def _faults(days: int | None) -> Iterable[Problem]:
    if days is not None and not SHORTEST <= days <= LONGEST:
        yield Problem("days", f"Say a number of days from {SHORTEST} to {LONGEST}, or none.")


def tidy(session: Session) -> Mapping[RetentionOf, int]:
    """Let go what is older than its rule says; run by a job every day, and twice does no harm. Answers how much went."""
    gone: dict[RetentionOf, int] = {}
    for of, days in rules(session).items():
        going = _going(of, clock.now() - timedelta(days=days))
        if of is RetentionOf.FEEDBACK_WORDS:
            _let_go_with(session, going)
        gone[of] = session.connection().execute(_statement(going)).rowcount
    return gone


def _let_go_with(session: Session, going: _Going) -> None:
    """What was said afterwards goes with the words, who quotes them quotes what is left [N2], and who follows them reads them anew."""
    mine = select(_f.id).where(going.old)
    quotes, replies = table_of(Evidence), table_of(FeedbackReply)
    connection = session.connection()
    changes.record_all(session, "Feedback", connection.execute(select(_f.uid).where(going.old)).scalars().all())
    left = {"quote_start": 0, "quote_end": len(STRUCK)}
    connection.execute(update(quotes).where(quotes.c.feedback_id.in_(mine)).values(left))
    connection.execute(update(replies).where(replies.c.feedback_id.in_(mine)).values(text=""))


def _statement(going: _Going) -> Any:
    if not going.empties:
        return delete(going.table).where(going.old)
    values: dict[str, Any] = {name: None if going.table.c[name].nullable else "" for name in going.empties}
    if "verbatim" in values:
        values |= {"verbatim": STRUCK, "redacted_at": clock.now()}
    return update(going.table).where(going.old).values(values)
