import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from html import unescape
from io import StringIO
from typing import Any

from sqlmodel import Session
from strawberry.utils.str_converters import to_camel_case

from frontend.drawing import across
from frontend.figures import figure, interval
from knowledge import clock, entries, outcomes, people, proof, uses
from knowledge.customers import interactions, touchpoints
from knowledge.database import Page
from knowledge.entries import freshness, reviewing
from knowledge.estimates import Estimate, Sample
from knowledge.feedback import rankings, themes
from knowledge.ladder.watching import Ladder, Period
from knowledge.loop import closure
from knowledge.outcomes import Measured
from knowledge.people import OPERATOR, Viewer
from knowledge.scores import boards, overview, satisfied
from knowledge.scores.boards import Question
from knowledge.words import FeedbackKind, MetricKind, Stage, SurveyMetric, UseResult, Verdict
from schema.estimates import estimated
from tests.answers import a_scored_survey, a_wave_of_answers
from tests.factories import a_customer, a_touchpoint, a_viewer, an_entry, an_interaction, some_feedback
from tests.schema.test_ladder import climbing
from tests.server.clients import Server

WHOLE = "n distinctVoices effectiveVoices population basis value low high level method grade suppressed warnings"
SLUG = "ring-after-two-weeks"


@dataclass(frozen=True)
class Figure:
    """One statistic and where it is told.

    `at` is its place in the API's answer, `table` an address and the row of it that has it, and `drawn` what a chart that shows it has
    in its description, or for a point beside its figure where that stands. `written` is how a page writes it that
    has words of its own for it.
    """

    reckoned: Callable[[Session, Viewer], Estimate]
    query: str
    at: str
    page: str
    unit: str = "PROPORTION"
    signed: bool = False
    before: str = "95\u00a0%: "
    table: tuple[str, Callable[[Mapping[str, str]], bool]] | None = None
    drawn: Callable[["Figure", Estimate], str] | None = None
    written: Callable[[Estimate], str] | None = None


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


def of_the_latest(name: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda row: (row["figure"], row["wave"]) == (name, "2")


def in_scores(figure: str) -> str:
    return f"{{ scores {{ surveys {{ waves {{ response {{ {WHOLE} }} }} questions {{ latest {{ {figure} {{ {WHOLE} }} }} }} }} }} }}"


def described(each: Figure, told: Estimate) -> str:
    """What the description of a trend says of its last point."""
    return f"{figure(told.value, each.unit)} ({interval(asdict(told), each.unit)}) of {told.n}."


def placed(each: Figure, told: Estimate) -> str:
    """Where the point and the ends of its interval stand on the line of a row."""
    at, low, high = (across(end or 0.0, "SHARE") for end in (told.value, told.low, told.high))
    return f'x1="{low}%" x2="{high}%" y1="10" y2="10"/><circle cx="{at}%"'


def of_the_score(place: int, name: str, unit: str, **details: Any) -> Figure:
    """A figure of the latest wave: the score of a question, the share beside it, or what changed."""
    text = f"Question {place + 1}?"

    def reckoned(session: Session, viewer: Viewer) -> Estimate:
        found = overview.newest(session, viewer).surveys[0].trends()[place].latest()
        assert found is not None
        told: Estimate = getattr(found, name)
        return told

    return Figure(
        reckoned,
        in_scores(name),
        f"scores.surveys.0.questions.{place}.latest.{name}",
        ONE,
        unit=unit,
        before="",
        table=(TABLE, lambda row: (row["question"], row["figure"], row["wave"]) == (text, name, "2")),
        **details,
    )


def of_the_theme(session: Session, viewer: Viewer) -> Estimate:
    (said,) = rankings.ranking(session, viewer).themes
    return said.loud.voices.prevalence


def of_closing(session: Session, viewer: Viewer) -> Estimate:
    found = closure.closure(session, viewer)
    assert found is not None
    return found.in_time


def of_meeting(session: Session, viewer: Viewer) -> Estimate:
    (touchpoint,) = touchpoints.all_of_them(session, viewer)
    return interactions.positive_at(touchpoint, viewer)


def of_leaving(session: Session, viewer: Viewer) -> Estimate:
    found = satisfied.grid(session, viewer)
    assert found is not None
    return found.satisfied_who_leave


def of_helping(session: Session, viewer: Viewer) -> Estimate:
    entry = entries.by_slug(session, viewer, SLUG)
    assert entry is not None
    return proof.helped(entry, viewer).share


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
    of_the_score(0, "score", "POINTS", drawn=described),
    of_the_score(0, "change", "POINTS", signed=True),
    of_the_score(1, "score", "SHARE", drawn=described),
    of_the_score(1, "change", "SHARE", signed=True),
    of_the_score(2, "score", "DEGREE", drawn=described),
    of_the_score(2, "share", "SHARE"),
    of_the_score(3, "score", "DEGREE", drawn=described),
    of_the_score(3, "share", "SHARE"),
    of_the_score(3, "change", "DEGREE", signed=True),
    Figure(
        lambda session, viewer: latest(session, viewer).wave.response,
        in_scores("score"),
        "scores.surveys.0.waves.1.response",
        ONE,
        before="",
        table=(TABLE, of_the_latest("response")),
        drawn=described,
    ),
    Figure(
        of_the_theme,
        f"{{ themeRanking(days: 90) {{ themes {{ prevalence {{ {WHOLE} }} }} }} }}",
        "themeRanking.themes.0.prevalence",
        "/voices",
        drawn=lambda _, told: f'aria-label="{figure(told.value, "SHARE")}, between {figure(told.low, "SHARE")} and',
    ),
    Figure(
        of_helping,
        f'{{ entry(slug: "{SLUG}") {{ ... on BestPractice {{ helped {{ {WHOLE} }} }} }} }}',
        "entry.helped",
        f"/entries/{SLUG}",
        written=lambda told: (
            f"elped {(told.value or 0) * (told.n or 0):.0f} of {told.n} ({interval(asdict(told), 'SHARE')})".replace(
                "\u00a0", " "
            )
        ),
    ),
    Figure(of_closing, f"{{ closure {{ inTime {{ {WHOLE} }} }} }}", "closure.inTime", "/scores/tile"),
    Figure(
        of_closing,
        f"{{ closure {{ inTime {{ {WHOLE} }} }} }}",
        "closure.inTime",
        "/voices/loyalty",
        before="",
        drawn=placed,
    ),
    Figure(
        of_meeting,
        f"{{ touchpoints {{ positive {{ {WHOLE} }} }} }}",
        "touchpoints.0.positive",
        "/scores",
        before="",
        drawn=placed,
    ),
    Figure(
        of_leaving,
        f"{{ loyaltyGrid {{ satisfiedWhoLeave {{ {WHOLE} }} }} }}",
        "loyaltyGrid.satisfiedWhoLeave",
        "/voices/loyalty",
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
    asked = (SurveyMetric.RECOMMENDATION_0_10, SurveyMetric.CSAT_1_5, SurveyMetric.CES_1_7, SurveyMetric.DEGREE_1_7)
    survey = a_scored_survey(session, *asked)
    guests = [a_customer(session, stage=Stage.INACTIVE if place % 9 == 0 else Stage.CLIENT) for place in range(28)]
    for days_ago, fans in ((90, 10), (30, 14)):
        said = [
            [high] * fans + [middle] * 10 + [low] * 4
            for high, middle, low in ((10, 8, 3), (5, 4, 2), (7, 5, 2), (6, 4, 3))
        ]
        a_wave_of_answers(session, survey, *said, by=guests[: fans + 14], days_ago=days_ago, silent=20)
    touchpoint = a_touchpoint(session)
    for place, guest in enumerate(guests[:7]):
        an_interaction(session, eva, guest, at=touchpoint, positive=place > 1)
        with clock.held(clock.now() - timedelta(days=40)):
            item = some_feedback(session, eva, customer=guest, kind=FeedbackKind.COMPLAINT)
        if place:
            themes.assign(session, eva, item.uid, ["valve"])
    for result in [UseResult.WORKED] * 6 + [UseResult.DID_NOT]:
        uses.record(session, a_viewer(session), tried, result)


def leader(session: Session) -> Viewer:
    found = people.by_email(session, "leo@example.org")
    assert found is not None
    return people.viewer_for(found)


def answered(data: Any, at: str) -> Any:
    for step in at.split("."):
        data = data[int(step) if step.isdigit() else step]
    return data


def test_a_figure_is_the_same_in_knowledge_in_the_api_on_the_page_in_a_chart_and_in_a_table(server: Server) -> None:
    server.database.write(a_world)
    client = server.client()
    client.sign_in("leo@example.org")

    survey = client.ask("{ scores { surveys { id } } }").json()["data"]["scores"]["surveys"][0]["id"]

    seen: dict[str, str] = {}
    for each in FIGURES:
        with server.database.reading() as session:
            reckoned = each.reckoned(session, leader(session))
        assert reckoned.value is not None, each.at
        assert reckoned.low is not None, each.at

        told = answered(client.ask(each.query).json()["data"], each.at)
        address = each.page.format(survey=survey)
        page = seen[address] = seen.get(address) or unescape(client.get(address).text)
        written = " ".join(re.sub(r"<[^>]*>", "", page).split())

        assert told == {to_camel_case(name): value for name, value in asdict(estimated(reckoned)).items()}, each.at
        if each.written:
            assert each.written(reckoned) in written, each.at
        else:
            assert figure(reckoned.value, each.unit, each.signed).replace("\u00a0", " ") in written, each.at
            assert f"{each.before}{interval(told, each.unit, each.signed)}" in page, each.at
        assert each.drawn is None or each.drawn(each, reckoned) in page, each.at
        if each.table:
            address, is_it = each.table
            address = address.format(survey=survey)
            table = seen[address] = seen.get(address) or client.get(address).text
            row = next(row for row in csv.DictReader(StringIO(table)) if is_it(row))
            found = [float(row[name]) if row[name] else None for name in ("value", "low", "high")]
            assert [*found, row["n"]] == [reckoned.value, reckoned.low, reckoned.high, str(reckoned.n)], each.at
