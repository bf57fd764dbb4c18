"""The scores that an initiative means to move, before it began and since, with what may be said of the difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, estimates
from knowledge.database import Table, grouped, neighbours, read, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.entries.writing import reread
from knowledge.errors import NotFound, Problem, refuse
from knowledge.estimates import Estimate
from knowledge.initiatives.facts import InitiativeRow
from knowledge.initiatives.planning import require_carrying
from knowledge.people import Act, Viewer
from knowledge.scores import overview, tallies
from knowledge.scores.boards import Figure
from knowledge.scores.tallies import SCALES
from knowledge.surveys import reading
from knowledge.surveys.reading import QuestionRow
from knowledge.surveys.survey import SurveyQuestion

MOST = 8


class InitiativeMeasure(Table, table=True):
    """A question of a survey whose score an initiative means to move."""

    __tablename__ = "initiative_measure"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    question_id: int = Field(foreign_key="survey_question.id", primary_key=True, index=True)


class _MeasuredRow(QuestionRow):
    entry_id: int


_j, _q = table_of(InitiativeMeasure).c, table_of(SurveyQuestion).c


@dataclass(frozen=True)
class Measure:
    """One score before an initiative was launched and since: the last wave that had closed by then, and the latest that began after."""

    question: QuestionRow
    launched: datetime | None

    @cached_property
    def _told(self) -> Sequence[Figure]:
        board = overview.board_of(reading.survey_of(self.question))
        trend = next((each.trend() for each in board.trends() if each.question.id == self.question.id), ())
        return [each for each in trend if each.is_told and each.tally.n]

    @property
    def before(self) -> Figure | None:
        """As it was in the last wave that had closed at the launch; before that as it is."""
        at = self.launched
        if at is None:
            return self._told[-1] if self._told else None
        return next((each for each in reversed(self._told) if (end := each.wave.row.closes_at) and end <= at), None)

    @property
    def after(self) -> Figure | None:
        """As it is in the latest wave that began since the launch."""
        at = self.launched
        return next((each for each in reversed(self._told) if at and each.wave.row.opens_at >= at), None)

    @property
    def change(self) -> Estimate | None:
        """After minus before, where both are told."""
        if self.before is None or self.after is None:
            return None
        return tallies.change(self.question.metric, self.before.tally, self.after.tally)

    @property
    def wording(self) -> str:
        """What may be claimed, in words, and no more: without another group nobody knows what did it."""
        if self.before is None:
            return "Nobody was asked before it was launched, so that nothing can be compared."
        if self.after is None:
            return "Nobody has been asked since it was launched."
        found = self.change
        said = estimates.change_words(found) if found is not None else ""
        if found is None or found.low is None or found.high is None or found.low <= 0 <= found.high:
            return f"{said[:1].upper()}{said[1:]}."
        return f"{said[:1].upper()}{said[1:]}. What else changed meanwhile is not known, so that this does not say what did it."


def _measured(session: Session, rows: list[EntryRow]) -> Mapping[int, list[_MeasuredRow]]:
    joined = reading.questions().add_columns(_j.entry_id).join(table_of(InitiativeMeasure), _j.question_id == _q.id)
    mine = joined.where(_j.entry_id.in_([row.id for row in rows])).order_by(_j.entry_id, _q.survey_id, _q.position)
    return grouped(rows, read(session, _MeasuredRow, mine), lambda each: each.entry_id)


def measures_of(initiative: EntryRow, viewer: Viewer) -> Sequence[Measure]:
    """The scores that it means to move, for colleagues who may read what customers said."""
    if not (viewer.is_inside and viewer.may(Act.FEEDBACK_READ)):
        return ()
    launched = entries.detail_of(initiative, InitiativeRow).launched_on
    at = datetime.combine(launched, time(), UTC) if launched else None
    return [Measure(each, at) for each in neighbours(initiative, _measured)]


def measure_by(session: Session, viewer: Viewer, initiative: EntryRow, uids: Sequence[UUID]) -> EntryRow:
    """Say which scores it means to move, all of them. Refuses NOT_ALLOWED, NOT_FOUND, and INVALID what has no score."""
    require_carrying(viewer, initiative)
    found = [reading.question_by_uid(session, viewer, uid) for uid in dict.fromkeys(uids)]
    asked = [each for each in found if each is not None]
    if len(asked) < len(found):
        raise NotFound("There is no such question.", "questions")
    if len(asked) > MOST:
        refuse([Problem("questions", f"At most {MOST} scores.")])
    refuse(
        Problem("questions", f"This question has no score: {each.text[:80]}")
        for each in asked
        if each.metric not in SCALES
    )
    table, connection = table_of(InitiativeMeasure), session.connection()
    connection.execute(delete(table).where(_j.entry_id == initiative.id))
    if asked:
        connection.execute(insert(table), [{"entry_id": initiative.id, "question_id": each.id} for each in asked])
    entry = session.get_one(Entry, initiative.id)
    entry.updated_at = clock.now()
    activity.record(session, viewer.id, "initiative.planned", "Entry", initiative.uid, revision=initiative.revision)
    return reread(session, entry)
