"""The life cycle as a machine: people of all roles do anything to any entry at any time, and a plain model says what should be."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, entries, jobs
from knowledge.activity import Activity
from knowledge.database import Database, Page, table_of
from knowledge.entries import freshness, listing, publishing, writing
from knowledge.entries.entry import Entry, Revision
from knowledge.entries.writing import Changes
from knowledge.errors import Refusal
from knowledge.people import Viewer
from knowledge.words import Audience, Kind, RevisionState, Role, Status
from server.worker import HANDLERS
from tests.factories import a_draft, a_viewer
from tests.knowledge.life import CONFLICT, DONE, LEAVES, NOT_ALLOWED, Life, Person, Written

PEOPLE = (
    Person("Ines", Role.EMPLOYEE),
    Person("Omar", Role.EMPLOYEE),
    Person("Jonas", Role.STEWARD),
    Person("Margit", Role.LEADER),
    Person("Kim", Role.CUSTOMER),
)
KINDS = (Kind.BEST_PRACTICE, Kind.STORY, Kind.VISION)
AUDIENCES = (Audience.EMPLOYEES, Audience.CUSTOMERS, Audience.PUBLIC)
LAPSES = {"entry.lapsed", "entry.due", "entry.expired"}

INES, OMAR, JONAS, MARGIT, KIM = PEOPLE
AUTHOR = Person("whoever wrote it", Role.EMPLOYEE)
people = st.sampled_from([AUTHOR, AUTHOR, AUTHOR, JONAS, MARGIT, MARGIT, OMAR, KIM])
"""Who does something to an entry; mostly those who may, or little would ever happen."""
texts = st.sampled_from(["", "Descale it weekly.", "Ring after two weeks."])


@dataclass(frozen=True)
class Change:
    """What an update says; what is None stays."""

    renamed: bool
    body: str | None
    audience: Audience | None


@dataclass(frozen=True)
class Doing:
    """One act of one person."""

    uid: UUID
    life: Life
    person: Person
    viewer: Viewer
    what: Change
    behind: int
    days: int

    def by(self, act: Callable[[Session, Viewer, UUID], object]) -> Callable[[Session], object]:
        """The act as work for the database."""
        return lambda session: act(session, self.viewer, self.uid)


acts = st.sampled_from(
    [*3 * ["update", "submit", "approve", "publish", "wait"], *2 * ["verify", "request_changes"], "archive"]
)
changes = st.builds(Change, st.booleans(), st.none() | texts, st.none() | st.sampled_from(AUDIENCES))
days = st.sampled_from([1, 8, 82, 90, 366])


class LifeCycle(RuleBasedStateMachine):
    """Every rule asks the model what should come of an act, does it, compares, and has the model follow."""

    database: Database
    lives = Bundle("lives")

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 5, 4, 12, tzinfo=UTC)
        self.known: dict[UUID, Life] = {}
        self.viewers: dict[Person, Viewer] = self.write(
            lambda session: {person: a_viewer(session, role=person.role, name=person.name) for person in PEOPLE}
        )
        self.titles, self.steps = 0, 0
        self.tag = f"example {self.viewers[PEOPLE[0]].id}"

    def write(self, work: Callable[[Session], Any]) -> Any:
        with clock.held(self.now):
            return self.database.write(work)

    def tried(self, expected: str, work: Callable[[Session], Any]) -> bool:
        """Do it, compare what came of it, and say whether it was done."""
        try:
            self.write(work)
            outcome = DONE
        except Refusal as refusal:
            outcome = refusal.problems[0].code.value
        assert outcome == expected
        return outcome == DONE

    def title(self) -> str:
        self.titles += 1
        return f"Title {self.titles}"

    # What people do.

    @initialize(target=lives, kind=st.sampled_from(KINDS), audience=st.sampled_from(AUDIENCES), body=texts)
    def begin(self, kind: Kind, audience: Audience, body: str) -> Any:
        return self.created(MARGIT if kind is Kind.VISION else INES, kind, audience, body)

    @precondition(lambda self: len(self.known) < 3)
    @rule(
        target=lives,
        person=st.sampled_from(PEOPLE),
        kind=st.sampled_from(KINDS),
        audience=st.sampled_from(AUDIENCES),
        body=texts,
    )
    def create(self, person: Person, kind: Kind, audience: Audience, body: str) -> Any:
        return self.created(person, kind, audience, body)

    def created(self, person: Person, kind: Kind, audience: Audience, body: str) -> Any:
        title = self.title()
        viewer, uids = self.viewers[person], list[UUID]()

        def work(session: Session) -> None:
            uids.append(
                a_draft(session, viewer, kind=kind, title=title, body=body, audience=audience, tags=[self.tag]).uid
            )

        if not self.tried(DONE if person.writes(kind) else NOT_ALLOWED, work):
            return multiple()
        self.known[uids[0]] = Life(kind, person, [Written(1, title, body, audience, person)])
        return uids[0]

    @rule(uid=lives, who=people, act=acts, what=changes, behind=st.sampled_from([0, 0, 0, 0, 1]), days=days)
    def do(self, uid: UUID, who: Person, act: str, what: Change, behind: int, days: int) -> None:
        """One rule for all acts: where each has its own, hypothesis leaves most of them out of most examples."""
        life = self.known[uid]
        person = life.author if who is AUTHOR else who
        note(f"{person.name}: {act} {life.kind} {life.status} {life.latest.state}")
        if not self.is_to_come(act, person, life):
            getattr(self, act)(Doing(uid, life, person, self.viewers[person], what, behind, days))

    def update(self, doing: Doing) -> None:
        life, what = doing.life, doing.what
        title = self.title() if what.renamed else None
        changes: Changes = {"note": "Another look."}
        if title is not None:
            changes["title"] = title
        if what.body is not None:
            changes["body"] = what.body or None  # null clears
        if what.audience is not None:
            changes["audience"] = what.audience
        base = life.latest.number - doing.behind
        if self.tried(
            life.on_update(doing.person, base),
            lambda session: writing.update(session, doing.viewer, doing.uid, base, changes),
        ):
            life.update(doing.person, title, what.body, what.audience)

    def submit(self, doing: Doing) -> None:
        if self.tried(doing.life.on_submit(doing.person), doing.by(publishing.submit)):
            doing.life.move(RevisionState.IN_REVIEW, "entry.submitted")

    def request_changes(self, doing: Doing) -> None:
        work = doing.by(lambda session, viewer, uid: publishing.request_changes(session, viewer, uid, "Say when."))
        if self.tried(doing.life.on_review(doing.person), work):
            doing.life.move(RevisionState.CHANGES_REQUESTED, "entry.changes_requested")

    def approve(self, doing: Doing) -> None:
        expected = doing.life.on_review(doing.person)
        number = doing.life.latest.number - doing.behind
        work = doing.by(lambda session, viewer, uid: publishing.approve(session, viewer, uid, number=number))
        if self.tried(CONFLICT if doing.behind and expected == DONE else expected, work):
            doing.life.publish()

    def publish(self, doing: Doing) -> None:
        if self.tried(doing.life.on_publish(doing.person), doing.by(publishing.publish)):
            doing.life.publish()

    def archive(self, doing: Doing) -> None:
        if self.tried(doing.life.on_editing(doing.person), doing.by(publishing.archive)):
            doing.life.archive()

    def verify(self, doing: Doing) -> None:
        if self.tried(doing.life.on_verify(doing.person), doing.by(freshness.verify)):
            doing.life.verify(self.now)

    def wait(self, doing: Doing) -> None:
        self.now += timedelta(days=doing.days)
        with clock.held(self.now):
            while jobs.run_due(self.database, HANDLERS):
                pass
        for life in self.known.values():
            life.lapse(self.now)

    def is_to_come(self, act: str, person: Person, life: Life) -> bool:
        """What the code and the model will agree on once there is a queue of reviews: nobody tries that yet."""
        of_others = person.curates and person != life.author
        unseen = of_others and not life.knows_latest(person)
        return (
            (of_others and life.status is Status.CHANGES_REQUESTED)
            or (unseen and act in {"submit", "publish"})
            or (life.latest.state is RevisionState.IN_REVIEW and act in {"submit", "archive"})
            or (life.status is Status.ARCHIVED and act == "archive")
        )

    # What holds whatever happened.

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        for uid, life in self.stored().items():
            assert life == told(self.known[uid])

    @invariant()
    def e1_everybody_sees_what_they_may_and_the_published_revision_of_it(self) -> None:
        self.steps += 1
        with self.database.reading() as session:
            for person in (PEOPLE[self.steps % len(PEOPLE)], PEOPLE[(self.steps + 2) % len(PEOPLE)]):
                viewer = self.viewers[person]
                seen = {row.uid: row for row in entries.by_uids(session, viewer, list(self.known))}
                expected = {uid for uid, life in self.known.items() if life.is_seen_by(person)}
                assert {uid for uid in seen if not self.is_hidden_yet(person, uid)} == {
                    uid for uid in expected if not self.is_hidden_yet(person, uid)
                }
                for uid, row in seen.items():
                    shown = self.known[uid].shown
                    assert (row.revision, row.title, row.body) == (shown.number, shown.title, shown.body)
                    assert row.audience is shown.audience
                mine = listing.Filter(tags=(self.tag,))
                rows = listing.listing(session, viewer, Page(first=100), filter=mine).rows
                assert {row.uid for row in rows} == {
                    uid for uid in expected if self.known[uid].status is Status.PUBLISHED
                }

    def is_hidden_yet(self, person: Person, uid: UUID) -> bool:
        return person.curates and self.known[uid].status is Status.CHANGES_REQUESTED

    @invariant()
    def e2_what_left_the_company_was_sent_out_by_somebody_other_than_its_author(self) -> None:
        act, entry, revision = table_of(Activity).c, table_of(Entry).c, table_of(Revision).c
        statement = (
            select(act.person_id, revision.author_id)
            .join_from(table_of(Entry), table_of(Revision), revision.id == entry.published_revision_id)
            .join(table_of(Activity), act.uid == entry.uid)
            .where(act.verb == "entry.published", entry.uid.in_(list(self.known)), revision.audience.in_(LEAVES))
            .where(act.at >= revision.created_at)
        )
        with self.database.reading() as session:
            for sender, author in session.connection().execute(statement):
                assert sender is not None
                assert sender != author

    def stored(self) -> dict[UUID, tuple[object, ...]]:
        """What is in the database of every entry, in the shape of `told`."""
        entry, revision, act = table_of(Entry).c, table_of(Revision).c, table_of(Activity).c
        names = {viewer.id: person.name for person, viewer in self.viewers.items()}
        with self.database.reading() as session:
            answer = session.connection().execute
            found: dict[UUID, tuple[object, ...]] = {}
            for row in answer(select(*table_of(Entry).columns).where(entry.uid.in_(list(self.known)))):
                written = answer(
                    select(*table_of(Revision).columns).where(revision.entry_id == row.id).order_by(revision.number)
                ).all()
                verbs = answer(select(act.verb).where(act.uid == row.uid).order_by(act.id)).scalars()
                out = [each.number for each in written if each.id == row.published_revision_id]
                found[row.uid] = (
                    row.status,
                    row.freshness,
                    row.verified_until,
                    out,
                    [(each.number, each.title, each.body, each.audience) for each in written],
                    [(each.state, names[each.author_id]) for each in written],
                    ["entry.lapsed" if verb in LAPSES else verb for verb in verbs],
                )
        return found


def told(life: Life) -> tuple[object, ...]:
    """The model's side of `stored`: numbers without a gap, at most one revision out, every word as it was written."""
    assert [each.number for each in life.revisions] == list(range(1, len(life.revisions) + 1))
    out = [each for each in life.revisions if each.state is RevisionState.PUBLISHED]
    assert out == ([life.published] if life.published else [])
    return (
        life.status,
        life.freshness,
        life.verified_until,
        [each.number for each in out],
        [each.says for each in life.revisions],
        [(each.state, each.author.name) for each in life.revisions],
        life.log,
    )


def test_whatever_people_do_entries_live_as_the_model_says(database: Database) -> None:
    is_long = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
    examples = (300 if is_long else 9) if database.is_sqlite else (100 if is_long else 2)
    machine = type("LifeCycleOver", (LifeCycle,), {"database": database})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50 if is_long else 40,
            deadline=None,
            derandomize=not is_long,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if is_long else [Phase.generate],
        ),
    )
