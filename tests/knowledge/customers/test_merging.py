"""L7, and that what was merged comes apart exactly, held against a plain model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from knowledge import customers, feedback, migrations
from knowledge.customers import Reference, merging, needs, relationships, segments
from knowledge.database import Database, Page, table_of
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound
from knowledge.people import OPERATOR
from knowledge.words import Role, Stage
from tests.factories import a_customer, a_group, a_touchpoint, a_viewer, an_interaction, some_feedback

PEOPLE = 4
customer_numbers = st.integers(0, PEOPLE - 1)
steps = st.one_of(
    st.tuples(st.sampled_from(["meet", "hear", "child"]), customer_numbers),
    st.tuples(st.just("rate"), customer_numbers, st.integers(0, 1)),
    st.tuples(st.just("serve"), customer_numbers, st.integers(0, 1)),
    st.tuples(st.just("merge"), customer_numbers, customer_numbers),
    st.tuples(st.just("unmerge"), st.integers(0, 5)),
)


@dataclass
class Model:
    """Whom each row names, who is gone, and what each merge moved: nothing but dictionaries."""

    names: dict[tuple[str, int], int] = field(default_factory=dict)
    places: dict[tuple[str, int], object] = field(default_factory=dict)  # what may be there once a customer
    gone: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, list[tuple[str, int]]]] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)

    def merge(self, source: int, target: int) -> None:
        taken = {self.places[row] for row, whom in self.names.items() if whom == target and row in self.places}
        moved = [row for row, whom in self.names.items() if whom == source and self.places.get(row) not in taken]
        self.names |= dict.fromkeys(moved, target)
        self.gone.add(source)
        self.merges.append((source, target, moved))

    def unmerge(self, number: int) -> None:
        source, target, moved = self.merges[number]
        self.names |= {row: source for row in moved if self.names[row] == target}
        self.gone.discard(source)
        self.undone.add(number)


COLUMNS = (
    "interaction.customer_id",
    "feedback.customer_id",
    "customer.parent_id",
    "need_rating.customer_id",
    "service_relationship.customer_id",
)


class World:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.people = [a_customer(session, name=f"Number {number}") for number in range(PEOPLE)]
        self.place, self.groups = a_touchpoint(session), [a_group(session) for _ in range(2)]
        self.needs = [needs.record(session, OPERATOR, {"statement": each}) for each in ("Speed", "Care")]
        self.merges: list[merging.MergeRow] = []
        self.model = Model()

    def named(self) -> Mapping[tuple[str, int], int]:
        known = {row.id: number for number, row in enumerate(self.people)}
        found: dict[tuple[str, int], int] = {}
        for place in COLUMNS:
            table = migrations.metadata().tables[place.split(".")[0]]
            for id, customer in self.session.connection().execute(select(table.c.id, table.c[place.split(".")[1]])):
                if customer in known:
                    found[place, id] = known[customer]
        return found

    def take(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0])(*step[1:])

    def _note(self, place: str, number: int, once: object = None) -> None:
        (row,) = set(self.named()) - set(self.model.names)
        assert row[0] == place
        self.model.names[row] = number
        if once is not None:
            self.model.places[row] = once

    def meet(self, number: int) -> None:
        if number not in self.model.gone:
            an_interaction(self.session, OPERATOR, self.people[number], at=self.place)
            self._note("interaction.customer_id", number)

    def hear(self, number: int) -> None:
        if number not in self.model.gone:
            some_feedback(self.session, OPERATOR, customer=self.people[number])
            self._note("feedback.customer_id", number)

    def child(self, number: int) -> None:
        if number not in self.model.gone:
            a_customer(self.session, parent=self.people[number].uid)
            self._note("customer.parent_id", number)

    def rate(self, number: int, need: int) -> None:
        if number not in self.model.gone:
            before = set(self.named())
            needs.rate(self.session, OPERATOR, self.needs[need], self.people[number], importance=5, satisfaction=None)
            if set(self.named()) != before:
                self._note("need_rating.customer_id", number, ("rate", need))

    def serve(self, number: int, group: int) -> None:
        if number not in self.model.gone:
            before = set(self.named())
            relationships.serve(self.session, OPERATOR, self.groups[group].uid, self.people[number], "hands over")
            if set(self.named()) != before:
                self._note("service_relationship.customer_id", number, ("serve", group))

    def merge(self, source: int, target: int) -> None:
        if source == target or {source, target} & self.model.gone:
            return
        done = merging.merge(self.session, OPERATOR, self._ref(source), self._ref(target))
        self.merges.append(done.merge)
        self.model.merge(source, target)

    def unmerge(self, number: int) -> None:
        if number >= len(self.merges):
            return
        if number in self.model.undone or self.model.merges[number][1] in self.model.gone:
            with pytest.raises(Conflict):
                merging.unmerge(self.session, OPERATOR, self.merges[number].uid)
            return
        merging.unmerge(self.session, OPERATOR, self.merges[number].uid)
        self.model.unmerge(number)

    def _ref(self, number: int) -> Reference:
        return Reference(uid=self.people[number].uid)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=4, max_size=24))
def test_l7_what_is_merged_comes_apart_exactly_as_the_plain_model_says(
    sqlite: Database, taken: list[tuple[Any, ...]]
) -> None:
    with Session(sqlite.engine, expire_on_commit=False) as session:
        world = World(session)
        history = table_of(customers.StageTransition).select().order_by("id")
        before = session.connection().execute(history).all()

        for step in taken:
            world.take(step)
            assert world.named() == world.model.names
            visible = {row.id for row in customers.listing(session, OPERATOR, Page(first=100)).rows}
            assert {n for n, row in enumerate(world.people) if row.id in visible} == set(
                range(PEOPLE)
            ) - world.model.gone

        assert session.connection().execute(history).all()[: len(before)] == before


def test_every_column_that_names_a_customer_moves_or_stays_for_a_reason() -> None:
    tables = migrations.metadata().tables.values()
    customer = migrations.metadata().tables["customer"].c.id
    all_of_them = {key.parent for table in tables for key in table.foreign_keys if key.column is customer}

    moving = set(merging.naming())

    assert {column.table.name for column in all_of_them - moving} == set(merging.STAYS)
    for column in moving:
        assert merging.key_in(column) is not None


def test_whoever_was_merged_is_found_as_the_one_who_stayed_until_it_is_undone(session: Session) -> None:
    gone = a_customer(session, name="Gone", source="crm", external_id="17", stage=Stage.CLIENT)
    stays = a_customer(session, name="Stays", source="crm", external_id="18")
    by_crm = Reference(source="crm", external_id="17")

    done = merging.merge(session, OPERATOR, by_crm, Reference(uid=stays.uid))

    found = customers.named(session, OPERATOR, by_crm)
    assert (found.name, found.stage) == ("Stays", Stage.SUSPECT)
    assert customers.named(session, OPERATOR, Reference(uid=gone.uid)).uid == stays.uid
    assert customers.by_uids(session, OPERATOR, [gone.uid]) == []
    assert [merging.former_name(each) for each in merging.merges_of(found, OPERATOR)] == ["Gone"]
    assert merging.merges_of(found, a_viewer(session, role=Role.CUSTOMER, customer=found)) == []
    said = some_feedback(session, OPERATOR, customer=gone)
    again = merging.unmerge(session, OPERATOR, done.merge.uid).customer
    assert (again.uid, again.name, again.stage) == (gone.uid, "Gone", Stage.CLIENT)
    here = customers.named(session, OPERATOR, Reference(uid=stays.uid))
    assert [row.uid for row in feedback.of_customer(here, OPERATOR, Page()).rows] == [said.uid]


def test_customers_of_one_house_or_of_no_steward_are_not_merged(session: Session) -> None:
    house = a_customer(session)
    room = a_customer(session, parent=house.uid)

    for gone, stays, refusal in (
        (house, room, Invalid),
        (house, house, Invalid),
    ):
        with pytest.raises(refusal):
            merging.merge(session, OPERATOR, Reference(uid=gone.uid), Reference(uid=stays.uid))
    with pytest.raises(NotFound):
        merging.merge(session, OPERATOR, Reference(source="x", external_id="y"), Reference(uid=house.uid))
    with pytest.raises(NotAllowed):
        merging.merge(session, a_viewer(session), Reference(uid=room.uid), Reference(uid=house.uid))
    steward = a_viewer(session, role=Role.STEWARD)
    assert merging.merge(session, steward, Reference(uid=room.uid), Reference(uid=house.uid)).customer.uid == house.uid


def test_s1_past_days_of_a_segment_stay_as_they_were_through_merges(session: Session) -> None:
    gone, stays = a_customer(session), a_customer(session)
    segment = segments.create(session, OPERATOR, {"name": "Friends"})
    segments.add(session, OPERATOR, segment, gone)
    member = table_of(segments.SegmentMembership)

    def of(moment: Any) -> set[int]:
        held = select(member.c.customer_id).where(segments.at(moment))
        return set(session.connection().execute(held).scalars())

    before = session.connection().execute(select(member.c.since)).scalar_one()
    done = merging.merge(session, OPERATOR, Reference(uid=gone.uid), Reference(uid=stays.uid)).merge
    assert (of(before), of(done.at), of(None)) == ({gone.id}, {stays.id}, {stays.id})
    undone = merging.unmerge(session, OPERATOR, done.uid).merge

    assert undone.undone_at is not None
    assert [of(each) for each in (before, done.at, undone.undone_at, None)] == [
        {gone.id},
        {stays.id},
        {gone.id},
        {gone.id},
    ]
