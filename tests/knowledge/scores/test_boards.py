from sqlmodel import Session

from knowledge.scores import overview
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import a_viewer

SCORED = [10] * 25 + [8] * 15 + [3] * 10
BETTER = [10] * 30 + [8] * 12 + [3] * 8


def test_a_trend_has_intervals_and_says_in_words_what_changed(session: Session) -> None:
    viewer, survey = a_viewer(session), a_scored_survey(session)
    a_wave_of_answers(session, survey, SCORED, days_ago=120)
    a_wave_of_answers(session, survey, BETTER, days_ago=30)

    first, second = overview.newest(session, viewer).surveys[0].trends()[0].trend()

    assert (first.score.value, round(first.score.low or 0, 2), round(first.score.high or 0, 2)) == (30, 7.30, 49.30)
    assert first.change is None
    assert second.change is not None
    assert (second.score.value, round(second.change.value or 0, 2)) == (44, 14)
    assert second.change_words == "no evidence of change"
