"""Whoever reads all that they may, before and after, and writes all that they may, learns what nobody answered in confidence."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock, surveys
from knowledge.activity import Activity
from knowledge.customers import CustomerRow, Reference, merging, segments
from knowledge.database import Database, forget_neighbours, table_of
from knowledge.errors import Invalid
from knowledge.people import OPERATOR
from knowledge.scores import counting, hiding, overview
from knowledge.surveys import holding, reading, upserting
from knowledge.words import Anonymity, ScoreCut, SurveyMetric
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import a_customer, a_link, a_response, a_survey, a_wave, agreed

IDENTIFIED, CONFIDENTIAL, ANONYMOUS = Anonymity.IDENTIFIED, Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS
PROMISED = pytest.mark.parametrize("promised", [CONFIDENTIAL, ANONYMOUS])


@pytest.fixture
def here(untouched_sqlite: Database) -> Iterator[Session]:
    """A session for what no dialect decides."""
    with Session(untouched_sqlite.engine) as session:
        yield session


def brought(session: Session, wave: surveys.WaveRow, key: str, number: int = 3, **details: Any) -> list[str]:
    """The fields for which a row of another system is refused."""
    (question,) = surveys.questions_of(reading.survey_of(wave))
    row = upserting.Brought("tool", key, wave.uid, [holding.Given(question.uid, number)], **details)
    (kept,) = upserting.upsert(session, OPERATOR, [row])
    return [problem.field or "" for problem in kept.problems]


def as_told(session: Session) -> list[tuple[str, int | None, float | None]]:
    """All that the page of scores tells by segment of the one survey there is."""
    forget_neighbours(session)
    (board,) = overview.newest(session, OPERATOR).surveys
    (figure,) = board.trends()[0].trend()
    return [(cell.name, cell.score.n, cell.score.value) for cell in figure.cells(ScoreCut.SEGMENT)]


@PROMISED
def test_no_answer_comes_into_a_wave_that_was_told(here: Session, promised: Anonymity) -> None:
    wave = a_wave(here, a_survey(here, anonymity=promised))
    assert [brought(here, wave, f"r-{place}") for place in range(6)] == [[]] * 6

    surveys.end_wave(here, OPERATOR, wave.uid)
    forget_neighbours(here)

    assert brought(here, wave, "r-7") == ["wave"]
    assert brought(here, wave, "r-1", number=9) == ["wave"]


def test_answers_by_name_come_in_though_the_wave_is_over(here: Session) -> None:
    wave = a_wave(here, a_survey(here, anonymity=IDENTIFIED))

    surveys.end_wave(here, OPERATOR, wave.uid)
    forget_neighbours(here)

    assert brought(here, wave, "r-1") == []


@PROMISED
def test_nobody_fills_up_a_wave_in_which_few_are_asked_with_answers_of_their_own(
    here: Session, promised: Anonymity
) -> None:
    survey, customer = a_survey(here, anonymity=promised), a_customer(here)
    agreed(here, customer)
    asked = a_wave(here, survey)
    surveys.invite(here, OPERATOR, asked.uid)
    told = a_wave(here, survey)
    assert brought(here, told, "r-1") == []

    assert brought(here, asked, "r-2") == ["wave"]
    with pytest.raises(Invalid) as refused:
        surveys.invite(here, OPERATOR, told.uid)
    assert [problem.field for problem in refused.value.problems] == ["wave"]


@PROMISED
def test_how_many_have_answered_grows_by_steps_and_is_told_when_it_is_over(here: Session, promised: Anonymity) -> None:
    others = [a_customer(here) for _ in range(7)]
    agreed(here, *others)
    wave = a_wave(here, a_survey(here, anonymity=promised))
    surveys.invite(here, OPERATOR, wave.uid)

    def told() -> tuple[int | None, int | None]:
        here.flush()  # as the end of every operation does
        forget_neighbours(here)
        (board,) = overview.newest(here, OPERATOR).surveys
        (now,) = reading.waves_of(board.survey)
        return hiding.answered(now).n, board.waves[0].response.n

    seen = []
    for each in others:
        a_response(here, a_link(here, wave, customer=each), 9)
        seen.append(told())
    surveys.end_wave(here, OPERATOR, wave.uid)

    assert seen == [(None, None)] * 4 + [(5, None)] * 3
    assert told() == (7, 7)


def test_when_somebody_answered_in_confidence_is_written_nowhere_that_is_read(here: Session) -> None:
    told = table_of(Activity).c
    for promised, times in ((IDENTIFIED, 1), (CONFIDENTIAL, 1), (ANONYMOUS, 1)):
        customer = a_customer(here)
        agreed(here, customer)
        wave = a_wave(here, a_survey(here, anonymity=promised))
        surveys.invite(here, OPERATOR, wave.uid)
        a_response(here, a_link(here, wave, customer=customer), 9)

        here.flush()
        written = select(func.count()).where(told.verb == "survey.answered")
        assert here.connection().execute(written).scalar_one() == times


def test_two_customers_who_become_one_and_two_again_move_no_figure_of_what_was_answered(session: Session) -> None:
    with clock.held(clock.now() - timedelta(days=60)):
        guests = [a_customer(session) for _ in range(12)]
        hotels = segments.create(session, OPERATOR, {"name": "Hotels"})
        for guest in guests[:6]:
            segments.add(session, OPERATOR, hotels, guest)
    survey = a_scored_survey(session, SurveyMetric.RECOMMENDATION_0_10, anonymity=CONFIDENTIAL)
    a_wave_of_answers(session, survey, [0] + [10] * 11, by=guests)
    before = as_told(session)
    other, third = a_customer(session), a_customer(session)

    merging.merge(session, OPERATOR, Reference(uid=guests[0].uid), Reference(uid=other.uid))
    once = as_told(session)
    done = merging.merge(session, OPERATOR, Reference(uid=other.uid), Reference(uid=third.uid))
    twice = as_told(session)
    merging.unmerge(session, OPERATOR, done.merge.uid)

    assert before == [("Hotels", 6, before[0][2])]
    assert once == twice == as_told(session) == before


def test_an_answer_that_is_said_to_be_of_tomorrow_is_of_now(here: Session) -> None:
    wave, guest = a_wave(here, a_survey(here, anonymity=CONFIDENTIAL)), a_customer(here)
    tomorrow = clock.now() + timedelta(hours=20)

    assert brought(here, wave, "r-1", customer=Reference(uid=guest.uid), answered_at=tomorrow) == []

    (at,) = here.connection().execute(select(counting._r.answered_at)).scalars()
    assert at <= clock.now()


def test_with_more_segments_than_are_compared_nothing_told_in_confidence_changes_with_which_those_are(
    here: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.held(clock.now() - timedelta(days=60)):
        guests: list[CustomerRow] = [a_customer(here) for _ in range(11)]
        for name, some in (("All but one", guests[:10]), ("All", guests)):
            segment = segments.create(here, OPERATOR, {"name": name})
            for guest in some:
                segments.add(here, OPERATOR, segment, guest)
    survey = a_scored_survey(here, SurveyMetric.RECOMMENDATION_0_10, anonymity=CONFIDENTIAL)
    a_wave_of_answers(here, survey, [10] * 11, by=guests)

    monkeypatch.setattr(counting, "MOST", 1)

    assert [n for _, n, _ in as_told(here)] == []
