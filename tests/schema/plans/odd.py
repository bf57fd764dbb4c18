"""A schema of its own whose rows hold whatever they like, and operations over it that are tried both ways."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from math import inf, nan
from types import SimpleNamespace
from typing import Any

import orjson
import strawberry
from graphql import ExecutionResult, OperationDefinitionNode, execute, parse
from graphql.pyutils import Undefined

from schema.fields import shown
from schema.plans import Plans


def odd(info: Any) -> Any:
    """The context, which is not the one that the product has."""
    return info.context


class ThingRow(SimpleNamespace):
    """What is a Thing."""


class OtherRow(SimpleNamespace):
    """What is an Other."""


@strawberry.enum
class Colour(Enum):
    """Its values are not its names."""

    RED = "r"
    GREEN = "g"


@strawberry.input
class Wanted:
    """All sorts of input."""

    colours: list[Colour] = strawberry.field(default_factory=lambda: [Colour.RED])
    word: strawberry.Maybe[str | None] = None
    number: int = 7


@strawberry.interface
class Named:
    """Known by class."""

    text: str | None

    @classmethod
    def resolve_type(cls, obj: Any, *_: Any) -> str:
        return {ThingRow: "Thing", OtherRow: "Other"}.get(type(obj), "Nothing")


def told(row: strawberry.Parent[Any], by: int = 3, word: str | None = "said", wanted: Wanted | None = None) -> str:
    return f"{by!r} {word!r} {wanted!r}"


@strawberry.type
class Thing(Named):
    """One of everything."""

    sure: str
    whole: int | None
    real: float | None
    truth: bool | None
    id: strawberry.ID | None
    when: datetime | None
    colour: Colour | None
    found: str | None = shown("Found.", lambda row, info: row.found + odd(info).word)
    told: str = strawberry.field(resolver=told)
    words: list[str | None] | None
    square: list[list[int]] | None
    things: list["Thing | None"] | None
    one: "Thing | None"
    named: list[Named] | None
    either: "Other | None"

    @classmethod
    def is_type_of(cls, obj: Any, *_: Any) -> bool:
        return isinstance(obj, ThingRow)


@strawberry.type
class Other(Named):
    """Something else."""

    sure: str
    whole: int | None

    @classmethod
    def is_type_of(cls, obj: Any, *_: Any) -> bool:
        return isinstance(obj, OtherRow)


@strawberry.type
class Query:
    """Where it starts."""

    thing: Thing | None = shown("The thing.", lambda _, info: odd(info).thing)
    things: list[Thing] | None = shown("Two of it.", lambda _, info: [odd(info).thing, odd(info).thing])


ODD = strawberry.Schema(query=Query, types=[Thing, Other])._schema

SOURCES = (
    "{ thing { sure } }",
    "{ thing { whole } }",
    "{ thing { real } }",
    "{ things { whole colour either { sure __typename } } }",
    "{ thing { text sure whole real truth id when colour found words square __typename } }",
    "{ z: thing { b: text a: whole c: sure } things { text } a: thing { one { sure } things { sure whole } } }",
    "{ thing { one { text } ...F one { whole ... on Thing { sure one { text } } } } } fragment F on Thing { one { real one { real } } }",
    "{ thing { named { __typename text ... on Thing { whole sure } ... on Other { number: whole } ... on Named { again: text } } } }",
    "{ thing { things { things { text } words } square either { whole } named { text } } }",
    "query ($s: Boolean!) { thing { text @skip(if: $s) whole @include(if: $s) one @skip(if: $s) { text } ... @include(if: $s) { sure } } }",
    "query ($by: Int = 5, $word: String) { thing { a: told b: told(by: $by) c: told(word: $word) d: told(by: 1, word: null) } }",
    "query ($w: Wanted, $c: Colour = GREEN) { thing { a: told(wanted: $w) b: told(wanted: { colours: [$c], word: null }) "
    "c: told(wanted: { number: 1 }) } }",
)
ODDITIES: tuple[Any, ...] = (
    None,
    Undefined,
    ValueError("odd"),
    2**31,
    -(2**31) - 1,
    nan,
    inf,
    1.0,
    1.5,
    True,
    0,
    "",
    "text",
    b"x",
    (),
    [],
    {},
    "r",
)


@dataclass
class Tried:
    """How often a plan answered, how often it gave up, and what it answered otherwise than the stock executor."""

    planned: int
    given_up: int
    differences: list[str]


def a_thing(chance: random.Random, oddity: float, depth: int = 0) -> Any:
    """A row with everything, some of which is odd."""

    def perhaps(value: Any) -> Any:
        if chance.random() >= oddity:
            return value
        return None if chance.random() < 0.3 else chance.choice(ODDITIES)

    def below() -> Any:
        return perhaps(a_thing(chance, oddity, depth + 1) if depth < 3 and chance.random() < 0.7 else None)

    other = OtherRow(text=perhaps("o"), sure=perhaps("other"), whole=perhaps(9))
    row = ThingRow(
        text=perhaps(chance.choice(["a", "b", None])), sure=perhaps("sure"), whole=perhaps(chance.randrange(9))
    )
    row.real, row.truth, row.id, row.found = perhaps(0.5), perhaps(True), perhaps("id"), perhaps("f")
    row.when, row.colour = perhaps(datetime(2026, 1, 1, tzinfo=UTC)), perhaps(chance.choice([*Colour]))
    row.words, row.square = (
        perhaps([perhaps("w"), None, *"xyz"[: chance.randrange(3)]]),
        perhaps([[1], [], [2, perhaps(3)]]),
    )
    row.things = perhaps(chance.choice([None, [], [below(), None, below()]]))
    row.one, row.either = below(), perhaps(chance.choice([other, None]))
    if chance.random() < oddity:
        row.either = ThingRow(**vars(other))
    row.named = perhaps(
        chance.choice([None, [], [other, perhaps(ThingRow(**{**vars(row), "text": "t"})), perhaps(other)]])
    )
    if chance.random() < oddity:
        del row.__dict__[chance.choice([*row.__dict__])]
    return row


def variables_of(chance: random.Random) -> Iterator[tuple[str, Any]]:
    known: dict[str, list[Any]] = {
        "s": [True, False],
        "by": [1, None, 2**31],
        "word": ["x", None],
        "w": [None, {"word": "x"}, {"colours": ["GREEN", "RED"]}, {"number": "no"}],
        "c": ["RED", None],
    }
    for name, values in known.items():
        if name == "s" or chance.random() < 0.6:
            yield name, chance.choice(values)


def tried(rounds: int) -> Tried:
    """All sources over as many worlds, the later the odder."""
    chance, found = random.Random(4), Tried(0, 0, [])
    documents = [parse(source) for source in SOURCES]
    plans = [Plans(ODD, each, next(_operations(each))) for each in documents]
    for number in range(rounds):
        context: Any = SimpleNamespace(thing=a_thing(chance, 0.1 * number / rounds), word="!")
        for source, document, plan in zip(SOURCES, documents, plans, strict=True):
            _compare(source, document, plan, context, dict(variables_of(chance)), found)
    return found


def _compare(source: str, document: Any, plan: Plans, context: Any, variables: dict[str, Any], found: Tried) -> None:
    stock = execute(ODD, document, context_value=context, variable_values=variables)
    assert isinstance(stock, ExecutionResult)
    try:
        data = plan.run(context, variables)
    except Exception:
        found.given_up += 1
        if not stock.errors:
            found.differences.append(f"gave up for nothing: {source} {context} {variables}")
        return
    found.planned += 1
    if stock.errors or orjson.dumps(data, default=repr) != orjson.dumps(stock.data, default=repr):
        found.differences.append(f"{source} {variables}\n{data}\n{stock}")


def _operations(document: Any) -> Iterator[OperationDefinitionNode]:
    return (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
