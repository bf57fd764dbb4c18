from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from knowledge import clock, estimates, surveys
from knowledge.customers import CustomerRow, segments
from knowledge.database import Database
from knowledge.people import OPERATOR, Viewer
from knowledge.scores import hiding, overview, satisfied
from knowledge.scores.boards import Board
from knowledge.surveys.reading import SurveyRow
from knowledge.words import (
    Anonymity,
    InvitationKind,
    Satisfaction,
    ScoreCut,
    Stage,
    SurveyAudience,
    SurveyMetric,
    SurveyPurpose,
)
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import a_customer, a_group, a_viewer

RECOMMENDATION, CSAT, CES, DEGREE = (
    SurveyMetric.RECOMMENDATION_0_10,
    SurveyMetric.CSAT_1_5,
    SurveyMetric.CES_1_7,
    SurveyMetric.DEGREE_1_7,
)
NAMED, QUIET, UNNAMED = Anonymity.IDENTIFIED, Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS
SCORED = [10] * 25 + [8] * 15 + [3] * 10
BETTER = [10] * 30 + [8] * 12 + [3] * 8


@pytest.fixture
def embedded(untouched_sqlite: Database) -> Iterator[Session]:
    """A session for what no dialect decides."""
    with Session(untouched_sqlite.engine) as session:
        yield session


def the_board(session: Session, viewer: Viewer = OPERATOR) -> Board:
    return overview.newest(session, viewer).surveys[0]


def test_a_trend_has_intervals_and_says_in_words_what_changed(session: Session) -> None:
    survey = a_scored_survey(session)
    a_wave_of_answers(session, survey, SCORED, days_ago=120)
    a_wave_of_answers(session, survey, BETTER, days_ago=30)

    first, second = the_board(session, a_viewer(session)).trends()[0].trend()

    assert (first.score.value, round(first.score.low or 0, 2), round(first.score.high or 0, 2)) == (30, 7.30, 49.30)
    assert (first.change, first.share) == (None, None)
    assert second.change is not None
    assert (second.score.value, round(second.change.value or 0, 2)) == (44, 14)
    assert second.change_words == "no evidence of change"


def test_q1_q4_q5_each_question_counts_its_own_answers_and_what_is_hidden_has_neither_value_nor_n(
    embedded: Session,
) -> None:
    survey = a_scored_survey(embedded, CSAT, CES, SurveyMetric.MULTI, options=("price", "people"))
    csat = [5] * 45 + [2] * 5
    ces = [7, 6, 6, 5, 7, 4, 6, 7, 3, 6]
    a_wave_of_answers(embedded, survey, csat, ces, [1, 2, 2, 2], days_ago=60)
    a_wave_of_answers(embedded, survey, [4, 4, 4], [], [1] * 5, days_ago=20)

    satisfied_, easy, chosen = the_board(embedded).trends()

    told = satisfied_.trend()[0].score
    assert (told.n, told.value, round(told.low or 0, 3), round(told.high or 0, 3)) == (50, 0.9, 0.786, 0.957)
    mean, top = easy.trend()[0].score, easy.trend()[0].share
    assert top is not None
    assert (mean.n, mean.value, round(mean.low or 0, 3), top.value) == (10, 5.7, 4.743, 0.8)
    hidden, nobody = satisfied_.trend()[1].score, easy.trend()[1].score
    assert (hidden.suppressed, hidden.value, hidden.n, hidden.low) == (True, None, None, None)
    assert (nobody.suppressed, nobody.value, nobody.n) == (False, None, 0)
    latest = satisfied_.latest()
    assert latest is not None
    assert latest.wave.row.number == 1
    assert [(each.label, each.share.value) for each in chosen.trend()[1].parts()] == [("price", 1.0), ("people", 0.0)]
    assert chosen.trend()[0].parts() == []


def test_a_low_response_lowers_what_a_figure_can_carry_and_bounds_what_all_would_say(embedded: Session) -> None:
    survey = a_scored_survey(embedded, CSAT, population=200)
    a_wave_of_answers(embedded, survey, [5] * 45 + [1] * 15, silent=80, kind=InvitationKind.RANDOM)

    board = the_board(embedded)

    figure, rate = board.trends()[0].trend()[0], board.waves[0].response
    assert (rate.value, rate.n, figure.bound is not None) == (60 / 140, 140, True)
    assert (figure.score.grade, figure.score.warnings) == (estimates.Grade.C, (estimates.Caveat.LOW_RESPONSE,))
    assert figure.bound is not None
    assert (figure.bound.value, figure.bound.low, figure.bound.high) == (0.75, 0.225, 0.925)


def test_a4_an_anonymous_pulse_tells_nothing_before_it_is_over_and_never_of_fewer_than_five(embedded: Session) -> None:
    first, second, third = (a_group(embedded) for _ in range(3))
    inside, pulse = SurveyAudience.INTERNAL, SurveyPurpose.PULSE
    survey = a_scored_survey(embedded, DEGREE, audience=inside, purpose=pulse, anonymity=UNNAMED, minimum_n=3)
    groups = [first.id] * 2 + [second.id] * 7 + [third.id] * 9
    a_wave_of_answers(embedded, survey, [4] * 18, groups=groups, days_ago=90)
    a_wave_of_answers(embedded, survey, [6] * 4, days_ago=50, silent=20)
    a_wave_of_answers(embedded, survey, [7] * 12, days_ago=3)

    board = the_board(embedded)

    over, few, running = board.trends()[0].trend()
    assert [each.score.suppressed for each in (over, few, running)] == [False, True, True]
    assert (running.score.n, running.parts(), running.wave.waits) == (None, [], True)
    assert (board.waves[1].response.suppressed, board.waves[1].response.n) == (True, None)
    assert list(board.cuts) == [ScoreCut.GROUP]
    told = {cell.name: cell.score.n for cell in over.cells(ScoreCut.GROUP)}
    assert told == {first.name: None, second.name: None, third.name: 9}
    assert over.cells(ScoreCut.SEGMENT) == []


def test_a_wave_that_was_told_stays_as_it_is_though_its_survey_opens_again(embedded: Session) -> None:
    quiet = a_scored_survey(embedded, DEGREE, anonymity=UNNAMED)
    a_wave_of_answers(embedded, quiet, [4] * 6, lasts=None)

    assert the_board(embedded).trends()[0].latest() is None

    surveys.close(embedded, OPERATOR, quiet.uid)
    surveys.open(embedded, OPERATOR, quiet.uid)
    embedded.expire_all()

    board = the_board(embedded)
    assert board.waves[0].row.closes_at is not None
    assert not board.waves[0].row.is_running
    assert [each.score.n for each in board.trends()[0].trend()] == [6]


def in_segment(session: Session, name: str, *those: CustomerRow) -> None:
    segment = segments.create(session, OPERATOR, {"name": name})
    for customer in those:
        segments.add(session, OPERATOR, segment, customer)


def test_s1_a_cut_by_segment_is_that_of_the_day_of_answering_and_never_tells_of_fewer(session: Session) -> None:
    with clock.held(clock.now() - timedelta(days=60)):
        guests = [a_customer(session) for _ in range(14)]
        in_segment(session, "Hotels", *guests[:6])
        in_segment(session, "All but two", *guests[:12])
    for anonymity in (NAMED, QUIET):
        survey = a_scored_survey(session, RECOMMENDATION, anonymity=anonymity, title=anonymity)
        a_wave_of_answers(session, survey, [10] * 6 + [2] * 8, by=guests, stages=[Stage.CLIENT] * 14)
    in_segment(session, "Too late", *guests)

    quiet, named = overview.newest(session, OPERATOR).surveys

    cells = named.trends()[0].trend()[0].cells(ScoreCut.SEGMENT)
    assert [(cell.name, cell.score.n, cell.score.value) for cell in cells] == [
        ("All but two", 12, 0.0),
        ("Hotels", 6, 100.0),
    ]
    cells = quiet.trends()[0].trend()[0].cells(ScoreCut.SEGMENT)
    assert {cell.name: cell.score.n for cell in cells} == {"All but two": None, "Hotels": 6}
    stages = named.trends()[0].trend()[0].cells(ScoreCut.STAGE)
    assert [(cell.name, cell.score.n) for cell in stages] == [("CLIENT", 14)]


PEOPLE = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.frozensets(st.sampled_from("xyz"))), st.integers(1, 9), min_size=1, max_size=9
)


@settings(deadline=None)
@given(PEOPLE)
def test_no_sum_or_difference_of_what_is_told_is_about_fewer_than_five(
    people: dict[tuple[str, frozenset[str]], int],
) -> None:
    survey = SurveyRow.__new__(SurveyRow)
    survey.anonymity, survey.purpose, survey.minimum_n = QUIET, SurveyPurpose.RELATIONAL, 5
    sizes: dict[str, int] = {}
    for (cell, _), n in people.items():
        sizes[cell] = sizes.get(cell, 0) + n

    cells = hiding.told(survey, sizes)
    sets = hiding.crossing(survey, people, cells)

    known = {frozenset({"all", cell, *groups}): n for (cell, groups), n in people.items()}
    total = ["all"] if sum(people.values()) >= 5 else []
    assert total or not (cells or sets)
    assert not estimates.isolates(known, [*total, *cells, *sets], 5)


def test_one_question_asked_inside_and_outside_is_set_side_by_side(embedded: Session) -> None:
    inside = a_scored_survey(embedded, DEGREE, audience=SurveyAudience.INTERNAL, anonymity=UNNAMED)
    outside = a_scored_survey(embedded, DEGREE, CSAT)
    a_wave_of_answers(embedded, inside, [3, 4, 4, 3, 4, 5])
    a_wave_of_answers(embedded, outside, [6, 6, 7, 6, 7, 5], [5] * 6)

    (pair,) = overview.newest(embedded, a_viewer(embedded)).pairs()

    assert pair.difference is not None
    assert (pair.key, pair.wording) == ("degree_1_7", "higher outside")
    assert round(pair.difference.value or 0, 3) == round(23 / 6 - 37 / 6, 3)


def test_satisfaction_stands_against_where_customers_are_today_with_their_latest_answer(session: Session) -> None:
    survey = a_scored_survey(session, CSAT)
    stages = [Stage.INACTIVE] * 2 + [Stage.CLIENT] * 6 + [Stage.REPEAT] * 3 + [Stage.INACTIVE] * 2 + [Stage.SUSPECT]
    guests = [a_customer(session, stage=stage) for stage in stages]
    a_wave_of_answers(session, survey, [1] * 8, by=guests[:8], days_ago=90)
    a_wave_of_answers(session, survey, [5] * 8 + [2] * 5 + [5], by=guests, days_ago=20)

    grid = satisfied.grid(session, a_viewer(session))

    assert grid is not None
    assert {each: n for each, n in grid.counts.items() if n} == {
        (Satisfaction.SATISFIED, Stage.INACTIVE): 2,
        (Satisfaction.SATISFIED, Stage.CLIENT): 6,
        (Satisfaction.DISSATISFIED, Stage.REPEAT): 3,
        (Satisfaction.DISSATISFIED, Stage.INACTIVE): 2,
    }
    assert (grid.satisfied_who_leave.value, grid.satisfied_who_leave.n) == (0.25, 8)
    assert (grid.unhappy_who_stay.value, grid.unhappy_who_stay.n) == (0.6, 5)
