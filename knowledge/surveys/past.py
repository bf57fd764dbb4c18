"""What the sample's company asked before: others about the app, customers quarter by quarter and after a visit, and both about trust."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session

from knowledge import clock, people
from knowledge.customers import Customer
from knowledge.database import one, table_of
from knowledge.feedback import themes
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.surveys import bank, holding, inviting, reading, verifying, writing
from knowledge.surveys.reading import SurveyRow, WaveRow
from knowledge.surveys.response import Invitation, SurveyAnswer, SurveyResponse
from knowledge.surveys.survey import Survey, Wave
from knowledge.words import (
    Anonymity,
    CustomerRelation,
    CustomerStatus,
    InvitationKind,
    Stage,
    SurveyMetric,
    SurveyPurpose,
)

ASKED, ANSWERED = 110, 73
"""So many others were asked about the app, and so many answered: none of them said yes."""

QUESTION = "In the last month, did the app ask you to sign in more often than you would expect?"
_c, _i, _s = table_of(Customer).c, table_of(Invitation).c, table_of(Survey).c


@dataclass(frozen=True, slots=True)
class Past:
    """A wave so many days ago: how many were asked, how many answered, and how they incline from 0 to 1, by the key of a question."""

    days: int
    asked: int
    answered: int
    inclined: Mapping[str, float]


SERVED = (
    Past(290, 120, 66, {"recommend": 0.74, "satisfied": 0.66, "easy": 0.62}),
    Past(200, 130, 71, {"recommend": 0.76, "satisfied": 0.68, "easy": 0.63}),
    Past(110, 140, 78, {"recommend": 0.81, "satisfied": 0.75, "easy": 0.7}),
    Past(20, 140, 83, {"recommend": 0.86, "satisfied": 0.8, "easy": 0.78}),
)
VISITS = (
    Past(150, 90, 62, {"easy": 0.6, "satisfied": 0.56}),
    Past(60, 100, 66, {"easy": 0.72, "satisfied": 0.68}),
)
INSIDE = (
    Past(200, 44, 31, {"trust": 0.66, "appreciated": 0.55, "mistakes-tolerated": 0.5, "excellence-recognised": 0.52}),
    Past(20, 44, 36, {"trust": 0.72, "appreciated": 0.68, "mistakes-tolerated": 0.64, "excellence-recognised": 0.6}),
)
OUTSIDE = (
    Past(200, 130, 58, {"trust": 0.7, "appreciated": 0.62}),
    Past(20, 140, 69, {"trust": 0.77, "appreciated": 0.74}),
)


def remember(session: Session) -> None:
    """Write it down; nothing where that has been done, or where the sample is not there."""
    asked = (_s.purpose == SurveyPurpose.VERIFICATION) & _s.sample
    there = session.connection().execute(select(_s.id).where(asked).limit(1)).first()
    by = {name: people.by_email(session, f"{name}@example.com") for name in ("ines", "margit")}
    theme = themes.by_key(session, OPERATOR, "App sign-in")
    ines, margit = by["ines"], by["margit"]
    if there is not None or theme is None or ines is None or margit is None:
        return
    with clock.held(clock.now() - timedelta(days=24)):
        wanted: verifying.Wanted = {"question": QUESTION, "size": ASKED, "seed": 73}
        survey = verifying.ask_others(session, viewer_for(ines), theme, wanted)
    _close(session, survey)
    leader = viewer_for(margit)
    _quarterly(session, leader)
    for key, waves, kind in (
        ("trust-colleagues", INSIDE, InvitationKind.CENSUS),
        ("trust-customers", OUTSIDE, InvitationKind.CENSUS),
        ("after-a-visit", VISITS, InvitationKind.EVENT),
    ):
        said = bank.shipped(key).said
        running = one(session, SurveyRow, reading.surveys().where(_s.sample, _s.title == said["title"]))
        _asked(session, running or _drawn_up(session, leader, said, waves), waves, key, kind)


def _close(session: Session, survey: SurveyRow) -> None:
    """Nobody who answered has the trouble with the app."""
    session.get_one(Survey, survey.id).sample = True
    (wave,) = reading.waves_of(survey)
    question = reading.questions_of(survey)[0]
    asked = select(_i.customer_id).where(_i.wave_id == wave.id).order_by(_i.id).limit(ANSWERED)
    those = session.connection().execute(asked).scalars().all()
    at = wave.opens_at + timedelta(days=3)
    _answer(session, wave, [(id, None, {question.id: 0}) for id in those], at, unnamed=False)
    done = (_i.wave_id == wave.id) & _i.customer_id.in_(those)
    session.connection().execute(update(table_of(Invitation)).where(done).values(answered=True))
    writing.close(session, OPERATOR, survey.uid)


def _quarterly(session: Session, viewer: Viewer) -> None:
    said: writing.Said = {
        "title": "How are we doing?",
        "intro": "Three questions, once a quarter. We read every word.",
        "thanks": "Thank you. What came of it stands under You said, we did.",
        "purpose": SurveyPurpose.RELATIONAL,
        "anonymity": Anonymity.CONFIDENTIAL,
        "population": 165,
        "frame": "Customers outside the company who agreed to be asked: all of them, every time.",
        "questions": [
            {"metric": SurveyMetric.RECOMMENDATION_0_10, "text": RECOMMEND, "key": "recommend"},
            {"metric": SurveyMetric.CSAT_1_5, "text": "How satisfied are you with us, all in all?", "key": "satisfied"},
            {"metric": SurveyMetric.CES_1_7, "text": "How easy was it to get help?", "key": "easy"},
        ],
    }
    _asked(session, _drawn_up(session, viewer, said, SERVED), SERVED, "quarterly")


RECOMMEND = "How likely is it that you would recommend us to somebody who does what you do?"


def _drawn_up(session: Session, viewer: Viewer, said: writing.Said, waves: Sequence[Past]) -> SurveyRow:
    with clock.held(clock.now() - timedelta(days=waves[0].days + 5)):
        return writing.open(session, viewer, writing.create(session, viewer, said, sample=True).uid)


def _asked(
    session: Session,
    survey: SurveyRow,
    waves: Sequence[Past],
    key: str,
    kind: InvitationKind = InvitationKind.CENSUS,
) -> None:
    """The waves of a survey, each held and answered in its time; who answers what is drawn with a number that never changes."""
    now, lot = clock.now(), random.Random(f"the sample's {key}")  # noqa: S311  the sample is the same for everybody
    questions = [each for each in reading.questions_of(survey) if each.key in waves[0].inclined]
    those = _customers(session)
    for past in waves:
        with clock.held(now - timedelta(days=past.days)):
            opened: inviting.Opened = {"kind": kind, "population": past.asked}
            wave = inviting.open_wave(session, OPERATOR, survey.uid, opened)
        stored = session.get_one(Wave, wave.id)
        stored.closes_at = wave.opens_at + timedelta(days=14)
        chosen = lot.sample(those, past.asked) if len(those) >= past.asked else those
        unnamed = survey.anonymity is Anonymity.ANONYMOUS
        if not unnamed:
            _invite(session, wave, [id for id, _ in chosen], past.answered)
        rows = [
            (
                None if unnamed else id,
                None if unnamed else stage,
                {each.id: _number(lot, each.metric, past.inclined[each.key], stage) for each in questions},
            )
            for id, stage in chosen[: past.answered]
        ]
        _answer(session, wave, rows, wave.opens_at + timedelta(days=4), unnamed=unnamed)
    _number_by_time(session, survey)


def _number_by_time(session: Session, survey: SurveyRow) -> None:
    """What is asked now comes after what was asked before."""
    session.flush()  # its waves are read back
    w, connection = table_of(Wave).c, session.connection()
    ids = connection.execute(select(w.id).where(w.survey_id == survey.id).order_by(w.opens_at)).scalars().all()
    for beyond in (len(ids), 0):  # no two have the same number, not even for a moment
        for place, id in enumerate(ids, 1):
            connection.execute(update(table_of(Wave)).where(w.id == id).values(number=place + beyond))
    session.expire_all()  # what Core has written, objects do not know


def _customers(session: Session) -> list[tuple[int, Stage]]:
    mine = select(_c.id, _c.stage).where(_c.sample, _c.relation == CustomerRelation.EXTERNAL)
    rows = session.connection().execute(mine.where(_c.status == CustomerStatus.ACTIVE).order_by(_c.id))
    return [(row.id, row.stage) for row in rows]


def _invite(session: Session, wave: WaveRow, ids: Sequence[int], answered: int) -> None:
    about = {"wave_id": wave.id, "kind": wave.kind, "created_at": wave.opens_at, "mail_tries": 0}
    rows = [
        {**about, "uid": clock.uid(), "customer_id": id, "answered": place < answered} for place, id in enumerate(ids)
    ]
    session.connection().execute(insert(table_of(Invitation)), rows)


def _number(lot: random.Random, metric: SurveyMetric, inclined: float, stage: Stage) -> int:
    """One answer on the scale of its question, the higher the more they incline; advocates incline a little more than others."""
    low, high = SCALES[metric]
    wish = inclined + {Stage.ADVOCATE: 0.1, Stage.FIRST_TIME: -0.06, Stage.INACTIVE: -0.1}.get(stage, 0.0)
    return max(low, min(high, round(low + (high - low) * lot.gauss(wish, 0.2))))


SCALES = {
    SurveyMetric.RECOMMENDATION_0_10: (0, 10),
    SurveyMetric.CSAT_1_5: (1, 5),
    SurveyMetric.CES_1_7: (1, 7),
    SurveyMetric.DEGREE_1_7: (1, 7),
}


def _answer(
    session: Session,
    wave: WaveRow,
    rows: Sequence[tuple[int | None, Stage | None, Mapping[int, int]]],
    at: datetime,
    *,
    unnamed: bool,
) -> None:
    """Write what was answered; of what is unnamed neither key nor time says in which order."""
    when = at.replace(hour=0, minute=0, second=0, microsecond=0) if unnamed else at
    keys = _keys(session, SurveyResponse, len(rows))
    about = {"wave_id": wave.id, "answered_at": when, "changed_at": when}
    responses: list[dict[str, Any]] = [
        {**about, "id": key, "uid": clock.timeless_uid(), "customer_id": customer, "stage": stage}
        for key, (customer, stage, _) in zip(keys, rows, strict=True)
    ]
    told = [(key, numbers) for key, (_, _, numbers) in zip(keys, rows, strict=True)]
    answers = [
        {"response_id": key, "question_id": question, "number": number}
        for key, numbers in told
        for question, number in numbers.items()
    ]
    for each, key in zip(answers, _keys(session, SurveyAnswer, len(answers)), strict=True):
        each["id"] = key
    session.connection().execute(insert(table_of(SurveyResponse)), responses)
    session.connection().execute(insert(table_of(SurveyAnswer)), answers)


def _keys(session: Session, table: Any, many: int) -> list[int]:
    return holding.drawn_keys(session, table, many)
