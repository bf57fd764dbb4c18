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
from knowledge.words import MetricKind, Stage, Verdict
from schema.estimates import estimated
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
    table: tuple[str, Callable[[Mapping[str, str]], bool]] | None = None


def a_change(session: Session, viewer: Viewer) -> Estimate:
    entry = entries.by_slug(session, viewer, SLUG)
    assert entry is not None
    return outcomes.change(outcomes.of_entry(entry, viewer, Page()).rows[0])


def of_first_time_customers(session: Session, viewer: Viewer) -> Estimate:
    seen = Ladder(session, viewer, Period.to(None, 90))
    return next(each.onwards for each in seen.conversions() if each.stage is Stage.FIRST_TIME)


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

    for each in FIGURES:
        with server.database.reading() as session:
            reckoned = each.reckoned(session, leader(session))
        assert reckoned.value is not None, each.at
        assert reckoned.low is not None, each.at

        told = answered(client.ask(each.query).json()["data"], each.at)
        page = unescape(client.get(each.page).text)
        written = " ".join(re.sub(r"<[^>]*>", "", page).split())

        assert told == {to_camel_case(name): value for name, value in asdict(estimated(reckoned)).items()}, each.at
        assert figure(reckoned.value, each.unit, each.signed) in written, each.at
        assert f"95\u00a0%: {interval(told, each.unit, each.signed)}" in page, each.at
        if each.table:
            address, is_it = each.table
            row = next(row for row in csv.DictReader(StringIO(client.get(address).text)) if is_it(row))
            found = [float(row[name]) if row[name] else None for name in ("value", "low", "high")]
            assert [*found, row["n"]] == [reckoned.value, reckoned.low, reckoned.high, str(reckoned.n)], each.at
