from sqlmodel import Session

from knowledge.feedback import rankings, themes
from knowledge.ladder.watching import Ladder, Period
from knowledge.loop.closure import closure
from knowledge.people import OPERATOR, Viewer
from knowledge.privacy import erasing
from knowledge.scores import overview, satisfied
from knowledge.words import ScoreCut, Stage, SurveyMetric
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import a_customer, a_viewer, some_feedback


def figures(session: Session, viewer: Viewer) -> dict[str, object]:
    """Every figure that is told of a world, by what it is of."""
    found: dict[str, object] = {}
    for question in overview.newest(session, viewer).surveys[0].trends():
        for figure in question.trend():
            found[f"score {question.question.position}.{figure.wave.row.number}"] = (figure.score, figure.change)
            cells = figure.cells(ScoreCut.STAGE)
            found[f"cut {question.question.position}.{figure.wave.row.number}"] = [
                (str(each.key), each.score) for each in cells
            ]
    grid = satisfied.grid(session, viewer)
    assert grid is not None
    found["loyalty"] = (grid.satisfied_who_leave, grid.unhappy_who_stay)
    ranking = rankings.ranking(session, viewer)
    found["themes"] = [(each.theme.name, each.loud.voices.prevalence, each.loud.verdict) for each in ranking.themes]
    found["closure"] = closure(session, viewer)
    ladder = Ladder(session, viewer, Period.to(None, 365))
    found["ladder"] = list(ladder.conversions())
    return found


def test_g3_erasing_a_customer_moves_no_figure(session: Session) -> None:
    ann = a_viewer(session)
    guests = [a_customer(session, stage=Stage.CLIENT) for _ in range(6)] + [a_customer(session) for _ in range(6)]
    survey = a_scored_survey(session, SurveyMetric.CSAT_1_5, SurveyMetric.RECOMMENDATION_0_10)
    likely = [9, 10, 8, 7, 3, 10, 9, 8, 10, 2, 9, 9]
    a_wave_of_answers(session, survey, [5, 4, 4, 2, 1, 5, 3, 4, 5, 2, 4, 5], likely, by=guests, days_ago=90)
    a_wave_of_answers(session, survey, [4, 4, 4, 4, 1, 5, 5, 4, 5, 3, 4, 5], likely, by=guests, days_ago=20)
    for guest in guests[:7]:
        themes.assign(session, ann, some_feedback(session, ann, customer=guest).uid, ["Valve"])
    before = figures(session, ann)

    erasing.erase(session, OPERATOR, guests[0])

    assert figures(session, ann) == before
