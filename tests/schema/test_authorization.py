"""The authorization matrix: every role, kind, state, audience and verb, compared with what the domain says of it."""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type
from sqlalchemy import Connection, update
from sqlmodel import Session

from knowledge import evidence, migrations
from knowledge.database import Database, table_of
from knowledge.entries import EntryRow, publishing, writing
from knowledge.entries.entry import Entry, Revision
from knowledge.feedback import FeedbackRow
from knowledge.people import OPERATOR, Viewer, groups
from knowledge.search.index import Index
from knowledge.words import Audience, Kind, RevisionState, Role, Stance, Status
from schema import execution
from schema.context import Context
from schema.execution import Unacceptable
from schema.limits import Limits
from schema.nodes import global_id
from schema.root import SCHEMA
from tests.factories import DETAILS, a_draft, a_group, a_viewer, an_entry, some_feedback
from tests.schema.authorization import (
    CURATORS,
    DIRECTION,
    DONE,
    NO_SCOPE,
    NOT_ALLOWED,
    NOT_FOUND,
    RULES,
    TOKENS,
    UNTIMELY,
    Cell,
    can_be,
    every_cell,
    expected,
    kinds_in_turn,
)

OUTCOMES = {"NOT_FOUND": NOT_FOUND, "NOT_ALLOWED": NOT_ALLOWED, "INVALID": UNTIMELY, "CONFLICT": UNTIMELY}
ELSEWHERE = frozenset(
    "createCustomer updateCustomer createFeedback createToken revokeToken revokeSignIn updateProfile "
    "takeGap answerGap awaitAnswer stopAwaiting setSynonyms".split()
)
"""Mutations on something else than entries."""


@dataclass(frozen=True)
class Thing:
    """An entry in a state, with what its verbs need."""

    id: str
    slug: str
    number: int
    link: str
    piece: str


@dataclass
class World:
    """People, and an entry of every kind in every state for every audience."""

    people: Mapping[str, Viewer]
    leading: Viewer
    group: UUID
    group_id: str
    item: FeedbackRow
    hub: EntryRow
    things: dict[tuple[Kind, str, Audience], Thing]

    def viewer(self, cell: Cell) -> Viewer:
        """Whoever has the role of a cell: what leaders write has a leader for its author."""
        if cell.role in TOKENS:
            return replace(self.viewer(replace(cell, role="author")), scopes=frozenset({TOKENS[cell.role]}))
        return self.leading if cell.role == "author" and cell.kind in DIRECTION else self.people[cell.role]


def a_world(session: Session, wanted: Iterable[Cell]) -> World:
    group = a_group(session)
    people = {
        "author": a_viewer(session, group=group),
        "owner": a_viewer(session, group=a_group(session)),
        "groupmate": a_viewer(session, group=group),
        "colleague": a_viewer(session, group=a_group(session)),
        "steward": a_viewer(session, role=Role.STEWARD),
        "leader": a_viewer(session, role=Role.LEADER),
        "admin": a_viewer(session, role=Role.ADMIN),
        "customer": a_viewer(session, role=Role.CUSTOMER),
        "stranger": Viewer(),
    }
    leading = a_viewer(session, role=Role.LEADER, group=group)
    group_id = next(global_id(row) for row in groups(session, OPERATOR) if row.uid == group.uid)
    hub = an_entry(session, OPERATOR, kind=Kind.GUIDE, title="Hub", audience=Audience.PUBLIC)
    world = World(people, leading, group.uid, group_id, some_feedback(session, OPERATOR), hub, {})
    for kind, state, audience in dict.fromkeys((cell.kind, cell.state, cell.audience) for cell in wanted):
        if can_be(kind, audience):
            world.things[kind, state, audience] = a_thing(session, world, kind, state, audience)
    return world


def a_thing(session: Session, world: World, kind: Kind, state: str, audience: Audience) -> Thing:
    author = world.leading if kind in DIRECTION else world.people["author"]
    named = {"audience_groups": [world.group]} if audience is Audience.GROUP else {}
    owner = world.people["owner"].uid
    row = a_draft(session, author, kind=kind, audience=audience, owner=owner, title=f"{kind} {state}", **named)
    piece = evidence.attach(session, OPERATOR, row, world.item, Stance.SUPPORTS)
    evidence.attach(session, OPERATOR, row, world.item, Stance.SUPPORTS, quote="valve")
    bring(session, author, row, state)
    session.flush()
    session.expunge_all()
    number = writing.latest_revision(session, session.get_one(Entry, row.id)).number
    return Thing(global_id(row), row.slug, number, global_id(world.hub), global_id(piece))


def bring(session: Session, author: Viewer, row: EntryRow, state: str) -> None:
    """Bring a draft into a state."""
    if state in {"in review", "changes requested"}:
        publishing.submit(session, author, row.uid)
    if state == "changes requested":
        publishing.request_changes(session, OPERATOR, row.uid, "Say when.")
    if state in {"published", "published, newer draft", "archived", "obsolete"}:
        publishing.publish(session, OPERATOR, row.uid)
    if state == "published, newer draft":
        writing.update(session, author, row.uid, 1, {"title": "Newer"})
    if state == "archived":
        publishing.archive(session, OPERATOR, row.uid)
    if state == "obsolete":
        execute(session, update(table_of(Entry)).where(table_of(Entry).c.id == row.id).values(status=Status.OBSOLETE))
    if state == "scheduled":
        entry, revision = table_of(Entry), table_of(Revision)
        execute(session, update(entry).where(entry.c.id == row.id).values(status=Status.SCHEDULED))
        execute(session, update(revision).where(revision.c.entry_id == row.id).values(state=RevisionState.SCHEDULED))


def execute(session: Session, statement: Any) -> None:
    session.flush()
    session.connection().execute(statement)
    session.expire_all()


Inputs = Callable[[World, Thing, Cell], Mapping[str, Any]]


def of_entry(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    return {"id": thing.id}


def a_new_one(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    named = [world.group_id] if cell.audience is Audience.GROUP else []
    details = {
        Kind.BEST_PRACTICE: "practice",
        Kind.INSIGHT: "insight",
        Kind.VISION: "vision",
        Kind.PRINCIPLE: "principle",
    }
    detail = {details[cell.kind]: DETAILS[cell.kind]} if cell.kind in details else {}
    return {"kind": cell.kind, "title": "New", "audience": cell.audience, "audienceGroups": named, **detail}


def a_link(world: World, thing: Thing, cell: Cell) -> Mapping[str, Any]:
    return {"from": {"id": thing.id}, "to": {"id": thing.link}, "kind": "RELATED"}


INPUTS: Mapping[str, Inputs] = {
    "createEntry": a_new_one,
    "updateEntry": lambda world, thing, cell: {"id": thing.id, "baseRevision": thing.number, "title": "Changed"},
    "requestChanges": lambda world, thing, cell: {"id": thing.id, "note": "Say when."},
    "linkEntries": a_link,
    "unlinkEntries": a_link,
    "attachEvidence": lambda world, thing, cell: {
        "entry": {"id": thing.id},
        "feedback": global_id(world.item),
        "stance": "CONTRADICTS",
    },
    "detachEvidence": lambda world, thing, cell: {"id": thing.piece},
    "postProgress": lambda world, thing, cell: {
        "initiative": {"id": thing.id}, "health": "ON_TRACK", "summary": "It goes well."},
}  # fmt: skip


def on_entries() -> set[str]:
    """The mutations that answer an entry, or name one."""
    assert SCHEMA.mutation_type is not None
    return {name for name in SCHEMA.mutation_type.fields if name not in ELSEWHERE}


@cache
def document(verb: str, times: int) -> str:
    """The same mutation so many times, each with an input of its own."""
    assert SCHEMA.mutation_type is not None
    input = get_named_type(SCHEMA.mutation_type.fields[verb].args["input"].type).name
    given = ", ".join(f"$i{number}: {input}!" for number in range(times))
    asked = " ".join(f"a{number}: {verb}(input: $i{number}) {{ errors {{ code message }} }}" for number in range(times))
    return f"mutation ({given}) {{ {asked} }}"


class Matrix:
    """Runs cells in one transaction, each batch of them in a savepoint that is taken back.

    What should be refused changes nothing, so that many of these go into one operation; what should be done has one of its own.
    """

    def __init__(self, connection: Connection, index: Index, world: World) -> None:
        self._connection = connection
        self._index = index
        self._world = world

    def outcomes(self, wanted: Iterable[Cell]) -> Iterator[tuple[Cell, str]]:
        """What the code makes of each cell."""
        alike: dict[object, list[Cell]] = defaultdict(list)
        for cell in wanted:
            if expected(cell) == {DONE}:
                yield cell, self._run([cell])[0]
            else:
                alike[cell.verb, self._viewer(cell)].append(cell)
        for refused in alike.values():
            rest = iter(refused)
            while batch := list(islice(rest, BATCH)):
                found = self._run(batch)
                if DONE in found:
                    found = [self._run([cell])[0] for cell in batch]
                yield from zip(batch, found, strict=True)

    def _viewer(self, cell: Cell) -> Viewer:
        return self._world.viewer(cell)

    def _run(self, batch: list[Cell]) -> list[str]:
        verb, viewer = batch[0].verb, self._viewer(batch[0])
        variables = {f"i{number}": self._input(cell) for number, cell in enumerate(batch)}
        try:
            source = document(verb, len(batch))
            operation = execution.prepare(source, variables=variables, viewer=viewer, limits=LIMITS)
        except Unacceptable as refused:
            return [REFUSED[refused.errors[0]["extensions"]["code"]]] * len(batch)
        with self._connection.begin_nested() as savepoint:
            with Session(self._connection, join_transaction_mode="create_savepoint") as session:
                answer = execution.run(operation, Context(session, viewer, self._index), variables)
            savepoint.rollback()
        assert answer.bug is None, (batch, answer.bug)
        assert answer.data is not None, (batch, answer.errors)
        return [_outcome(answer.data[f"a{number}"]["errors"]) for number in range(len(batch))]

    def _input(self, cell: Cell) -> Mapping[str, Any]:
        thing = self._world.things.get((cell.kind, cell.state, cell.audience), NOTHING)
        return INPUTS.get(cell.verb, of_entry)(self._world, thing, cell)


def _outcome(errors: list[Mapping[str, str]]) -> str:
    return OUTCOMES[errors[0]["code"]] if errors else DONE


BATCH = 40
LIMITS = Limits(cost=20_000, aliases=BATCH, root_fields=BATCH)
REFUSED = {"INSUFFICIENT_SCOPE": NO_SCOPE}
NOTHING = Thing("", "", 0, "", "")


@contextmanager
def matrix(database: Database, index: Index, wanted: Iterable[Cell]) -> Iterator[Matrix]:
    with database.engine.connect() as connection, connection.begin() as everything:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            world = a_world(session, wanted)
            session.commit()
        yield Matrix(connection, index, world)
        everything.rollback()


def comes_with_the_review_queue(cell: Cell) -> bool:
    """What curators see of what was answered or scheduled, and whether it can be submitted twice, is still to come."""
    unseen = cell.role in CURATORS and cell.state in {"scheduled", "changes requested", "published, newer draft"}
    again = cell.verb == "submitEntry" and cell.state in {"in review", "scheduled"}
    return again or (
        unseen and (cell.state != "published, newer draft" or cell.verb in {"publishEntry", "submitEntry"})
    )


def compared(found: Matrix, wanted: Iterable[Cell]) -> tuple[Counter[str], list[str]]:
    """How many cells came to what, and those that came to something else than they should."""
    counted, wrong = Counter[str](), []
    for cell, outcome in found.outcomes(wanted):
        counted[outcome] += 1
        if outcome not in expected(cell) and not comes_with_the_review_queue(cell):
            wrong.append(f"{cell} came to {outcome!r}, not {sorted(expected(cell))}")
    return counted, wrong


def test_every_mutation_on_entries_is_in_the_matrix() -> None:
    assert on_entries() == set(RULES)


def test_every_cell_comes_to_what_the_domain_says(sqlite: Database, index: Index) -> None:
    is_long = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
    wanted = list(every_cell() if is_long else kinds_in_turn())

    with matrix(sqlite, index, wanted) as found:
        counted, wrong = compared(found, wanted)

    print(f"{len(wanted)} cells: {dict(counted)}")  # noqa: T201  # the report of this test
    assert wrong == []
    assert counted.total() == len(set(wanted)) == len(wanted)


@pytest.mark.postgres
def test_a_sample_of_the_cells_comes_to_the_same_on_postgresql(
    request: pytest.FixtureRequest, empty: Callable[[str], str], index: Index
) -> None:
    wanted = random.Random(7).sample(list(kinds_in_turn()), 200)
    database = Database(empty("postgresql"))
    request.addfinalizer(database.close)
    migrations.upgrade(database)

    with matrix(database, index, wanted) as found:
        _, wrong = compared(found, wanted)

    assert wrong == []
