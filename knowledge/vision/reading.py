"""Reads the vision: the one that stands, what it answers, and what it still lacks before it is published."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select, union_all
from sqlmodel import Session

from knowledge.database import carried, grouped, neighbours, one, read, table_of
from knowledge.entries import listing
from knowledge.entries.entry import Entry, EntryRow, Revision, RevisionRow, seen_by
from knowledge.entries.links import SlugRedirect
from knowledge.errors import Problem
from knowledge.evidence.pieces import Evidence
from knowledge.evidence.results import SurveyResult
from knowledge.people import Viewer
from knowledge.surveys.survey import Survey, SurveyQuestion
from knowledge.vision.answers import AnswerRow, VisionAnswer, VisionAnswerLink, of_revisions
from knowledge.vision.placing import VisionEvidence
from knowledge.vision.public_part import VisionPart
from knowledge.words import Kind, Status, SurveyAudience

_e, _r = table_of(Entry).c, table_of(Revision).c
_l = table_of(VisionAnswerLink).c
_p = table_of(VisionPart).c
_placed, _v = table_of(VisionEvidence).c, table_of(Evidence).c


def current(session: Session, viewer: Viewer) -> EntryRow | None:
    """The newest published vision that the viewer may see: for colleagues never the public part of another, for those outside
    what is meant for them.
    """
    statement = seen_by(viewer).where(_e.kind == Kind.VISION, _e.status == Status.PUBLISHED)
    if viewer.is_inside:
        statement = statement.where(_e.id.not_in(select(_p.part_id)))
    newest = func.coalesce(_e.published_at, _e.created_at).desc()
    return one(session, EntryRow, statement.order_by(newest, _e.id.desc()))


def _answers(session: Session, visions: list[EntryRow]) -> Mapping[int, Sequence[AnswerRow]]:
    shown = {row.revision_id: row.id for row in visions if row.kind is Kind.VISION}
    return grouped(visions, of_revisions(session, shown), lambda answer: answer.entry_id)


def answers_of(vision: EntryRow) -> Sequence[AnswerRow]:
    """What the shown revision answers, by the keys of the questions; read for the whole list at once.

    What has answers is for colleagues alone, which is ruled where it is written: nobody else has such an entry to ask of.
    """
    return neighbours(vision, _answers)


def _in_revisions(session: Session, rows: list[RevisionRow]) -> Mapping[int, Sequence[AnswerRow]]:
    shown = {row.id: row.entry_id for row in rows if row.kind is Kind.VISION}
    return grouped(rows, of_revisions(session, shown), lambda answer: answer.revision_id)


def answers_in(revision: RevisionRow) -> Sequence[AnswerRow]:
    """What one revision answers, for those who may read it."""
    return neighbours(revision, _in_revisions)


class _TargetRow(EntryRow):
    of_revision: int
    question: str


def _targets(session: Session, answers: list[AnswerRow], viewer: Viewer) -> Mapping[int, Sequence[EntryRow]]:
    wanted = {answer.revision_id for answer in answers}
    keys = (_l.revision_id, _l.question)
    today = select(*keys, _e.id).where(_e.slug == _l.slug, _l.revision_id.in_(wanted))
    former = table_of(SlugRedirect).c
    before = select(*keys, former.entry_id).where(former.slug == _l.slug, _l.revision_id.in_(wanted))
    pairs = union_all(today, before).subquery("pointed")
    revision, question, id = pairs.c
    statement = seen_by(viewer).add_columns(revision.label("of_revision"), question.label("question"))
    statement = statement.join(pairs, id == _e.id).order_by(_r.title, _e.id)
    places = {(answer.revision_id, answer.question): answer.id for answer in answers}
    return grouped(answers, read(session, _TargetRow, statement), lambda row: places[row.of_revision, row.question])


def links_of(answer: AnswerRow, viewer: Viewer) -> Sequence[EntryRow]:
    """The entries to which an answer points, as far as the viewer may see them, by title; read for all answers at once."""
    return neighbours(answer, _targets, viewer) if viewer.is_inside else ()


def _parts(session: Session, visions: list[EntryRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    ids = [row.id for row in visions]
    statement = (
        seen_by(viewer).add_columns(_p.entry_id.label("whole_id")).join(table_of(VisionPart), _p.part_id == _e.id)
    )
    found = {carried(row, "whole_id"): row for row in read(session, EntryRow, statement.where(_p.entry_id.in_(ids)))}
    return {id: found.get(id) for id in ids}


def public_part_of(vision: EntryRow, viewer: Viewer) -> EntryRow | None:
    """The entry that says a vision to those outside, if there is one that the viewer may see."""
    return neighbours(vision, _parts, viewer)


def _wholes(session: Session, parts: list[EntryRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    ids = [row.id for row in parts]
    statement = seen_by(viewer).add_columns(_p.part_id).join(table_of(VisionPart), _p.entry_id == _e.id)
    found = {carried(row, "part_id"): row for row in read(session, EntryRow, statement.where(_p.part_id.in_(ids)))}
    return {id: found.get(id) for id in ids}


def whole_of(part: EntryRow, viewer: Viewer) -> EntryRow | None:
    """The vision whose public part an entry is, if it is one and the viewer may see that vision."""
    return neighbours(part, _wholes, viewer)


def version_of(vision: EntryRow) -> int:
    """Which version is published: the k-th revision that was; 0 before the first."""
    return listing.version_of(vision) or 0


def gaps(session: Session, entry: Entry, revision_id: int | None) -> Iterable[Problem]:
    """What keeps a vision from being published: an answer said to be the customers' view that no customer stands behind [V2]."""
    answer = table_of(VisionAnswer).c
    marked = select(answer.question).where(answer.revision_id == revision_id, answer.customers_view)
    questions = set(session.connection().execute(marked).scalars())
    for question in sorted(questions - _heard(session, entry.id) if questions else ()):
        message = "Customers stand behind no word of this yet: attach what one said, or do not call it their view."
        yield Problem(f"vision.answers.{question}", message)


def _heard(session: Session, entry_id: int | None) -> set[str]:
    """The questions at which something is placed that a customer said, told at a meeting or answered in a survey."""
    result, asked, survey = table_of(SurveyResult).c, table_of(SurveyQuestion).c, table_of(Survey).c
    outside = (
        select(result.id)
        .join(table_of(SurveyQuestion), asked.id == result.question_id)
        .join(table_of(Survey), survey.id == asked.survey_id)
        .where(survey.audience == SurveyAudience.EXTERNAL)
    )
    theirs = or_(_v.feedback_id.is_not(None), _v.interaction_id.is_not(None), _v.result_id.in_(outside))
    statement = (
        select(_placed.question)
        .join(table_of(Evidence), _v.id == _placed.evidence_id)
        .where(_v.entry_id == entry_id, _placed.question.is_not(None), theirs)
    )
    found: set[Any] = set(session.connection().execute(statement).scalars())
    return found
