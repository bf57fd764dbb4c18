"""The append-only record of what happened, to what, by whom."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Session

from knowledge import changes, clock
from knowledge.database import Table, moment

request_id: ContextVar[str] = ContextVar("request_id", default="")


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
    """Write down an act and, in the change log, that its subject moved; `moved` maps a field to (before, after)."""
    act = Activity(at=clock.now(), person_id=person_id, verb=verb, type=type, uid=uid, request_id=request_id.get())
    session.add(act)
    if moved:
        session.flush()  # the values need the act's id
        assert act.id is not None
        for field, (before, after) in moved.items():
            session.add(ActivityValue(activity_id=act.id, field=field, before=_words(before), after=_words(after)))
    changes.record(session, type, uid, revision=revision, deleted=deleted)


def _words(value: object) -> str | None:
    return None if value is None else str(value)


Subject = tuple[UUID, int, Mapping[str, tuple[object, object]]]
"""The uid of what an act is done to, its revision, and what moved."""


def record_each(session: Session, person_id: int | None, verb: str, type: str, subjects: Sequence[Subject]) -> None:
    """The same act done to many subjects, in few statements: one for the acts, one for their values, one per revision number."""
    now = clock.now()
    acts = [
        Activity(at=now, person_id=person_id, verb=verb, type=type, uid=uid, request_id=request_id.get())
        for uid, _, _ in subjects
    ]
    session.add_all(acts)
    session.flush()  # the values need the acts' ids
    for act, (_, _, moved) in zip(acts, subjects, strict=True):
        assert act.id is not None
        for field, (before, after) in moved.items():
            session.add(ActivityValue(activity_id=act.id, field=field, before=_words(before), after=_words(after)))
    for revision in sorted({revision for _, revision, _ in subjects}):
        uids = [uid for uid, number, _ in subjects if number == revision]
        changes.record_all(session, type, uids, revision=revision)
