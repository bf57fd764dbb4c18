"""Do others feel the same? Other customers are asked by lot, and what they say is put into words that claim no more than they carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from knowledge import clock, estimates
from knowledge.contacts import Contact
from knowledge.customers import Customer
from knowledge.customers.segments import SegmentRow
from knowledge.customers.topmost import topmost
from knowledge.database import grouped, neighbours, one, read, table_of
from knowledge.errors import Conflict, Invalid, NotAllowed, Problem, refuse
from knowledge.estimates import SUPPRESSED, Estimate
from knowledge.feedback import FeedbackRow, merging
from knowledge.feedback.items import Feedback
from knowledge.feedback.themes import FeedbackTheme, ThemeRow
from knowledge.people import Act, Viewer
from knowledge.surveys import inviting, reading, writing
from knowledge.surveys.questions import Asked
from knowledge.surveys.reading import SurveyRow
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyResponse
from knowledge.surveys.survey import Survey, SurveyQuestion, Wave
from knowledge.words import Anonymity, Basis, InvitationKind, SurveyAudience, SurveyMetric, SurveyPurpose, SurveyState

SIZE = 150
"""So many are asked where nobody says otherwise: if half of them answer, silence excludes 5 in 100."""

LASTS = timedelta(days=14)
"""So long they have for their answer; a colleague may end it sooner."""

WAITS = "Told when everybody has had time to answer."
MOST = 5_000
KEY = "same-here"
LONGEST = 300

_s, _q, _w = table_of(Survey).c, table_of(SurveyQuestion).c, table_of(Wave).c
_r, _a, _i = table_of(SurveyResponse).c, table_of(SurveyAnswer).c, table_of(Invitation).c
_f, _h, _c = table_of(Feedback).c, table_of(FeedbackTheme).c, table_of(Customer).c


class Wanted(TypedDict, total=False):
    """Whom to ask what: the question is answered by yes or no; `seed` draws the same customers again."""

    question: str
    segment: SegmentRow | None
    size: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """One time that others were asked: how many, and how many of those who answered say the same.

    They are asked in confidence. So while answers still come in nothing is told of them: the figure before and after one of them would
    give it away.
    """

    survey: SurveyRow
    asked: int
    result: Estimate
    waits: bool = False

    @property
    def words(self) -> str:
        """The result in words."""
        return WAITS if self.waits else words(self.result)


def ask_others(
    session: Session, viewer: Viewer, subject: ThemeRow | FeedbackRow, wanted: Wanted, contact: Contact | None = None
) -> SurveyRow:
    """Ask other customers, drawn by lot, whether they feel the same; whoever has spoken of it already is not asked again.

    Refuses NOT_ALLOWED, CONFLICT where others are being asked already, and INVALID, also where nobody is left who may be asked.
    """
    writing.may_ask(viewer, SurveyPurpose.VERIFICATION)
    if not viewer.may(Act.FEEDBACK_READ):
        raise NotAllowed("Others are asked by those who may read feedback.")
    question, size = " ".join(wanted.get("question", "").split()), wanted.get("size", SIZE)
    refuse(_faults(question, size))
    running = one(session, SurveyRow, _asking(subject).where(_s.state == SurveyState.OPEN, _runs()).limit(1))
    if running is not None:
        raise Conflict("Others are being asked already.", "id", current=running)
    survey = writing.open(session, viewer, _drawn_up(session, viewer, subject, question, wanted.get("segment")).uid)
    drawn: inviting.Opened = {
        "kind": InvitationKind.RANDOM,
        "seed": wanted.get("seed"),
        "closes_at": clock.now() + LASTS,
    }
    wave = inviting.open_wave(session, viewer, survey.uid, drawn)
    done = inviting.invite(
        session, viewer, wave.uid, size=size, without=_spoken(session, subject), contact=contact or Contact()
    )
    if done.count == 0:
        raise Invalid("There is nobody else who has agreed to be asked and was not asked of late.", "segment")
    session.get_one(Survey, survey.id).population = len(done.reach.able)
    return reading.reread(session, survey.uid)


def _asking(subject: ThemeRow | FeedbackRow) -> Select[Any]:
    about = _s.theme_id if isinstance(subject, ThemeRow) else _s.feedback_id
    return reading.surveys().where(about == subject.id, _s.purpose == SurveyPurpose.VERIFICATION)


def _runs() -> ColumnElement[bool]:
    """Whether answers to a survey still come in."""
    over = _w.closes_at.is_not(None) & (_w.closes_at <= clock.now())
    return select(_w.id).where(_w.survey_id == _s.id, ~over).correlate(table_of(Survey)).exists()


def _faults(question: str, size: int) -> Sequence[Problem]:
    found = []
    if not question:
        found.append(Problem("question", "Say what they are asked, so that yes means that they feel the same."))
    if len(question) > LONGEST:
        found.append(Problem("question", f"This has at most {LONGEST} characters."))
    if not 1 <= size <= MOST:
        found.append(Problem("size", f"Ask 1 to {MOST:,} customers."))
    return found


def _drawn_up(
    session: Session, viewer: Viewer, subject: ThemeRow | FeedbackRow, question: str, segment: SegmentRow | None
) -> SurveyRow:
    about = subject.name if isinstance(subject, ThemeRow) else subject.verbatim
    asked: Sequence[Asked] = (
        {"metric": SurveyMetric.BOOL, "text": question, "key": KEY, "required": True},
        {"metric": SurveyMetric.TEXT, "text": "Is there anything that you would add?"},
    )
    said: writing.Said = {
        "title": f"Is it so for others? {about}"[:120].strip(),
        "intro": "One question. We ask some of our customers by lot, so that we do not go by the loudest of them.",
        "thanks": "Thank you. A no tells us as much as a yes.",
        "audience": SurveyAudience.EXTERNAL,
        "purpose": SurveyPurpose.VERIFICATION,
        "anonymity": Anonymity.CONFIDENTIAL,
        "frame": "Drawn by lot among customers who agreed to surveys, without those who have spoken of it.",
        "segment": segment,
        "theme": subject if isinstance(subject, ThemeRow) else None,
        "feedback": subject if isinstance(subject, FeedbackRow) else None,
        "questions": asked,
    }
    return writing.create(session, viewer, said)


def _spoken(session: Session, subject: ThemeRow | FeedbackRow) -> set[int]:
    """Whoever has spoken of it, and everybody of the same house: together they are one voice, which has been heard."""
    said = select(_f.customer_id.label("id")).where(_f.customer_id.is_not(None))
    if isinstance(subject, ThemeRow):
        said = said.join(table_of(FeedbackTheme), _h.feedback_id == _f.id).where(_h.theme_id == subject.id)
    else:
        said = said.where(_f.id.in_(merging.joined_to(subject.id)))
    spoken, account = said.subquery(), topmost()
    house = account.alias("house")
    tops = select(func.coalesce(account.c.top, spoken.c.id)).outerjoin_from(
        spoken, account, account.c.id == spoken.c.id
    )
    theirs = select(_c.id).outerjoin(house, house.c.id == _c.id).where(func.coalesce(house.c.top, _c.id).in_(tops))
    return set(session.connection().execute(theirs).scalars())


def checks(subject: ThemeRow | FeedbackRow, viewer: Viewer) -> Sequence[Check]:
    """Each time that others were asked of it, the latest first; for colleagues."""
    if not viewer.may(Act.FEEDBACK_READ):
        return ()
    if isinstance(subject, ThemeRow):
        return neighbours(subject, _of_themes)
    return neighbours(subject, _of_items)


def _of_themes(session: Session, rows: list[ThemeRow]) -> Mapping[int, Sequence[Check]]:
    found = _checks(session, _s.theme_id.in_([row.id for row in rows]))
    return grouped(rows, found, lambda check: check.survey.theme_id or 0)


def _of_items(session: Session, rows: list[FeedbackRow]) -> Mapping[int, Sequence[Check]]:
    found = _checks(session, _s.feedback_id.in_([row.id for row in rows]))
    return grouped(rows, found, lambda check: check.survey.feedback_id or 0)


class _AskedRow(SurveyRow):
    """A survey with how many were asked, how many of them answered with yes or no, and how many with yes."""

    asked: int
    answered: int
    yes: int | None
    runs: bool


def _checks(session: Session, about: ColumnElement[bool]) -> list[Check]:
    """All in one statement."""
    asked = select(func.count()).join(table_of(Wave), _w.id == _i.wave_id).where(_w.survey_id == _s.id)
    told = (
        table_of(SurveyAnswer)
        .join(table_of(SurveyQuestion), _q.id == _a.question_id)
        .join(table_of(SurveyResponse), _r.id == _a.response_id)
    )
    plain = (_q.survey_id == _s.id) & (_q.metric == SurveyMetric.BOOL) & _a.number.in_((0, 1))
    answered, yes = (select(each).select_from(told).where(plain) for each in (func.count(), func.sum(_a.number)))
    counts = {"asked": asked.select_from(table_of(Invitation)), "answered": answered, "yes": yes}
    columns = [each.correlate(table_of(Survey)).scalar_subquery().label(name) for name, each in counts.items()]
    mine = reading.surveys().add_columns(*columns, _runs().label("runs"))
    mine = mine.where(about, _s.purpose == SurveyPurpose.VERIFICATION, _s.state != SurveyState.DRAFT)
    found = read(session, _AskedRow, mine.order_by(_s.id.desc()))
    return [Check(row, row.asked, _result(row, row.asked, row.answered, row.yes or 0), row.runs) for row in found]


def _result(survey: _AskedRow, asked: int, answered: int, yes: int) -> Estimate:
    if survey.runs or 0 < answered < survey.minimum_n:
        return SUPPRESSED
    warnings = estimates.response_caveats(answered, asked)
    return estimates.share(
        int(yes), answered, voices=answered, basis=Basis.RANDOM, population=survey.population, warnings=warnings
    )


def words(result: Estimate) -> str:
    """What came of asking others, for one who has never heard of an interval; rounded so that it claims too little."""
    if result.suppressed:
        return "Too few have answered to show it."
    if not result.n or result.value is None or result.low is None or result.high is None:
        return "Nobody has answered yet."
    yes = round(result.value * result.n)
    if yes == 0:
        return f"{estimates.silence_words(result.n)}."
    low, high = floor(result.low * 100), ceil(result.high * 100)
    return f"{yes} of {result.n} say the same: of all customers between {low} and {high} in 100 do, at 95 %."
