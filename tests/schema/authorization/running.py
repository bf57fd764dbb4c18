"""Runs cells through the schema, many in one operation, and takes back whatever they did."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

from graphql import get_named_type
from sqlalchemy import Connection
from sqlmodel import Session

from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.search.index import Index
from schema import execution
from schema.context import Context
from schema.documents import Unacceptable
from schema.limits import Limits
from schema.root import SCHEMA
from tests.schema.authorization.cells import Cell
from tests.schema.authorization.inputs import given
from tests.schema.authorization.rules import DONE, NO_SCOPE, NOT_ALLOWED, NOT_FOUND, UNTIMELY, expected, mutation_of
from tests.schema.authorization.world import Thing, World, a_world

OUTCOMES = {"NOT_FOUND": NOT_FOUND, "NOT_ALLOWED": NOT_ALLOWED, "INVALID": UNTIMELY, "CONFLICT": UNTIMELY}
REFUSED = {"INSUFFICIENT_SCOPE": NO_SCOPE}
BATCH = 25
"""How many go into one operation; nobody may write more comments than thirty at once."""
LIMITS = Limits(cost=20_000, aliases=2 * BATCH, root_fields=BATCH)
NOTHING = Thing()


@cache
def document(verb: str, times: int) -> str:
    """The same mutation so many times, each with an input of its own."""
    assert SCHEMA.mutation_type is not None
    name = mutation_of(verb)
    field = SCHEMA.mutation_type.fields[name]
    input = get_named_type(field.args["input"].type).name
    rows = " results { errors { code } }" if name == "verifyEntries" else ""
    variables = ", ".join(f"$i{number}: {input}!" for number in range(times))
    asked = " ".join(f"a{number}: {name}(input: $i{number}) {{ errors {{ code }}{rows} }}" for number in range(times))
    return f"mutation ({variables}) {{ {asked} }}"


def outcome_of(payload: Mapping[str, Any]) -> str:
    """What a payload says came of it: of several entries at once, of the first."""
    rows = payload.get("results") or ()
    errors = [*payload["errors"], *(error for row in rows for error in row["errors"])]
    return OUTCOMES[errors[0]["code"]] if errors else DONE


class Matrix:
    """Runs cells in one transaction, each batch of them in a savepoint that is taken back.

    A batch is one verb by one person on entries of which no two are the same, so that its cells do not meet; one that comes to
    something else than it should is tried again by itself.
    """

    def __init__(self, connection: Connection, index: Index, world: World) -> None:
        self._connection = connection
        self._index = index
        self._world = world

    def outcomes(self, wanted: Iterable[Cell]) -> Iterator[tuple[Cell, str]]:
        """What the code makes of each cell."""
        alike: dict[object, list[Cell]] = defaultdict(list)
        for cell in wanted:
            alike[cell.verb, self._world.viewer(cell)].append(cell)
        for cells in alike.values():
            rest = iter(cells)
            while batch := list(islice(rest, BATCH)):
                for cell, found in zip(batch, self._run(batch), strict=True):
                    is_sure = found in expected(cell) or len(batch) == 1
                    yield cell, found if is_sure else self._run([cell])[0]

    def _run(self, batch: list[Cell]) -> list[str]:
        verb, viewer = batch[0].verb, self._world.viewer(batch[0])
        variables = {f"i{number}": self._input(cell) for number, cell in enumerate(batch)}
        try:
            source = document(verb, len(batch))
            operation = execution.prepare(source, variables=variables, viewer=viewer, limits=LIMITS)
        except Unacceptable as refused:
            return [REFUSED[refused.errors[0]["extensions"]["code"]]] * len(batch)
        with self._connection.begin_nested() as savepoint:
            data = self._answer(operation, viewer, variables, batch)
            savepoint.rollback()
        return [outcome_of(data[f"a{number}"]) for number in range(len(batch))]

    def _answer(self, operation: Any, viewer: Viewer, variables: Mapping[str, Any], batch: list[Cell]) -> Any:
        with Session(self._connection, join_transaction_mode="create_savepoint") as session:
            answer = execution.run(operation, Context(session, viewer, self._index), variables)
        assert answer.bug is None, (batch, answer.bug)
        assert answer.data is not None, (batch, answer.errors)
        return answer.data

    def _input(self, cell: Cell) -> Mapping[str, Any]:
        return given(self._world, self._world.things.get((cell.kind, cell.state, cell.audience), NOTHING), cell)


@contextmanager
def matrix(database: Database, index: Index, wanted: Iterable[Cell]) -> Iterator[Matrix]:
    with database.engine.connect() as connection, connection.begin() as everything:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            world = a_world(session, wanted)
            session.commit()
        yield Matrix(connection, index, world)
        everything.rollback()


def compared(found: Matrix, wanted: Iterable[Cell]) -> tuple[Counter[str], list[str]]:
    """How many cells came to what, and those that came to something else than they should."""
    counted, wrong = Counter[str](), []
    for cell, outcome in found.outcomes(wanted):
        counted[outcome] += 1
        if outcome not in expected(cell):
            wrong.append(f"{cell} came to {outcome!r}, not {sorted(expected(cell))}")
    return counted, wrong
