"""What a plan carries with it while it runs, and how it gives up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import GraphQLNamedType, GraphQLSchema, default_type_resolver
from graphql.execution.values import VariableValues
from graphql.pyutils import UndefinedType, is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.context import Context
from schema.nodes import shapes_of


class Abandoned(Exception):
    """The plan met what it was not made for; nothing need be wrong with the operation."""


class Unplanned(Abandoned):
    """There is no plan for this operation, and there will be none."""


@dataclass(frozen=True, slots=True)
class Told:
    """What resolvers ask of an operation, for all fields alike; whoever asks for more makes the plan give up."""

    context: Context
    schema: GraphQLSchema
    field_name: str = ""


@dataclass(slots=True)
class Run:
    """One run of a plan: its variables, what resolvers are told, and which types were recognised so far."""

    info: Told
    variables: VariableValues
    known: dict[tuple[GraphQLNamedType, object], Any] = field(default_factory=dict)

    def told(self, field_name: str) -> Told:
        """What a resolver is told that wants to know which field it answers."""
        return replace(self.info, field_name=field_name)

    def check(self, kind: Any, rows: list[Any]) -> None:
        """Give up unless all rows are of this object type; rows of one shape are looked at once."""
        is_type_of = kind.is_type_of or _is_a_value
        for shape, row in dict(zip(shapes_of(rows), rows, strict=True)).items():
            found = self.known.get((kind, shape))
            if found is None:
                found = self.known[kind, shape] = is_type_of(row, self.info)
            if found is not True:
                raise Abandoned

    def types(self, kind: Any, rows: list[Any], field_name: str) -> list[str]:
        """The names of the object types that rows of an interface or a union are."""
        shapes = shapes_of(rows)
        names: dict[object, str] = {}
        for shape, row in dict(zip(shapes, rows, strict=True)).items():
            found = self.known.get((kind, shape))
            if found is None:
                found = self.known[kind, shape] = self._type(kind, row, field_name)
            names[shape] = found
        return [names[shape] for shape in shapes]

    def _type(self, kind: Any, row: Any, field_name: str) -> str:
        resolve: Callable[..., Any] = kind.resolve_type or default_type_resolver
        name = resolve(row, self.told(field_name), kind)
        if not isinstance(name, str) or _is_told_apart_by_value(self.info.schema.get_type(name)):
            raise Abandoned
        return name


def _is_a_value(row: object, _: Told) -> bool:
    """Whether the stock executor would take it for an object: it raises exceptions, waits for awaitables, and has its own nothing."""
    return not isinstance(row, BaseException | UndefinedType) and not is_awaitable(row)


def _is_told_apart_by_value(kind: GraphQLNamedType | None) -> bool:
    """Whether values of one class may be of several types: those of a generic one."""
    definition = ((kind.extensions if kind else None) or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(definition, "concrete_of", None) is not None
