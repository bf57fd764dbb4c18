"""Makes up operations over the schema: nested, merged, in fragments, of interfaces and unions, with variables and directives."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)

from schema.root import SCHEMA
from tests.schema.plans.both import World
from tests.schema.plans.filling import filled

DEPTH = 4


@dataclass
class Operation:
    """One operation that was made up, with the values of its variables."""

    source: str
    variables: dict[str, Any]


@dataclass
class Maker:
    """Makes one operation."""

    world: World
    chance: random.Random
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    named: int = 0

    def operation(self) -> Operation:
        roots = [self.field(SCHEMA.query_type, 0) for _ in range(self.chance.choice([1, 1, 2, 3]))]
        head = f"query Made({', '.join(self.definitions)})" if self.definitions else "query Made"
        body = f"{head} {{ {' '.join(roots)} }}"
        return Operation("\n".join([body, *self.fragments]), self.variables)

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def new(self, letter: str) -> str:
        self.named += 1
        return f"{letter}{self.named}"

    def selection(self, kind: Any, depth: int) -> str:
        if is_abstract_type(kind):
            return self.of_several(kind, depth)
        made = [self.field(kind, depth) for _ in range(self.chance.choice([1, 2, 2, 3, 4, 6]))]
        if self.likely(0.2):
            made.append("__typename")
        if self.likely(0.15):
            made.append(made[0])  # the same once more: it is merged
        if self.likely(0.15):
            made.append(f"... on {kind.name}{self.switch()} {{ {self.field(kind, depth)} }}")
        if self.likely(0.1):
            name = self.new("F")
            self.fragments.append(f"fragment {name} on {kind.name} {{ {self.field(kind, depth)} }}")
            made += [f"...{name}{self.switch()}", f"...{name}"]
        return " ".join(made)

    def of_several(self, kind: Any, depth: int) -> str:
        possible = self.chance.sample(
            [*SCHEMA.get_possible_types(kind)], k=min(3, len(SCHEMA.get_possible_types(kind)))
        )
        made = [f"... on {each.name} {{ {self.selection(each, depth + 1)} }}" for each in possible if self.likely(0.8)]
        if hasattr(kind, "fields"):
            made += [self.field(kind, depth) for _ in range(3)]
        if kind.name == "SearchHit":
            made.append(f"... on Entry {{ title {self.field(SCHEMA.get_type('Entry'), depth)} }}")
        return " ".join([*made, "__typename"])

    def field(self, kind: Any, depth: int) -> str:
        known = dict(kind.fields)
        if depth >= DEPTH:
            known = {name: each for name, each in known.items() if is_leaf_type(get_named_type(each.type))} or known
        if depth > DEPTH + 3:
            return "__typename"
        hot = [name for name in ("nodes", "edges", "node", "title", "author", "tags", "entries") if name in known]
        name = self.chance.choice(hot if hot and self.likely(0.3) else [*known])
        definition = known[name]
        if not definition.args and self.likely(0.4):
            written = name
        else:
            written = f"{self.new('a')}: {name}{self.arguments(definition)}{self.switch()}"
        inner = get_named_type(definition.type)
        if is_composite_type(inner):
            written += f" {{ {self.selection(inner, depth + 1)} }}"
            if written.startswith(f"{name} "):  # plain names are merged with whatever else stands there
                written = f"{self.new('m')}: {written}"
                if self.likely(0.3):
                    alias = written.partition(":")[0]
                    written += f" {alias}: {name} {{ {self.selection(inner, depth + 1)} }}"
        return str(written)

    def arguments(self, definition: Any) -> str:
        about = str(get_named_type(definition.type))
        given = [
            f"{name}: {self.argument(each, name, about)}"
            for name, each in definition.args.items()
            if is_required_argument(each) or self.likely(0.35)
        ]
        return f"({', '.join(given)})" if given else ""

    def argument(self, argument: Any, name: str, about: str) -> str:
        if self.likely(0.4):
            return self.variable(argument.type, name, about)
        return written(filled(self.world, self.chance, argument.type, name, about), argument.type)

    def variable(self, kind: Any, name: str, about: str) -> str:
        called, value = self.new("v"), filled(self.world, self.chance, kind, name, about)
        default = ""
        if value is not None and self.likely(0.3):
            default = f" = {written(filled(self.world, self.chance, kind, name, about), kind)}"
        if not default or self.likely(0.5):
            self.variables[called] = value
        self.definitions.append(f"${called}: {kind}{default}")
        return f"${called}"

    def switch(self) -> str:
        if self.likely(0.9):
            return ""
        word, value = self.chance.choice(["include", "skip"]), self.likely(0.5)
        if self.likely(0.5):
            return f" @{word}(if: {str(value).lower()})"
        name = self.new("s")
        self.definitions.append(f"${name}: Boolean!")
        self.variables[name] = value
        return f" @{word}(if: ${name})"


def written(value: Any, kind: Any) -> str:
    """A value as it stands in a document."""
    if value is None:
        return "null"
    match kind:
        case GraphQLNonNull():
            return written(value, kind.of_type)
        case GraphQLList():
            return f"[{', '.join(written(each, kind.of_type) for each in value)}]"
        case GraphQLInputObjectType():
            return (
                "{"
                + ", ".join(f"{name}: {written(each, kind.fields[name].type)}" for name, each in value.items())
                + "}"
            )
        case GraphQLEnumType():
            return str(value)
    return json.dumps(value)
