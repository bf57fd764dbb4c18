"""The year of the demonstration: as large and as various as it says, always the same, and gone without a trace."""

import itertools
import shutil
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import clock
from knowledge.customers import Customer
from knowledge.database import Database, table_of
from knowledge.estimates import Estimate
from knowledge.feedback import rankings
from knowledge.feedback.complaints import ComplaintCase, ComplaintStep
from knowledge.feedback.items import Feedback
from knowledge.ladder import settling
from knowledge.loop import closure
from knowledge.migrations import metadata
from knowledge.people import OPERATOR
from knowledge.transfer import install_year, remove_sample
from knowledge.words import CaseStage, Channel, CustomerRelation, FeedbackKind, Loudness
from knowledge.year import customers, material
from knowledge.year.wording import sentences

STAYS = {"activity", "activity_value", "change", "job"}
"""That something was done and taken away again is never unsaid."""


def test_the_firm_has_lived_a_year_that_tells_its_story_and_can_be_taken_away(
    library_template: Path, storied: Database, tmp_path: Path
) -> None:
    copy = shutil.copyfile(library_template, tmp_path / "without.db")
    with closing(Database(f"sqlite:///{copy}")) as library, library.reading() as session:
        without = _counts(session)
    with storied.reading() as session:
        before = _story(session)

    first, second = install_year(storied), install_year(storied)

    assert (first.refused, second.created, second.updated) == (0, 0, 0)
    with storied.reading() as session:
        assert _story(session) == before
        counts = _counts(session)
        assert 290 <= counts["customer"] <= 310
        assert 1_450 <= counts["feedback"] <= 1_550
        assert 55 <= counts["complaint_case"] <= 75
        assert counts["interaction"] > 200
        assert counts["feedback_reply"] > 30
        assert _by(session, Customer, "relation")[CustomerRelation.INTERNAL] >= 25
        assert set(_by(session, Feedback, "channel")) == set(Channel)
        assert set(_by(session, Feedback, "kind")) == {*FeedbackKind}
        assert {CaseStage.CLOSED, CaseStage.ESCALATED_EXTERNAL} < set(_by(session, ComplaintCase, "stage"))
        assert not _out_of_order(session)
        shares = [_in_time(session, days) for days in (365, 240, 120)]
        assert [each.value for each in shares] == sorted(each.value or 0 for each in shares)
    assert storied.write(lambda session: settling.settle(session, range(1, 400))) == 0

    remove_sample(storied)

    with storied.reading() as session:
        assert _counts(session) == without


def test_what_is_said_in_the_year_is_always_the_same_and_no_sentence_comes_twice_in_a_theme() -> None:
    now = clock.now()
    everyone = customers.everyone()

    said, again = material.items(everyone, now), material.items(customers.everyone(), now)
    later = material.items(everyone, now + timedelta(days=120))

    assert said == again
    assert {each.words for each in said} & {each.words for each in later}
    assert len({each.words for each in said}) == len(said)
    assert len({each.name for each in everyone}) == len(everyone)
    for theme in {each.theme for each in said}:
        mine = [part for each in said if each.theme == theme for part in sentences(each.words)]
        assert len(set(mine)) == len(mine), theme
    assert not [each for each in said if set("{|}") & set(f"{each.words}{each.reply}")]
    assert {"en", "de", "es"} == {each.language for each in said}
    assert all(92 <= (now.date() - each.at.date()).days <= 364 for each in said)
    assert all(each.reply is None or (each.reply.heard and each.reply.why) for each in said)
    heat = Counter(each.at.month for each in said if each.theme == "When it gets hot")
    assert set(heat) <= {6, 7, 8}


def _story(session: Session) -> list[object]:
    by_messages, by_customers = (
        rankings.ranking(session, OPERATOR, by=by) for by in (Loudness.MESSAGES, Loudness.CUSTOMERS)
    )
    loudest, widest = by_messages.themes[0], by_customers.themes[0]
    valve = widest.loud.voices.prevalence
    return [
        (loudest.theme.name, loudest.by_customers, loudest.loud.voices.items, loudest.loud.voices.largest),
        (widest.theme.name, valve.distinct_voices, valve.n, by_customers.heard.distinct_voices),
    ]


def _counts(session: Session) -> dict[str, int]:
    return {
        name: session.connection().execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in metadata().tables.items()
        if name not in STAYS
    }


def _by(session: Session, table: type, name: str) -> Counter[object]:
    column = table_of(table).c[name]
    return Counter(
        {row[0]: row[1] for row in session.connection().execute(select(column, func.count()).group_by(column))}
    )


def _out_of_order(session: Session) -> list[object]:
    """Steps of a complaint that come before the one before them, or lie in the future."""
    s = table_of(ComplaintStep).c
    rows = session.connection().execute(select(s.case_id, s.at).order_by(s.case_id, s.id)).all()
    backwards = [each for one, each in itertools.pairwise(rows) if one[0] == each[0] and each[1] < one[1]]
    return backwards + [each for each in rows if each[1] > clock.now()]


def _in_time(session: Session, days: int) -> Estimate:
    found = closure.closure(session, OPERATOR, days=days)
    assert found is not None
    return found.in_time
