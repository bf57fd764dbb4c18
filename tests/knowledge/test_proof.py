from datetime import timedelta

from sqlmodel import Session

from knowledge import clock, outcomes, uses
from knowledge.database import Database
from knowledge.entries import publishing
from knowledge.entries.entry import EntryRow
from knowledge.entries.freshness import lapse, verify
from knowledge.estimates import Sample
from knowledge.outcomes import Measured
from knowledge.people import OPERATOR, Viewer
from knowledge.proof import proven
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.following import follow
from knowledge.search.signals import of
from knowledge.words import MetricKind, Signal, UseResult, Verdict
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
