import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from html import unescape
from io import StringIO
from typing import Any

from sqlmodel import Session
from strawberry.utils.str_converters import to_camel_case

from frontend.figures import figure, interval
from knowledge import entries, outcomes, people
from knowledge.database import Page
from knowledge.entries import freshness, reviewing
from knowledge.estimates import Estimate, Sample
from knowledge.ladder.watching import Ladder, Period
from knowledge.outcomes import Measured
from knowledge.people import OPERATOR, Viewer
from knowledge.scores import boards, overview
from knowledge.scores.boards import Question
from knowledge.words import MetricKind, Stage, SurveyMetric, Verdict
from schema.estimates import estimated
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import an_entry
from tests.schema.test_ladder import climbing
from tests.server.clients import Server

WHOLE = "n distinctVoices effectiveVoices population basis value low high level method grade suppressed warnings"
SLUG = "ring-after-two-weeks"


@dataclass(frozen=True)
class Figure:
    """One statistic and where it is told; `at` is its place in the API's answer, `table` an address and the row of it that has it."""

    reckoned: Callable[[Session, Viewer], Estimate]
    query: str
    at: str
    page: str
    unit: str = "PROPORTION"
    signed: bool = False
    before: str = "95\u00a0%: "
    table: tuple[str, Callable[[Mapping[str, str]], bool]] | None = None


def a_change(session: Session, viewer: Viewer) -> Estimate:
    entry = entries.by_slug(session, viewer, SLUG)
    assert entry is not None
    return outcomes.change(outcomes.of_entry(entry, viewer, Page()).rows[0])


def of_first_time_customers(session: Session, viewer: Viewer) -> Estimate:
    seen = Ladder(session, viewer, Period.to(None, 90))
    return next(each.onwards for each in seen.conversions() if each.stage is Stage.FIRST_TIME)


def the_question(session: Session, viewer: Viewer) -> Question:
    """How likely they are to recommend us, by name: two waves."""
    return overview.newest(session, viewer).surveys[0].trends()[0]


def latest(session: Session, viewer: Viewer) -> boards.Figure:
    found = the_question(session, viewer).latest()
    assert found is not None
    return found


def what_changed(session: Session, viewer: Viewer) -> Estimate:
    change = latest(session, viewer).change
    assert change is not None
    return change


def of_the_latest(name: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda row: (row["figure"], row["wave"]) == (name, "2")


def in_scores(figure: str) -> str:
    return f"{{ scores {{ surveys {{ waves {{ response {{ {WHOLE} }} }} questions {{ latest {{ {figure} {{ {WHOLE} }} }} }} }} }} }}"


LATEST = "scores.surveys.0.questions.0.latest"
ONE, TABLE = "/scores/{survey}", "/scores/{survey}.csv"
FIGURES: Sequence[Figure] = [
    Figure(reviewing.trust, f"{{ trust {{ {WHOLE} }} }}", "trust", "/reviews"),
    Figure(
        of_first_time_customers,
        f"{{ ladder(days: 90) {{ conversions {{ onwards {{ {WHOLE} }} }} }} }}",
        "ladder.conversions.2.onwards",
        "/customers",
    ),
    Figure(
        a_change,
        f'{{ entry(slug: "{SLUG}") {{ ... on BestPractice {{ outcomes {{ nodes {{ change {{ {WHOLE} }} }} }} }} }} }}',
        "entry.outcomes.nodes.0.change",
        f"/entries/{SLUG}",
        signed=True,
    ),
    Figure(
        lambda session, viewer: latest(session, viewer).score,
        in_scores("score"),
        f"{LATEST}.score",
        ONE,
        unit="POINTS",
        before="",
        table=(TABLE, of_the_latest("score")),
    ),
    Figure(
        what_changed,
        in_scores("change"),
        f"{LATEST}.change",
        ONE,
        unit="POINTS",
        signed=True,
        before="",
        table=(TABLE, of_the_latest("change")),
    ),
    Figure(
        lambda session, viewer: latest(session, viewer).wave.response,
        in_scores("score"),
        "scores.surveys.0.waves.1.response",
        ONE,
        before="",
        table=(TABLE, of_the_latest("response")),
    ),
]


def a_world(session: Session) -> None:
    """Ten entries of which eight are verified, one of them with an outcome, and customers who climb."""
    eva = leader(session)
    climbing(session)
    for place in range(10):
        entry = an_entry(session, eva, title="Ring after two weeks" if place == 0 else f"Practice {place}")
        if place < 8:
            freshness.verify(session, OPERATOR, entry.uid)
    tried = entries.by_slug(session, eva, SLUG)
    assert tried is not None
    days = {"from_on": date(2026, 1, 1), "to_on": date(2026, 2, 1), "metric": "solved at once"}
    measured = Measured(**days, kind=MetricKind.PROPORTION, before=Sample(80, 0.6), after=Sample(70, 0.8))  # type: ignore[arg-type]
    outcomes.record(session, eva, tried, measured, Verdict.BETTER)
    survey = a_scored_survey(session, SurveyMetric.RECOMMENDATION_0_10)
    for days_ago, fans in ((90, 10), (30, 14)):
        answers = [10] * fans + [8] * 10 + [3] * 4
        a_wave_of_answers(session, survey, answers, days_ago=days_ago, silent=20)


def leader(session: Session) -> Viewer:
    found = people.by_email(session, "leo@example.org")
    assert found is not None
    return people.viewer_for(found)


def answered(data: Any, at: str) -> Any:
    for step in at.split("."):
        data = data[int(step) if step.isdigit() else step]
    return data


def test_a_figure_is_the_same_in_knowledge_in_the_api_on_the_page_and_in_a_table(server: Server) -> None:
    server.database.write(a_world)
    client = server.client()
    client.sign_in("leo@example.org")

    survey = client.ask("{ scores { surveys { id } } }").json()["data"]["scores"]["surveys"][0]["id"]

    for each in FIGURES:
        with server.database.reading() as session:
            reckoned = each.reckoned(session, leader(session))
        assert reckoned.value is not None, each.at
        assert reckoned.low is not None, each.at

        told = answered(client.ask(each.query).json()["data"], each.at)
        page = unescape(client.get(each.page.format(survey=survey)).text)
        written = " ".join(re.sub(r"<[^>]*>", "", page).split())

        assert told == {to_camel_case(name): value for name, value in asdict(estimated(reckoned)).items()}, each.at
        assert figure(reckoned.value, each.unit, each.signed).replace("\u00a0", " ") in written, each.at
        assert f"{each.before}{interval(told, each.unit, each.signed)}" in page, each.at
        if each.table:
            address, is_it = each.table
            row = next(
                row for row in csv.DictReader(StringIO(client.get(address.format(survey=survey)).text)) if is_it(row)
            )
            found = [float(row[name]) if row[name] else None for name in ("value", "low", "high")]
            assert [*found, row["n"]] == [reckoned.value, reckoned.low, reckoned.high, str(reckoned.n)], each.at
