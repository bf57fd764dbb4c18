"""Customers who buy, speak for us, lapse and are moved, against a plain model of what domain people would say."""

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock
from knowledge.customers import Customer, CustomerRow, Reference, StageTransition
from knowledge.database import Database, table_of
from knowledge.errors import Invalid
from knowledge.ladder import moving, settling, telling
from knowledge.ladder.moving import Move
from knowledge.ladder.offerings import OfferingReference, OfferingRow
from knowledge.people import OPERATOR
from knowledge.words import AdvocacyKind, Stage, TransitionCause
from tests.factories import a_customer, an_offering, bought

LEGAL = {
    "SUSPECT": "PROSPECT DISQUALIFIED FIRST_TIME",
    "PROSPECT": "FIRST_TIME DISQUALIFIED SUSPECT",
    "DISQUALIFIED": "PROSPECT FIRST_TIME",
    "FIRST_TIME": "REPEAT CLIENT INACTIVE",
    "REPEAT": "CLIENT INACTIVE",
    "CLIENT": "ADVOCATE REPEAT INACTIVE",
    "ADVOCATE": "CLIENT REPEAT INACTIVE",
    "INACTIVE": "REPEAT CLIENT ADVOCATE DISQUALIFIED",
}
STRANGERS = {"SUSPECT", "PROSPECT", "DISQUALIFIED"}
HEIGHTS = ["SUSPECT", "PROSPECT", "FIRST_TIME", "REPEAT", "CLIENT", "ADVOCATE"]
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
WHO, WHAT = st.integers(0, 2), st.integers(0, 1)


@dataclass
class Person:
    """A customer as plain values."""

    stage: str = "SUSPECT"
    before: str = ""
    held_until: date | None = None
    news: bool = False
    need: bool | None = None
    ability: bool | None = None
    bought: list[tuple[int, date]] = field(default_factory=list)
    can_use: set[int] = field(default_factory=set)
    spoke: list[date] = field(default_factory=list)

    def go(self, stage: str) -> None:
        """To a stage, if it is another."""
        if stage != self.stage:
            self.before, self.stage = self.stage, stage

    def wanted(self, today: date) -> str:
        """What the facts say."""
        if not self.bought:
            if self.stage not in STRANGERS:
                return self.stage
            if False in (self.need, self.ability):
                return "DISQUALIFIED"
            return "PROSPECT" if self.need and self.ability else "SUSPECT"
        lately = {offering for offering, day in self.bought if (today - day).days <= 365}
        if not lately:
            return "INACTIVE"
        if self.can_use and self.can_use <= lately:
            return "ADVOCATE" if any((today - day).days <= 365 for day in self.spoke) else "CLIENT"
        first = len(self.bought) == 1 and self.stage in STRANGERS | {"FIRST_TIME"}
        return "FIRST_TIME" if first else "REPEAT"

    def settle(self, today: date) -> None:
        """What a person said holds, unless it is over, impossible, or lower than what was heard since."""
        wanted = self.wanted(today)
        if self.held_until is not None and self.held_until >= today:
            stranger = self.stage in STRANGERS and (self.stage, self.before) != ("DISQUALIFIED", "INACTIVE")
            higher = wanted in HEIGHTS and (
                self.stage not in HEIGHTS or HEIGHTS.index(wanted) > HEIGHTS.index(self.stage)
            )
            known = self.bought or (self.stage in STRANGERS and (self.need is not None or self.ability is not None))
            if not known or not ((stranger and self.bought) or (self.news and higher)):
                return
        silent = not self.bought and self.need is self.ability is None
        if (not self.bought and self.stage not in STRANGERS) or (silent and self.held_until is not None):
            return
        self.held_until = None
        self.go(wanted)


class Climbing(RuleBasedStateMachine):
    """Three customers, two offerings, and time that passes."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now, self.stack = BEGAN, ExitStack()
        self.session = self.stack.enter_context(Session(self.database.engine, expire_on_commit=False))

    @initialize()
    def begin(self) -> None:
        with clock.held(self.now):
            self.rows: list[CustomerRow] = [a_customer(self.session) for _ in range(3)]
            self.offered: list[OfferingRow] = [an_offering(self.session) for _ in range(2)]
        self.people = [Person() for _ in self.rows]

    def teardown(self) -> None:
        self.session.rollback()
        self.stack.close()

    def told(self, who: int) -> Person:
        """A minute later somebody tells of a customer."""
        self.now += timedelta(minutes=1)
        return self.people[who]

    def whom(self, who: int) -> Reference:
        return Reference(uid=self.rows[who].uid)

    @rule(who=WHO, what=WHAT, days=st.sampled_from((0, 10, 300, 365, 366, 500)))
    def buys(self, who: int, what: int, days: int) -> None:
        person = self.told(who)
        with clock.held(self.now):
            bought(self.session, self.rows[who], days_ago=(days,), offering=self.offered[what])
        person.bought.append((what, (self.now - timedelta(days=days)).date()))
        person.news = True
        person.settle(self.now.date())

    @rule(who=WHO)
    def speaks(self, who: int) -> None:
        person = self.told(who)
        with clock.held(self.now):
            telling.advocacy(self.session, OPERATOR, self.whom(who), {"kind": AdvocacyKind.REFERRAL})
        person.spoke.append(self.now.date())
        person.news = True
        person.settle(self.now.date())

    @rule(who=WHO, what=WHAT, applies=st.sampled_from((True, False, None)))
    def can_use(self, who: int, what: int, applies: bool | None) -> None:
        person = self.told(who)
        with clock.held(self.now):
            that = OfferingReference(uid=self.offered[what].uid)
            telling.use(self.session, OPERATOR, self.whom(who), that, applies)
        person.can_use = person.can_use | {what} if applies else person.can_use - {what}
        person.settle(self.now.date())

    @rule(who=WHO, need=st.sampled_from((True, False, None)), ability=st.sampled_from((True, False, None)))
    def is_qualified(self, who: int, need: bool | None, ability: bool | None) -> None:
        person = self.told(who)
        with clock.held(self.now):
            moving.qualify(self.session, OPERATOR, self.whom(who), need=need, ability=ability)
        person.need, person.ability = need, ability
        if person.stage in STRANGERS and (need is not None or ability is not None):
            person.held_until = None
        person.settle(self.now.date())

    @rule(who=WHO, to=st.sampled_from(Stage), days=st.integers(1, 200), brings=st.booleans())
    def is_moved(self, who: int, to: Stage, days: int, brings: bool) -> None:
        person, today = self.told(who), self.now.date()
        legal = set(LEGAL[person.stage].split())
        if person.bought:
            legal -= STRANGERS - ({"DISQUALIFIED"} if person.stage == "INACTIVE" else set())
        spoke = any((today - day).days <= 365 for day in person.spoke)
        lawful = to in legal and (brings or spoke if to is Stage.ADVOCATE else not brings)
        kind = AdvocacyKind.REVIEW if brings else None
        wanted = Move(to, "I was there.", today + timedelta(days=days), Stage(person.stage), kind)
        with clock.held(self.now):
            if not lawful:
                with pytest.raises(Invalid):
                    moving.move(self.session, OPERATOR, self.whom(who), wanted)
                return
            moving.move(self.session, OPERATOR, self.whom(who), wanted)
        person.go(to)
        person.held_until, person.news = wanted.review_on, False
        if brings:
            person.spoke.append(today)

    @rule(days=st.sampled_from((1, 30, 200, 366)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        with clock.held(self.now):
            settling.round_from(self.session, 0)
        for person in self.people:
            over = person.held_until is not None and person.held_until < self.now.date()
            if person.stage not in STRANGERS | {"INACTIVE"} or over:
                person.settle(self.now.date())

    @invariant()
    def everybody_stands_where_the_model_says(self) -> None:
        if not hasattr(self, "people"):
            return
        customer, row = table_of(Customer).c, table_of(StageTransition).c
        for known, person in zip(self.rows, self.people, strict=True):
            stage = self.session.connection().execute(select(customer.stage).where(customer.id == known.id)).scalar()
            statement = select(table_of(StageTransition)).where(row.customer_id == known.id).order_by(row.id)
            steps = self.session.connection().execute(statement).all()
            assert stage == person.stage == steps[-1].to_stage  # L2
            assert [each.from_stage for each in steps] == [None, *(each.to_stage for each in steps[:-1])]  # L1
            assert len({(each.at, each.to_stage) for each in steps}) == len(steps)
            assert [each.at for each in steps] == sorted(each.at for each in steps)
            for each in steps[1:]:
                assert each.to_stage in LEGAL[each.from_stage].split()
                if each.cause is TransitionCause.MANUAL:  # L6
                    assert each.reason
                    assert each.review_on
            if person.bought:  # L3
                assert stage not in ("SUSPECT", "PROSPECT")
                assert stage != "DISQUALIFIED" or steps[-1].from_stage == "INACTIVE"
            if stage == "ADVOCATE":  # L4
                assert person.spoke
            assert ("INACTIVE", "FIRST_TIME") not in [(each.from_stage, each.to_stage) for each in steps]  # L5


def test_whatever_happens_customers_stand_where_the_model_says(database: Database) -> None:
    is_long = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
    examples = (300 if is_long else 10) if database.is_sqlite else (60 if is_long else 2)
    machine = type("ClimbingOver", (Climbing,), {"database": database})

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
