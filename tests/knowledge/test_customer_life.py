"""Customers who buy, are moved, say things, and whose records become one and two again, against a plain model."""

import os
from collections import Counter
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock, customers, feedback
from knowledge.customers import Customer, CustomerRow, Reference, StageTransition, merging
from knowledge.database import Database, Page, table_of
from knowledge.errors import Conflict, Invalid
from knowledge.feedback import Feedback, FeedbackRow, triaging
from knowledge.feedback import merging as joining
from knowledge.feedback.complaints import ComplaintCase
from knowledge.ladder import moving, settling
from knowledge.ladder.moving import Move
from knowledge.ladder.stages import MOVES
from knowledge.people import OPERATOR
from knowledge.words import FeedbackKind, FeedbackStatus, Stage, TransitionCause
from tests.factories import a_customer, bought, some_feedback

PEOPLE = 4
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
WHO, WHICH = st.integers(0, PEOPLE - 1), st.integers(0, 5)
STRANGERS = {Stage.SUSPECT, Stage.PROSPECT}


@dataclass
class Said:
    """One item: whom it names, what it says, and what it repeats."""

    row: FeedbackRow
    whom: int | None
    words: str
    complains: bool
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
    undone: bool = False


@dataclass
class Model:
    """Whom everything names: nothing but lists."""

    said: list[Said] = field(default_factory=list)
    bought: list[int] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    gone: dict[int, int] = field(default_factory=dict)

    def who(self, number: int) -> int:
        """Who stands for somebody by now."""
        while number in self.gone:
            number = self.gone[number]
        return number


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
            self.rows = [a_customer(self.session) for _ in range(PEOPLE)]

    def teardown(self) -> None:
        self.session.rollback()
        self.stack.close()

    def later(self) -> AbstractContextManager[None]:
        self.now += timedelta(minutes=1)
        return clock.held(self.now)

    def stands(self, number: int) -> bool:
        return number not in self.model.gone

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

    @rule(who=st.none() | WHO, complains=st.booleans(), unnamed=st.booleans())
    def says(self, who: int | None, complains: bool, unnamed: bool) -> None:
        whom = None if who is None or unnamed else self.model.who(who)
        kind = FeedbackKind.COMPLAINT if complains else FeedbackKind.LIKE
        words = f"It is said {len(self.model.said)} times."
        with self.later():
            customer = self.rows[whom] if whom is not None else None
            anonymous = unnamed and whom is None
            row = some_feedback(
                self.session, OPERATOR, verbatim=words, kind=kind, anonymous=anonymous, customer=customer
            )
        self.model.said.append(Said(row, whom, words, complains))

    @rule(which=WHICH, kind=st.sampled_from((FeedbackKind.COMPLAINT, FeedbackKind.LIKE)))
    def is_sorted(self, which: int, kind: FeedbackKind) -> None:
        if which >= len(self.model.said):
            return
        said = self.model.said[which]
        with self.later():
            if said.repeats is not None or (said.complains and kind is not FeedbackKind.COMPLAINT):
                with pytest.raises(Invalid):
                    triaging.triage(self.session, OPERATOR, said.row.uid, {"kind": kind})
                return
            triaging.triage(self.session, OPERATOR, said.row.uid, {"kind": kind})
        said.complains = kind is FeedbackKind.COMPLAINT
        said.status = FeedbackStatus.TRIAGED

    @rule(which=WHICH, into=WHICH)
    def is_joined(self, which: int, into: int) -> None:
        if max(which, into) >= len(self.model.said):
            return
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
        if which < len(self.model.said) and self.model.said[which].repeats is not None:
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
        model.merges.append(Merge(done, gone, stays, said, purchases))
        model.gone[gone] = stays

    @rule(which=st.integers(0, 3))
    def becomes_two(self, which: int) -> None:
        model = self.model
        if which >= len(model.merges):
            return
        done = model.merges[which]
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
        done.undone = True
        del model.gone[done.gone]

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        self._said()
        for number, row in enumerate(self.rows):
            self._stands(number, row)

    def _said(self) -> None:
        item, case = table_of(Feedback), table_of(ComplaintCase).c
        found = {row.id: row for row in self.session.connection().execute(select(item))}
        cases = Counter(self.session.connection().execute(select(case.feedback_id)).scalars())
        for said in self.model.said:
            row = found[said.row.id]
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
            assert each.cause is not TransitionCause.MANUAL or (each.reason and each.review_on)  # L6
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
