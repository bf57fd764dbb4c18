"""Makes up values for the variables and arguments of operations: those that are there, those that are not, and some that cannot be."""

import random
from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)

from tests.schema.plans.both import World

MAKE: dict[str, Callable[[random.Random], Any]] = {
    "Int": lambda chance: chance.choice([1, 1, 2, 3, 5, 10, 30, 30, 0, 101, -1]),
    "Float": lambda chance: chance.choice([0.0, 0.5, 3.25]),
    "Boolean": lambda chance: chance.random() < 0.5,
    "DateTime": lambda chance: chance.choice(["2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"]),
    "Date": lambda chance: chance.choice(["2026-01-01", "2025-06-30"]),
    "JSON": lambda chance: chance.choice([1, "x", {"a": [1]}]),
}


def filled(world: World, chance: random.Random, kind: Any, name: str, about: str = "") -> Any:
    """A value of an input type for what is called `name`; `about` is the object type that an id is of, if that is known."""
    if isinstance(kind, GraphQLNonNull):
        return filled_for_certain(world, chance, kind.of_type, name, about)
    likely = 0.9 if name in {"after", "before", "first", "last"} else 0.1
    return None if chance.random() < likely else filled_for_certain(world, chance, kind, name, about)


def filled_for_certain(world: World, chance: random.Random, kind: Any, name: str, about: str) -> Any:
    match kind:
        case GraphQLList():
            return [filled(world, chance, kind.of_type, name, about) for _ in range(chance.randrange(3))]
        case GraphQLEnumType():
            return chance.choice([*kind.values])
        case GraphQLInputObjectType():
            return {
                key: filled(world, chance, each.type, key)
                for key, each in kind.fields.items()
                if is_required_input_field(each) or chance.random() < 0.2
            }
        case _ if kind.name == "ID":
            return an_id(world, chance, about)
        case _ if kind.name == "String":
            return a_text(world, chance, name, about)
    return MAKE[kind.name](chance)


def an_id(world: World, chance: random.Random, about: str) -> str:
    if chance.random() < 0.1:
        return chance.choice(["", "nothing", "RW50cnk6"])
    known = world.ids.get(about) or chance.choice([each for each in world.ids.values() if each])
    return chance.choice(known)


def a_text(world: World, chance: random.Random, name: str, about: str) -> str:
    if name == "slug":
        return chance.choice([*world.slugs.get(about.lower(), world.slugs["entry"]), "there-is-none"])
    if name in {"after", "before"}:
        return chance.choice(["", "bad", "WzFd", "WzIwMjYsMV0"])
    return chance.choice(world.texts)
