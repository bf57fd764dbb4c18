"""Others are asked by lot whether they feel the same, and the answer claims no more than it carries."""

import pytest
from sqlmodel import Session

from knowledge import surveys
from knowledge.customers import CustomerRow
from knowledge.database import forget_neighbours
from knowledge.errors import Conflict, Invalid, NotAllowed
from knowledge.estimates import Estimate, share
from knowledge.feedback import themes
from knowledge.feedback.themes import ThemeRow
from knowledge.people import Viewer
from knowledge.surveys import answering, holding, reading, verifying
from knowledge.words import Basis, Role, SurveyPurpose
from tests.factories import SECRET, a_customer, a_link, a_viewer, agreed, some_feedback

WANTED: verifying.Wanted = {"question": "Does the app ask you to sign in again and again?", "size": 4, "seed": 7}


def a_theme(session: Session, ines: Viewer, *speakers: CustomerRow) -> ThemeRow:
    for customer in speakers:
        item = some_feedback(session, ines, customer=customer)
        themes.assign(session, ines, item.uid, ["sign-in"])
    (theme,) = themes.raised(session, ines, count=1)
    return theme


def test_others_are_drawn_by_lot_and_whoever_has_spoken_or_shares_their_house_is_not_asked(session: Session) -> None:
    ines, house = a_viewer(session), a_customer(session)
    branch, sister = a_customer(session, parent=house.uid), a_customer(session, parent=house.uid)
    others = [a_customer(session) for _ in range(6)]
    agreed(session, house, branch, sister, *others)
    theme = a_theme(session, ines, branch)

    survey = verifying.ask_others(session, ines, theme, WANTED)

    (wave,) = reading.waves_of(survey)
    (check,) = verifying.checks(theme, ines)
    assert (survey.purpose, survey.population, wave.seed) == (SurveyPurpose.VERIFICATION, 6, 7)
    assert (check.asked, check.result.n, check.words) == (4, None, verifying.WAITS)
    with pytest.raises(Conflict):
        verifying.ask_others(session, ines, theme, WANTED)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (0, (0, "Nobody has answered yet.")),
        (4, (None, "Too few have answered to show it.")),
        (6, (6, "0 of 6: fewer than 39.1 in 100 at 95 %.")),
    ],
)
def test_nothing_is_told_while_answers_come_in_and_nothing_ever_of_fewer_than_five(
    session: Session, answers: int, told: tuple[int | None, str]
) -> None:
    ines = a_viewer(session)
    others = [a_customer(session) for _ in range(6)]
    agreed(session, *others)
    theme = a_theme(session, ines, a_customer(session))
    survey = verifying.ask_others(session, ines, theme, {**WANTED, "size": 6})
    (wave,), (question, _) = reading.waves_of(survey), reading.questions_of(survey)

    meanwhile = set()
    for customer in others[:answers]:
        token = a_link(session, wave, customer=customer)
        answering.answer(session, Viewer(), SECRET, token, [holding.Given(question.uid, number=0)])
        forget_neighbours(session)  # as every operation does
        (check,) = verifying.checks(theme, ines)
        meanwhile.add((check.result.n, check.words))
    surveys.end_wave(session, ines, wave.uid)
    forget_neighbours(session)
    (check,) = verifying.checks(theme, ines)

    assert meanwhile <= {(None, verifying.WAITS)}
    assert (check.result.n, check.words) == told
    assert check.result.suppressed or check.result.basis is Basis.RANDOM
    assert (
        verifying.ask_others(session, ines, theme, {**WANTED, "size": 6}).uid != survey.uid
    )  # it is over, and may be asked again


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Estimate(0), "Nobody has answered yet."),
        (share(0, 73), "0 of 73: fewer than 5 in 100 at 95 %."),
        (share(12, 40), "12 of 40 say the same: of all customers between 18 and 46 in 100 do, at 95 %."),
    ],
)
def test_the_result_is_said_in_words(result: Estimate, words: str) -> None:
    assert verifying.words(result) == words


def test_only_colleagues_ask_and_only_where_somebody_is_left(session: Session) -> None:
    ines, customer = a_viewer(session), a_customer(session)
    rosa = a_viewer(session, role=Role.CUSTOMER, customer=customer)
    theme = a_theme(session, ines, customer)

    with pytest.raises(NotAllowed):
        verifying.ask_others(session, rosa, theme, WANTED)
    with pytest.raises(Invalid) as nobody:
        verifying.ask_others(session, ines, theme, WANTED)
    with pytest.raises(Invalid) as blank:
        verifying.ask_others(session, ines, theme, {"question": " ", "size": 0})
    assert nobody.value.problems[0].field == "segment"
    assert [problem.field for problem in blank.value.problems] == ["question", "size"]
    assert verifying.checks(theme, rosa) == ()
