"""The append-only record of what happened, to what, by whom."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlmodel import Field, Session

from knowledge import changes, clock, jobs
from knowledge.database import Table, moment, table_of

request_id: ContextVar[str] = ContextVar("request_id", default="")

TOLD = frozenset(
    {
        *(
            f"entry.{verb}"
            for verb in (
                "created", "submitted", "approved", "published", "changes_requested", "scheduled", "recalled", "obsoleted", "archived",
                "updated", "verified", "doubted", "contested", "due", "expired",
            )
        ),
        "evidence.attached", "initiative.progressed", "comment.created", "comment.resolved", "mention.made", "reaction.added",
        "suggestion.made", "suggestion.taken", "suggestion.declined", "flag.raised", "flag.settled", "use.recorded",
        "outcome.recorded", "gap.answered",
        "feedback.recorded", "feedback.assigned", "feedback.answered", "feedback.replied",
        "appreciation.given",
        "initiative.moved", "initiative.issue_raised", "initiative.issue_taken_on", "initiative.issue_settled", "initiative.silent",
        "question.addressed", "answer.accepted", "post.hidden", "post.promoted",
    }
)  # fmt: skip
"""The verbs of which somebody may want to hear: a job `notify` is written with the act, in the same transaction."""


class Activity(Table, table=True):
    """One act. Its values lie beside it, so that they can be erased and the act still stands."""

    __tablename__ = "activity"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment(index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    verb: str
    type: str
    uid: UUID = Field(index=True)
    request_id: str = ""


class ActivityValue(Table, table=True):
    """What one field was before and after an act."""

    __tablename__ = "activity_value"

    activity_id: int = Field(foreign_key="activity.id", primary_key=True)
    field: str = Field(primary_key=True)
    before: str | None = None
    after: str | None = None


def record(
    session: Session,
    person_id: int | None,
    verb: str,
    type: str,
    uid: UUID,
    *,
    revision: int = 0,
    deleted: bool = False,
    moved: Mapping[str, tuple[object, object]] | None = None,
) -> None:
    """Write down an act and, in the change log, that its subject moved; `moved` maps a field to (before, after).

    Of the verbs in `TOLD` people are told later, unless the session is an import's.
    """
    act = Activity(at=clock.now(), person_id=person_id, verb=verb, type=type, uid=uid, request_id=request_id.get())
    session.add(act)
    if moved:
        session.flush()  # the values need the act's id
        assert act.id is not None
        for field, (before, after) in moved.items():
            session.add(ActivityValue(activity_id=act.id, field=field, before=_words(before), after=_words(after)))
    changes.record(session, type, uid, revision=revision, deleted=deleted, verb=verb)
    _tell(session, act.at, [f"{verb} {type} {uid} {person_id or '-'} {act.at.isoformat()}"])


def _tell(session: Session, at: datetime, subjects: Sequence[str]) -> None:
    """Have people told later of acts of one verb, with the acts and in one statement."""
    if subjects and subjects[0].partition(" ")[0] in TOLD and not session.info.get("quiet"):
        jobs.later_each(session, "notify", [(subject, at) for subject in subjects])


@contextmanager
def untraced() -> Iterator[None]:
    """What is recorded within does not say by which request it came: what is anonymous leads back to no line of a log [F2]."""
    token = request_id.set("")
    try:
        yield
    finally:
        request_id.reset(token)


def hush(session: Session) -> None:
    """Nobody is told of what this session does: an import brings in what happened elsewhere, and long ago."""
    session.info["quiet"] = True


def _words(value: object) -> str | None:
    return None if value is None else str(value)


_DONE = insert(table_of(Activity))

Subject = tuple[UUID, int, Mapping[str, tuple[object, object]]]
"""The uid of what an act is done to, its revision, and what moved."""


def record_each(
    session: Session,
    person_id: int | None,
    verb: str,
    type: str,
    subjects: Sequence[Subject],
    *,
    concerning: Collection[UUID] | None = None,
) -> None:
    """The same act done to many distinct subjects, in as many statements for a hundred as for two and one per revision number.

    `concerning` are those of which anybody may want to hear: all of them, unless it is known that nobody can.
    """
    if not subjects:
        return
    at = clock.now()
    act = {"at": at, "person_id": person_id, "verb": verb, "type": type, "request_id": request_id.get()}
    session.connection().execute(_DONE, [{"uid": uid, **act} for uid, _, _ in subjects])
    if any(moved for _, _, moved in subjects):
        _record_values(session, verb, subjects)
    for revision in sorted({number for _, number, _ in subjects}):
        uids = [uid for uid, number, _ in subjects if number == revision]
        changes.record_all(session, type, uids, revision=revision, verb=verb)
    told = [uid for uid, _, _ in subjects if concerning is None or uid in concerning]
    _tell(session, at, [f"{verb} {type} {uid} {person_id or '-'} {at.isoformat()}" for uid in told])


def _record_values(session: Session, verb: str, subjects: Sequence[Subject]) -> None:
    connection, table = session.connection(), table_of(Activity)
    mine = (table.c.verb == verb) & table.c.uid.in_([uid for uid, _, _ in subjects])
    newest = connection.execute(select(table.c.uid, func.max(table.c.id)).where(mine).group_by(table.c.uid))
    ids = {row[0]: row[1] for row in newest}
    values = [
        {"activity_id": ids[uid], "field": field, "before": _words(before), "after": _words(after)}
        for uid, _, moved in subjects
        for field, (before, after) in moved.items()
    ]
    connection.execute(insert(table_of(ActivityValue)), values)
