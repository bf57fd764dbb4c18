from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from knowledge import clock, customers, entries, outcomes
from knowledge.database import Page
from knowledge.entries import EntryRow
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.estimates import Caveat, Sample
from knowledge.outcomes import Measured, OutcomeRow, Where
from knowledge.people import Viewer
from knowledge.words import Comparison, Freshness, Kind, MetricKind, Role, Stage, Verdict
from tests.factories import a_customer, a_draft, a_viewer, an_entry

HALF, MORE = Sample(80, 0.6), Sample(70, 0.8)


def measured(**changes: Any) -> Measured:
    usual: dict[str, Any] = {"from_on": date(2026, 1, 1), "to_on": date(2026, 3, 31), "metric": "calls solved at once"}
    return Measured(**{**usual, "kind": MetricKind.PROPORTION, "before": HALF, "after": MORE, **changes})


def recorded(session: Session, verdict: Verdict = Verdict.BETTER, **changes: Any) -> OutcomeRow:
    viewer = a_viewer(session)
    return outcomes.record(session, viewer, an_entry(session, viewer), measured(**changes), verdict)


def test_a_change_has_its_interval_and_says_what_it_lacks(session: Session) -> None:
    found = outcomes.change(recorded(session))

    assert [found.value, found.low, found.high] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)
    assert (found.n, found.warnings) == (150, (Caveat.NO_COMPARISON,))


@pytest.mark.parametrize(
    ("verdict", "changes", "said"),
    [
        (Verdict.BETTER, {}, "better after, with nothing to compare it to"),
        (Verdict.NO_CHANGE, {"comparison": Comparison.OTHER_GROUP}, "no change seen, beside a group that did without"),
        (Verdict.WORSE, {"comparison": Comparison.BEFORE_AFTER_SERIES}, "worse after, in a series before and after"),
        (Verdict.BETTER, {"before": None}, "better after, as somebody says; it was not measured on both sides"),
        (Verdict.TOO_EARLY, {"after": None, "comparison": Comparison.OTHER_GROUP}, "too early to say"),
        (Verdict.HARMED, {"before": None, "after": None}, "somebody was harmed"),
    ],
)
def test_words_claim_no_more_than_the_comparison_allows(
    session: Session, verdict: Verdict, changes: dict[str, Any], said: str
) -> None:
    outcome = recorded(session, verdict, **changes)

    assert outcomes.in_words(outcome) == said


@pytest.mark.parametrize(
    ("changes", "verdict", "fields"),
    [
        ({"metric": " ", "from_on": date(2026, 4, 1)}, Verdict.BETTER, {"metric", "to"}),
        ({"to_on": date(9999, 1, 1), "from_on": date(1899, 1, 1)}, Verdict.BETTER, {"from", "to"}),
        (
            {"before": Sample(0, -0.1, 1.0), "after": Sample(1, 1.1)},
            Verdict.BETTER,
            {"before.n", "before.value", "before.deviation", "after.value"},
        ),
        ({"before": None, "comparison": Comparison.OTHER_GROUP}, Verdict.BETTER, {"before"}),
        ({"after": None}, Verdict.NO_CHANGE, {"after"}),
        ({"kind": MetricKind.MEAN}, Verdict.BETTER, {"before.deviation", "after.deviation"}),
        ({"kind": MetricKind.MEAN, "before": Sample(9, 1e13, 1.0), "after": Sample(9, 1.0, -1.0)}, Verdict.WORSE,
         {"before.value", "after.deviation"}),
        ({"kind": MetricKind.DURATION, "before": Sample(9, -1.0)}, Verdict.WORSE, {"before.value"}),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_with_an_outcome_is_said_at_once(
    session: Session, changes: dict[str, Any], verdict: Verdict, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(session, verdict, **changes)

    assert {each.field for each in refused.value.problems} == fields


def test_an_outcome_is_of_one_place_and_of_what_is_published(session: Session) -> None:
    viewer = a_viewer(session)
    where = Where(a_customer(session), Stage.CLIENT, "x" * 81)

    with pytest.raises(Invalid) as refused:
        outcomes.record(
            session, viewer, a_draft(session, viewer), measured(), Verdict.BETTER, where=where, note="n" * 2001
        )
    with pytest.raises(Invalid):
        outcomes.record(session, viewer, an_entry(session, viewer, kind=Kind.GUIDE), measured(), Verdict.BETTER)

    assert {each.field for each in refused.value.problems} == {"practice", "segment", "customer", "note"}


def test_e3_an_outcome_that_harmed_contests_at_once(session: Session) -> None:
    outcome = recorded(session, Verdict.HARMED)

    assert session.get_one(entries.Entry, outcome.entry_id).freshness is Freshness.CONTESTED


def an_outcome_with_a_customer(session: Session) -> tuple[Viewer, EntryRow, OutcomeRow]:
    author = a_viewer(session)
    practice = an_entry(session, author)
    where = Where(customers.find(session, author, customers.Reference(uid=a_customer(session, name="Café Rosa").uid)))
    return author, practice, outcomes.record(session, author, practice, measured(), Verdict.BETTER, where=where)


def test_colleagues_read_of_whom_it_tells_and_outsiders_read_nothing(session: Session) -> None:
    author, practice, outcome = an_outcome_with_a_customer(session)
    narrow = Viewer(id=author.id, uid=author.uid, role=Role.EMPLOYEE, scopes=frozenset({*()}))
    outsiders = (a_viewer(session, role=Role.CUSTOMER), Viewer(), narrow)

    seen = outcomes.by_uid(session, author, outcome.uid)

    assert seen is not None
    assert (seen.customer_name, outcomes.customer_of(seen, author).name) == ("Café Rosa", "Café Rosa")  # type: ignore[union-attr]
    for outsider in outsiders:
        assert outcomes.by_uid(session, outsider, outcome.uid) is None
        assert outcomes.of_entry(practice, outsider, Page()).rows == []
        with pytest.raises(NotAllowed):
            outcomes.record(session, outsider, practice, measured(), Verdict.BETTER)


def test_an_outcome_is_taken_back_by_its_author_and_by_curators(session: Session) -> None:
    author, practice, outcome = an_outcome_with_a_customer(session)
    again = outcomes.record(session, author, practice, measured(), Verdict.WORSE)
    with pytest.raises(NotAllowed):
        outcomes.withdraw(session, a_viewer(session), outcome.uid)

    outcomes.withdraw(session, author, outcome.uid)
    outcomes.withdraw(session, a_viewer(session, role=Role.STEWARD), again.uid)

    assert outcomes.of_entry(practice, author, Page()).rows == []
    with pytest.raises(NotFound):
        outcomes.withdraw(session, author, outcome.uid)


def test_what_is_measured_today_is_not_in_the_future(session: Session) -> None:
    today = clock.now().date()

    outcome = recorded(session, from_on=today - timedelta(days=7), to_on=today)

    assert outcome.to_on == today
