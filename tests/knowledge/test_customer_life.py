"""Customers who buy, are moved, say things, are answered, reply, become one and two again and are forgotten, against a plain model."""

import os
from collections import Counter
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, customers, feedback
from knowledge.contacts import Contact
from knowledge.customers import Customer, CustomerRow, Reference, StageTransition, merging
from knowledge.database import Database, Page, Table, table_of
from knowledge.errors import Conflict, Invalid
from knowledge.feedback import Feedback, FeedbackRow, triaging
from knowledge.feedback import merging as joining
from knowledge.feedback.complaints import ComplaintCase
from knowledge.ladder import moving, settling
from knowledge.ladder.moving import Move
from knowledge.ladder.stages import MOVES
from knowledge.loop import answering, replies
from knowledge.loop.answering import Subject
from knowledge.loop.responses import Delivery
from knowledge.people import OPERATOR
from knowledge.privacy import erasing
from knowledge.privacy.names import STRUCK
from knowledge.words import Decision, FeedbackKind, FeedbackStatus, Role, Stage, TransitionCause
from tests.factories import a_customer, a_viewer, bought, some_feedback

NAMES = ("Amalia Brandt", "Cosmo Dorrit", "Elif Farkas", "Gerda Holm")
PEOPLE = len(NAMES)
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
WHO, WHICH = st.integers(0, PEOPLE - 1), st.integers(0, 5)
STRANGERS = {Stage.SUSPECT, Stage.PROSPECT}
UNSORTED = (FeedbackStatus.NEW,)


@dataclass
class Said:
    """One item: whom it is from, what it says and of whom, and what it repeats."""

    row: FeedbackRow
    whom: int | None
    words: str
    complains: bool
    of: int
    repeats: int | None = None
    status: FeedbackStatus = FeedbackStatus.NEW


@dataclass
class Merge:
    """One merge: who went into whom, and what of them that moved."""

    merge: merging.MergeRow
    gone: int
    stays: int
    said: list[int]
    bought: list[int]
    told: list[int]
    undone: bool = False


@dataclass
class Model:
    """Whom everything names: nothing but lists."""

    said: list[Said] = field(default_factory=list)
    bought: list[int] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    gone: dict[int, int] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    told: list[tuple[int, set[int]]] = field(default_factory=list)

    def who(self, number: int) -> int:
        """Who stands for somebody by now."""
        while number in self.gone:
            number = self.gone[number]
        return number

    def joined(self, which: int) -> list[int]:
        """An item and all that repeats it."""
        return [which, *(each for n, said in enumerate(self.said) if said.repeats == which for each in self.joined(n))]

    def above(self, which: int) -> list[int]:
        """An item and all that it repeats."""
        repeats = self.said[which].repeats
        return [which] if repeats is None else [which, *self.above(repeats)]


class Living(RuleBasedStateMachine):
    """Four records of customers, and time that passes."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now, self.stack = BEGAN, ExitStack()
        self.session = self.stack.enter_context(Session(self.database.engine, expire_on_commit=False))
        self.model = Model()
        self.rows: list[CustomerRow] = []

    @initialize()
    def begin(self) -> None:
        with clock.held(self.now):
            self.rows = [a_customer(self.session, name=name) for name in NAMES]
            self.signed_in = a_viewer(self.session, role=Role.CUSTOMER, customer=a_customer(self.session))
        self.says(0, 1, complains=True, unnamed=False)
        self.says(2, 3, complains=False, unnamed=False)

    def teardown(self) -> None:
        self.session.rollback()
        self.stack.close()

    def later(self) -> AbstractContextManager[None]:
        self.now += timedelta(minutes=1)
        return clock.held(self.now)

    def stands(self, number: int) -> bool:
        return number not in self.model.gone and number not in self.model.erased

    @rule(who=WHO, days=st.sampled_from((0, 10, 365, 366)))
    def buys(self, who: int, days: int) -> None:
        if self.stands(who):
            with self.later():
                bought(self.session, self.rows[who], days_ago=(days,))
            self.model.bought.append(who)

    @rule(who=WHO, to=st.sampled_from(Stage))
    def is_moved(self, who: int, to: Stage) -> None:
        if not self.stands(who):
            return
        stage = self.session.get_one(Customer, self.rows[who].id).stage
        dealt = who in self.model.bought
        legal = [each for each in MOVES[stage] if not dealt or each not in {*STRANGERS, Stage.DISQUALIFIED}]
        with self.later():
            wanted = Move(to, "I was there.", (self.now + timedelta(days=30)).date())
            if to in legal and to is not Stage.ADVOCATE:
                moving.move(self.session, OPERATOR, Reference(uid=self.rows[who].uid), wanted)
            elif to not in MOVES[stage]:
                with pytest.raises(Invalid):
                    moving.move(self.session, OPERATOR, Reference(uid=self.rows[who].uid), wanted)

    @rule(days=st.sampled_from((1, 31, 366)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        with clock.held(self.now):
            settling.round_from(self.session, 0)

    @rule(who=st.none() | WHO, of=WHO, complains=st.booleans(), unnamed=st.booleans())
    def says(self, who: int | None, of: int, complains: bool, unnamed: bool) -> None:
        whom = None if who is None or unnamed else self.model.who(who)
        if whom in self.model.erased or of in self.model.erased:
            return
        kind = FeedbackKind.COMPLAINT if complains else FeedbackKind.LIKE
        words = f"I have said it {len(self.model.said)} times, and {NAMES[of]} knows."
        with self.later():
            customer = self.rows[whom] if whom is not None else None
            anonymous = unnamed and whom is None
            row = some_feedback(
                self.session, OPERATOR, verbatim=words, kind=kind, anonymous=anonymous, customer=customer
            )
        self.model.said.append(Said(row, whom, words, complains, of))

    @rule(which=WHICH, kind=st.sampled_from((FeedbackKind.COMPLAINT, FeedbackKind.LIKE)))
    def is_sorted(self, which: int, kind: FeedbackKind) -> None:
        which %= len(self.model.said)
        said = self.model.said[which]
        with self.later():
            if said.repeats is not None or (said.complains and kind is not FeedbackKind.COMPLAINT):
                with pytest.raises(Invalid):
                    triaging.triage(self.session, OPERATOR, said.row.uid, {"kind": kind})
                return
            triaging.triage(self.session, OPERATOR, said.row.uid, {"kind": kind})
        said.complains = kind is FeedbackKind.COMPLAINT
        if said.status in UNSORTED:
            said.status = FeedbackStatus.TRIAGED

    @rule(which=WHICH, decision=st.sampled_from((Decision.DONE, Decision.WILL_NOT)))
    def is_answered(self, which: int, decision: Decision) -> None:
        model = self.model
        which %= len(model.said)
        subject, said = Subject(feedback=[self._item(which)]), {"heard": "It leaks.", "decision": decision, "why": None}
        with self.later():
            if decision is Decision.WILL_NOT:
                with pytest.raises(Invalid):  # R1
                    answering.draft(self.session, OPERATOR, subject, said)  # type: ignore[arg-type]
                return
            response = answering.draft(self.session, OPERATOR, subject, said)  # type: ignore[arg-type]
            for _ in range(2):  # told twice, each hears it once
                answering.publish(self.session, OPERATOR, response.uid, Contact())
        behind = [model.said[each] for each in model.joined(which)]
        told = {each.whom for each in behind if each.whom is not None} - model.erased
        model.told.append((response.id, told))
        for each in behind:
            if each.whom is None or each.whom in told:
                each.status = FeedbackStatus.ANSWERED

    @rule(which=WHICH)
    def is_replied_to(self, which: int) -> None:
        model = self.model
        which %= len(model.said)
        whom = model.said[which].whom
        if whom is None or not self.stands(whom):
            return
        herself = replace(self.signed_in, customer_id=self.rows[whom].id)
        with self.later():
            replies.reply(self.session, herself, model.said[which].row.uid, "It still leaks.")
        for each in model.above(which):  # R4
            if model.said[each].status is FeedbackStatus.ANSWERED:
                model.said[each].status = FeedbackStatus.REOPENED

    @rule(who=WHO)
    def is_forgotten(self, who: int) -> None:
        if not self.stands(who) or len(self.model.said) < 3 * (1 + len(self.model.erased)):
            return  # who is forgotten does nothing any more, so that this is not for every day
        with self.later():
            row = customers.find(self.session, OPERATOR, Reference(uid=self.rows[who].uid))
            assert row is not None
            erasing.erase(self.session, OPERATOR, row)
        self.model.erased |= {number for number in range(PEOPLE) if self.model.who(number) == who}
        for said in self.model.said:
            if said.whom == who:
                said.words = STRUCK
        self._named_nowhere()

    def _named_nowhere(self) -> None:
        for table in Table.metadata.sorted_tables:  # G3
            for row in self.session.connection().execute(select(table)):
                assert not any(NAMES[each] in str(row) for each in self.model.erased), (table.name, row)

    def _item(self, which: int) -> FeedbackRow:
        found = feedback.by_uid(self.session, OPERATOR, self.model.said[which].row.uid)
        assert found is not None
        return found

    @rule(which=WHICH, into=WHICH)
    def is_joined(self, which: int, into: int) -> None:
        which, into = which % len(self.model.said), into % len(self.model.said)
        said, above = self.model.said[which], [into]
        while (next_one := self.model.said[above[-1]].repeats) is not None:
            above.append(next_one)
        with self.later():
            if said.repeats is not None or which in above:
                with pytest.raises(Invalid):
                    joining.merge(self.session, OPERATOR, said.row.uid, self.model.said[into].row.uid)
                return
            joining.merge(self.session, OPERATOR, said.row.uid, self.model.said[into].row.uid)
        said.repeats = into

    @rule(which=WHICH)
    def is_parted(self, which: int) -> None:
        which %= len(self.model.said)
        if self.model.said[which].repeats is not None:
            with self.later():
                joining.unmerge(self.session, OPERATOR, self.model.said[which].row.uid)
            self.model.said[which].repeats = None

    @rule(gone=WHO, stays=WHO)
    def becomes_one(self, gone: int, stays: int) -> None:
        model = self.model
        if not (self.stands(gone) and self.stands(stays)):
            return
        references = [Reference(uid=self.rows[each].uid) for each in (gone, stays)]
        with self.later():
            if gone == stays:
                with pytest.raises(Invalid):
                    merging.merge(self.session, OPERATOR, *references)
                return
            done = merging.merge(self.session, OPERATOR, *references).merge
        said = [number for number, each in enumerate(model.said) if each.whom == gone]
        purchases = [number for number, each in enumerate(model.bought) if each == gone]
        for number in said:
            model.said[number].whom = stays
        for number in purchases:
            model.bought[number] = stays
        told = [number for number, (_, whom) in enumerate(model.told) if gone in whom and stays not in whom]
        for number in told:
            model.told[number][1].symmetric_difference_update((gone, stays))
        model.merges.append(Merge(done, gone, stays, said, purchases, told))
        model.gone[gone] = stays

    @rule(which=st.integers(0, 3))
    def becomes_two(self, which: int) -> None:
        model = self.model
        if not model.merges:
            return
        done = model.merges[which % len(model.merges)]
        with self.later():
            if done.undone or not self.stands(done.stays):
                with pytest.raises(Conflict):
                    merging.unmerge(self.session, OPERATOR, done.merge.uid)
                return
            merging.unmerge(self.session, OPERATOR, done.merge.uid)
        for number in done.said:
            if model.said[number].whom == done.stays:
                model.said[number].whom = done.gone
        for number in done.bought:
            if model.bought[number] == done.stays:
                model.bought[number] = done.gone
        for number in done.told:
            if done.stays in model.told[number][1]:
                model.told[number][1].symmetric_difference_update((done.gone, done.stays))
        done.undone = True
        del model.gone[done.gone]

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        self._said()
        self._told()
        for number, row in enumerate(self.rows):
            self._stands(number, row)

    def _said(self) -> None:
        item, case = table_of(Feedback), table_of(ComplaintCase).c
        found = {row.id: row for row in self.session.connection().execute(select(item))}
        cases = Counter(self.session.connection().execute(select(case.feedback_id)).scalars())
        for said in self.model.said:
            row = found[said.row.id]
            if said.of in self.model.erased and said.words != STRUCK:
                assert row.verbatim.startswith(said.words.partition(", and")[0])
            else:
                assert row.verbatim == said.words  # F1
            assert row.customer_id == (None if said.whom is None else self.rows[said.whom].id)
            assert not (row.anonymous and (row.customer_id or row.reporter_id or row.group_id))  # F2
            assert cases[row.id] == int(said.complains)  # F3
            assert row.duplicate_of_id == (None if said.repeats is None else self.model.said[said.repeats].row.id)
            assert row.status is said.status  # F6: what repeats something else keeps its own
        for number, each in enumerate(self.rows):
            mine = [said for said in self.model.said if said.whom == number]
            seen = customers.find(self.session, OPERATOR, Reference(uid=each.uid))
            if self.stands(number):
                assert seen is not None
                page = feedback.of_customer(seen, OPERATOR, Page(first=100))
                assert {row.uid for row in page.rows} == {said.row.uid for said in mine}

    def _told(self) -> None:
        delivery, keys = table_of(Delivery).c, {row.id: number for number, row in enumerate(self.rows)}
        for response, told in self.model.told:
            found = select(delivery.customer_id).where(delivery.response_id == response)
            customers_told = [keys[id] for id in self.session.connection().execute(found).scalars()]
            assert sorted(customers_told) == sorted(told)  # R2: each distinct customer, once

    def _stands(self, number: int, row: CustomerRow) -> None:
        table = table_of(StageTransition)
        statement = select(table).where(table.c.customer_id == row.id).order_by(table.c.id)
        steps = self.session.connection().execute(statement).all()
        customer = table_of(Customer)
        stored = self.session.connection().execute(select(customer).where(customer.c.id == row.id)).one()
        assert steps[-1].to_stage is stored.stage  # L2
        assert [each.from_stage for each in steps] == [None, *(each.to_stage for each in steps[:-1])]  # L1
        assert len({(each.at, each.to_stage) for each in steps}) == len(steps)
        for each in steps[1:]:
            assert each.to_stage in MOVES[each.from_stage]
            told_why = each.reason or number in self.model.erased
            assert each.cause is not TransitionCause.MANUAL or (told_why and each.review_on)  # L6
        if self.stands(number) and number in self.model.bought:
            assert stored.stage not in STRANGERS  # L3


def test_whatever_happens_to_customers_and_their_words_is_as_the_model_says(database: Database) -> None:
    is_long = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
    examples = (300 if is_long else 8) if database.is_sqlite else (60 if is_long else 2)
    machine = type("LivingOver", (Living,), {"database": database})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50 if is_long else 25,
            deadline=None,
            derandomize=not is_long,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if is_long else [Phase.generate],
        ),
    )
