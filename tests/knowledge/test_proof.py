from datetime import timedelta

import pytest
from sqlmodel import Session

from knowledge import clock, outcomes, uses
from knowledge.database import Database, Page
from knowledge.entries import listing, publishing
from knowledge.entries.entry import EntryRow
from knowledge.entries.freshness import lapse, verify
from knowledge.estimates import Sample
from knowledge.outcomes import Measured
from knowledge.people import OPERATOR, Viewer
from knowledge.proof import helped, in_words, proven
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.following import follow
from knowledge.search.signals import of
from knowledge.uses import With
from knowledge.words import MetricKind, Role, Signal, Stage, UseResult, Verdict
from tests.factories import a_viewer, an_entry

WELL, BADLY = UseResult.WORKED, UseResult.DID_NOT


def measured(session: Session, viewer: Viewer, entry: EntryRow, verdict: Verdict) -> outcomes.OutcomeRow:
    today = clock.now().date()
    what = Measured(today, today, "calls", MetricKind.MEAN, after=Sample(9, 2.0, 1.0))
    return outcomes.record(session, viewer, entry, what, verdict)


def test_four_who_were_content_prove_it_and_six_of_seven_do_not(session: Session) -> None:
    people = [a_viewer(session) for _ in range(7)]
    four, three, seven, once = (an_entry(session, people[0]) for _ in range(4))
    for viewer in people[:3]:
        uses.record(session, viewer, four, WELL)
        uses.record(session, viewer, three, WELL)
        measured(session, viewer, three, Verdict.TOO_EARLY)
    measured(session, people[3], four, Verdict.BETTER)
    for place, viewer in enumerate(people):
        uses.record(session, viewer, seven, WELL if place else BADLY)
    for _ in range(9):
        uses.record(session, people[0], once, WELL)
    session.flush()

    assert proven(session, [entry.id for entry in (four, three, seven, once)]) == {four.id}
    assert proven(session, []) == frozenset()


def test_the_last_word_of_everybody_counts_and_what_is_withdrawn_does_not(session: Session) -> None:
    people = [a_viewer(session) for _ in range(4)]
    changed, withdrawn, converted = (an_entry(session, people[0]) for _ in range(3))
    for viewer in people:
        uses.record(session, viewer, changed, WELL)
        last = uses.record(session, viewer, withdrawn, WELL)
        yesterday = clock.now().date() - timedelta(days=1)
        uses.record(session, viewer, converted, BADLY, used_on=yesterday)
        measured(session, viewer, converted, Verdict.BETTER)
    uses.record(session, people[0], changed, UseResult.PARTLY)
    uses.withdraw(session, people[3], last.uid)
    session.flush()

    assert proven(session, [changed.id, withdrawn.id, converted.id]) == {converted.id}


def test_the_index_follows_what_becomes_of_an_entry(database: Database, index: EmbeddedIndex) -> None:
    def given(session: Session) -> tuple[EntryRow, list[Viewer]]:
        people = [a_viewer(session) for _ in range(4)]
        return an_entry(session, people[0], title="Falcon"), people

    entry, people = database.write(given)

    def expired(session: Session) -> None:
        with clock.held(clock.now() + timedelta(days=400)):
            lapse(session, entry.uid)

    def signals() -> list[Signal]:
        follow(database, index)
        snapshot = index.snapshot()
        number = snapshot.number(entry.uid)
        return of(int(snapshot.signals[number])) if number is not None else []

    assert signals() == []
    database.write(lambda session: [uses.record(session, viewer, entry, WELL) for viewer in people])
    assert signals() == [Signal.PROVEN]
    database.write(lambda session: verify(session, OPERATOR, entry.uid))
    assert signals() == [Signal.VERIFIED, Signal.PROVEN]
    database.write(expired)
    assert signals() == [Signal.PROVEN, Signal.EXPIRED]
    database.write(lambda session: uses.record(session, people[0], entry, UseResult.HARMED))
    assert signals() == [Signal.CONTESTED]
    database.write(lambda session: publishing.obsolete(session, OPERATOR, entry.uid, an_entry(session, people[0])))
    assert signals() == [Signal.CONTESTED, Signal.OBSOLETE]


def test_practices_rank_by_what_is_sure_of_them_and_never_by_the_raw_share(session: Session) -> None:
    people = [a_viewer(session) for _ in range(7)]
    once, most, harmed, never = (
        an_entry(session, people[0], stages=[Stage.FIRST_TIME, Stage.REPEAT]) for _ in range(4)
    )
    uses.record(session, people[0], once, WELL)
    for place, viewer in enumerate(people):
        uses.record(session, viewer, most, WELL if place else BADLY, among=With(Stage.REPEAT))
    uses.record(session, people[0], harmed, UseResult.HARMED)

    found = listing.listing(session, people[0], Page(), sort=listing.Sort.HELPED_DESC).rows
    lows = [helped(row, people[0]).share.low for row in found]
    pages = [listing.listing(session, people[0], Page(first=1), sort=listing.Sort.HELPED_DESC)]
    while pages[-1].has_next:
        page = Page(first=1, after=pages[-1].cursors[-1])
        pages.append(listing.listing(session, people[0], page, sort=listing.Sort.HELPED_DESC))

    assert [row.id for row in found] == [most.id, once.id, never.id, harmed.id]
    assert [row.id for page in pages for row in page.rows] == [row.id for row in found]
    assert lows == [pytest.approx(0.4869, abs=5e-5), pytest.approx(0.2065, abs=5e-5), None, 0.0]
    assert [in_words(row, people[0]) for row in found] == [
        "helped 6 of 7 (49 to 97 %); untested with first-time customers",
        "helped 1 of 1 (21 to 100 %)",
        "not tried yet",
        "helped 0 of 1 (0 to 79 %); harmed 1",
    ]
    customer = a_viewer(session, role=Role.CUSTOMER)
    assert helped(found[0], customer).tried == 0
