from collections.abc import Hashable, Iterable
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as some
from sqlmodel import Session

from knowledge import clock
from knowledge.database import Database
from knowledge.people import OPERATOR
from knowledge.scores import hiding, overview
from knowledge.scores.boards import Figure
from knowledge.surveys.reading import SurveyRow
from knowledge.words import Anonymity, ScoreCut, Stage, SurveyPurpose
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import a_customer
from tests.knowledge.estimates.test_anonymity import tells_of_fewer
from tests.knowledge.scores.test_boards import in_segment

K = 5
NOWHERE = None
Someone = tuple[Stage | None, frozenset[str]]
"""Where somebody stood when they answered, and in which segments they were."""


def isolates(people: Iterable[Someone], told: Iterable[Iterable[int]]) -> bool:
    """Whether the sets that are told, each by the places of those who are in it, isolate fewer than K of them, by any combination."""
    shown = [frozenset(each) for each in told]
    alike: dict[tuple[bool, ...], int] = {}
    for place, _ in enumerate(people):
        row = tuple(place in each for each in shown)
        alike[row] = alike.get(row, 0) + 1
    rows = [[int(mine[number]) for mine in alike] for number in range(len(shown))]
    return tells_of_fewer(rows, list(alike.values()), K)


def those(people: list[Someone], where: Hashable, segment: Hashable = NOWHERE) -> list[int]:
    """The places of those who stood there, or were in the segment."""
    return [
        place
        for place, (stage, segments) in enumerate(people)
        if (where is not NOWHERE and stage == where) or segment in segments
    ]


PEOPLE = some.lists(
    some.tuples(some.sampled_from([Stage.CLIENT, Stage.REPEAT, None]), some.frozensets(some.sampled_from("xyz"))),
    max_size=24,
)


@settings(deadline=None)
@given(PEOPLE, some.sampled_from([Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS]))
def test_all_that_can_be_asked_of_a_wave_together_isolates_nobody(people: list[Someone], promise: Anonymity) -> None:
    survey = SurveyRow.__new__(SurveyRow)
    survey.anonymity, survey.purpose, survey.minimum_n = promise, SurveyPurpose.PULSE, 3
    sizes: dict[Hashable, int] = {stage: len(those(people, stage)) for stage, _ in people if stage is not None}
    atoms: dict[tuple[Hashable, frozenset[Hashable]], int] = {
        (at, sets): people.count((at, sets)) for at, sets in people
    }

    cells = hiding.told(survey, sizes, unassigned=len(people) - sum(sizes.values()))
    crossing = hiding.crossing(survey, atoms, cells)

    total = [range(len(people))] if len(people) >= K else []
    told = [*total, *(those(people, each) for each in cells), *(those(people, NOWHERE, each) for each in crossing)]
    assert not isolates(people, told)


def test_what_the_board_tells_of_many_surveys_isolates_nobody_before_and_after_they_are_over(
    untouched_sqlite: Database,
) -> None:
    drawn = Random(6)
    with Session(untouched_sqlite.engine) as session:
        with clock.held(clock.now() - timedelta(days=90)):
            guests = [a_customer(session) for _ in range(26)]
            segments = {name: frozenset(drawn.sample(range(26), n)) for name, n in (("A", 20), ("B", 9), ("C", 17))}
            for name, places in segments.items():
                in_segment(session, name, *(guests[place] for place in places))
        worlds: dict[str, list[Someone]] = {}
        for number in range(8):
            who = drawn.sample(range(26), drawn.randint(4, 26))
            people = [
                (
                    drawn.choice([Stage.CLIENT, Stage.CLIENT, Stage.REPEAT, None]),
                    frozenset(n for n in segments if place in segments[n]),
                )
                for place in who
            ]
            worlds[f"Wave {number}"] = people
            survey = a_scored_survey(session, anonymity=Anonymity.CONFIDENTIAL, title=f"Wave {number}")
            answers = [drawn.randint(0, 10) for _ in who]
            stages = [stage for stage, _ in people]
            lasts = 60 if number == 0 else 14  # the first is not over yet
            a_wave_of_answers(session, survey, answers, by=[guests[place] for place in who], stages=stages, lasts=lasts)

        boards = {board.survey.title: board for board in overview.newest(session, OPERATOR).surveys}
        found = {title: told_by(boards[title].trends()[0].trend()[0], people) for title, people in worlds.items()}

    assert found["Wave 0"] == []
    assert any(len(told) > 2 for told in found.values())
    assert [title for title, told in found.items() if isolates(worlds[title], told)] == []


def told_by(figure: Figure, people: list[Someone]) -> list[list[int]]:
    """Whose figures are shown, through every filter that there is."""
    told = [] if figure.score.suppressed else [list(range(len(people)))]
    for by in ScoreCut:
        for cell in figure.cells(by):
            if not cell.score.suppressed:
                mine = those(people, NOWHERE, cell.name) if by is ScoreCut.SEGMENT else those(people, Stage(cell.key))
                assert cell.score.n == len(mine)
                told.append(mine)
    return told
