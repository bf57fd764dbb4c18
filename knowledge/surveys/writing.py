"""Surveys are drawn up, opened and closed: what is asked may change until it is asked, and never after."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import case, literal
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers.segments import SegmentRow
from knowledge.customers.touchpoints import TouchpointRow
from knowledge.database import table_of
from knowledge.errors import Conflict, Invalid, Problem, refuse
from knowledge.feedback import FeedbackRow
from knowledge.feedback.themes import ThemeRow
from knowledge.people import Act, Viewer, require
from knowledge.surveys import questions, reading
from knowledge.surveys.questions import Asked
from knowledge.surveys.reading import SurveyRow
from knowledge.surveys.survey import FLOOR, LEAST_ANSWERS, Survey, Wave
from knowledge.words import Anonymity, SurveyAudience, SurveyPurpose, SurveyState

HIGHEST = 100
_w = table_of(Wave).c


class Said(TypedDict, total=False):
    """What is said of a survey; a new one needs a title and questions. What is omitted stays as it is, None clears."""

    title: str
    intro: str
    thanks: str
    language: str
    audience: SurveyAudience
    purpose: SurveyPurpose
    anonymity: Anonymity
    minimum_n: int
    population: int | None
    frame: str
    segment: SegmentRow | None
    theme: ThemeRow | None
    feedback: FeedbackRow | None
    touchpoint: TouchpointRow | None
    questions: Sequence[Asked]


_TEXTS = {"title": 120, "intro": 1000, "thanks": 1000, "frame": 500}
_ROWS = ("segment", "theme", "feedback", "touchpoint")
_LATER = ("title", "intro", "thanks", "frame", "population", "theme", "feedback")
"""What may be said otherwise while it is asked: nothing of what is asked, of whom, or of what is shown of the answers."""


def may_ask(viewer: Viewer, purpose: SurveyPurpose | None) -> None:
    """Refuse whoever may not: leaders define surveys, and every colleague may ask whether others feel the same."""
    is_check = purpose is SurveyPurpose.VERIFICATION
    require(viewer, Act.FEEDBACK_WRITE if is_check else Act.SURVEYS_WRITE, doing="draw up surveys")


def create(session: Session, viewer: Viewer, said: Said, *, sample: bool = False) -> SurveyRow:
    """A new survey, as a draft; external, relational and confidential unless it says otherwise. Refuses NOT_ALLOWED and INVALID."""
    may_ask(viewer, said.get("purpose"))
    refuse([*_faults(said, None), *questions.faults(said.get("questions", ()))])
    now = clock.now()
    survey = Survey(
        uid=clock.uid(),
        title="",
        audience=SurveyAudience.EXTERNAL,
        purpose=SurveyPurpose.RELATIONAL,
        anonymity=Anonymity.CONFIDENTIAL,
        minimum_n=LEAST_ANSWERS,
        sample=sample,
        created_at=now,
        created_by_id=viewer.id,
        updated_at=now,
    )
    _apply(survey, said)
    session.add(survey)
    session.flush()  # its questions point at it
    assert survey.id is not None
    questions.write(session, survey.id, said["questions"])
    activity.record(session, viewer.id, "survey.created", "Survey", survey.uid)
    return reading.reread(session, survey.uid)


def update(session: Session, viewer: Viewer, uid: UUID, said: Said, *, version: int | None = None) -> SurveyRow:
    """Say it otherwise. Once it was opened its questions and its anonymity stay. Refuses NOT_FOUND, NOT_ALLOWED, INVALID, CONFLICT."""
    row, survey = _held(session, viewer, uid, version)
    wrong = list(_faults(said, row))
    if row.state is not SurveyState.DRAFT:
        wrong += [
            Problem(_called(name), "This stays as it was when it was opened.") for name in said if name not in _LATER
        ]
    elif "questions" in said:
        wrong += questions.faults(said["questions"])
    if said.get("purpose") is not None:
        may_ask(viewer, said["purpose"])
    refuse(wrong)
    before = {
        name: getattr(survey, name) for name in (*_TEXTS, "language", "audience", "purpose", "anonymity", "minimum_n")
    }
    _apply(survey, said)
    if "questions" in said:
        questions.write(session, row.id, said["questions"])
    moved = {name: (old, getattr(survey, name)) for name, old in before.items() if old != getattr(survey, name)}
    return _kept(session, viewer, survey, "survey.updated", moved)


def open(session: Session, viewer: Viewer, uid: UUID, *, version: int | None = None) -> SurveyRow:
    """From now on it can be asked, in one wave after another, and its questions stay. What was closed opens again."""
    row, survey = _held(session, viewer, uid, version)
    if row.state is SurveyState.OPEN:
        return row
    survey.state = SurveyState.OPEN
    return _kept(session, viewer, survey, "survey.opened", {})


def close(session: Session, viewer: Viewer, uid: UUID, *, version: int | None = None) -> SurveyRow:
    """It is over, and so are its waves: nobody is asked any more, and no answer is taken in them though it opens again.

    What was told of a wave that is over never moves, or the difference would give a single answer away.
    """
    row, survey = _held(session, viewer, uid, version)
    if row.state is SurveyState.DRAFT:
        raise Invalid("This has not been asked yet.", "id")
    if row.state is SurveyState.CLOSED:
        return row
    survey.state = SurveyState.CLOSED
    now = clock.now()
    mine = (_w.survey_id == row.id) & (_w.closes_at.is_(None) | (_w.closes_at > now))
    ended = case((_w.opens_at > now, _w.opens_at), else_=literal(now, _w.closes_at.type))
    session.connection().execute(table_of(Wave).update().where(mine).values(closes_at=ended))
    return _kept(session, viewer, survey, "survey.closed", {})


def _held(session: Session, viewer: Viewer, uid: UUID, version: int | None) -> tuple[SurveyRow, Survey]:
    row = reading.named(session, viewer, uid)
    may_ask(viewer, row.purpose)
    survey = session.get_one(Survey, row.id, with_for_update=True, populate_existing=True)
    if version is not None and version != survey.version:
        current = reading.reread(session, uid)
        raise Conflict("Somebody changed this survey in the meantime.", "version", current=current)
    return row, survey


def _kept(
    session: Session, viewer: Viewer, survey: Survey, verb: str, moved: Mapping[str, tuple[object, object]]
) -> SurveyRow:
    survey.version += 1
    survey.updated_at = clock.now()
    activity.record(session, viewer.id, verb, "Survey", survey.uid, moved=moved)
    return reading.reread(session, survey.uid)


def _apply(survey: Survey, said: Said) -> None:
    values: dict[str, Any] = dict(said)
    for name in ("title", "language"):
        if name in values:
            setattr(survey, name, questions.plain(values[name]))
    for name in ("intro", "thanks", "frame"):
        if name in values:
            setattr(survey, name, values[name].strip())
    for name in ("audience", "purpose", "anonymity", "minimum_n", "population"):
        if name in values:
            setattr(survey, name, values[name])
    for name in _ROWS:
        if name in values:
            setattr(survey, f"{name}_id", values[name].id if values[name] is not None else None)


def _called(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _faults(said: Said, row: SurveyRow | None) -> Iterable[Problem]:
    values: dict[str, Any] = dict(said)
    if (row is None or "title" in said) and not questions.plain(said.get("title", "")):
        yield Problem("title", "Say what it is called.")
    for name, most in _TEXTS.items():
        if len((values.get(name) or "").strip()) > most:
            yield Problem(name, f"This has at most {most} characters.")
    if "language" in said and not 2 <= len(questions.plain(said["language"])) <= 10:
        yield Problem("language", "Name the language by its code, such as en or de.")
    if said.get("population") is not None and not 1 <= (said["population"] or 0) <= 1_000_000_000:
        yield Problem("population", "Say how many there are, as a number above nothing.")
    least = said.get("minimum_n", row.minimum_n if row else LEAST_ANSWERS)
    if not FLOOR <= least <= HIGHEST:
        yield Problem("minimumN", f"From {FLOOR} to {HIGHEST}: below that, who answered what could be guessed.")
    yield from _misfits(said, row, least)


def _misfits(said: Said, row: SurveyRow | None, least: int) -> Iterable[Problem]:
    """What does not go together [A4]."""
    audience = said.get("audience", row.audience if row else SurveyAudience.EXTERNAL)
    purpose = said.get("purpose", row.purpose if row else SurveyPurpose.RELATIONAL)
    anonymity = said.get("anonymity", row.anonymity if row else Anonymity.CONFIDENTIAL)
    if purpose is SurveyPurpose.PULSE and anonymity is Anonymity.IDENTIFIED:
        yield Problem("anonymity", "A pulse on trust is anonymous or confidential, or it is not answered honestly.")
    if purpose is SurveyPurpose.PULSE and FLOOR <= least < LEAST_ANSWERS:
        yield Problem("minimumN", f"Of a pulse nothing is shown below {LEAST_ANSWERS} answers.")
    if audience is SurveyAudience.INTERNAL and said.get("segment") is not None:
        yield Problem("segment", "Segments are of customers; colleagues are asked as they are.")
