"""Values of scalars and enums, a column at a time: one look at their types, and work only where a type needs it."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString
from graphql.pyutils import Undefined, is_awaitable

from schema.plans.running import Abandoned, Run

Column = list[Any]
Completer = Callable[[Run, Column], Column]

LARGEST = 2**31 - 1
SMALLEST = -(2**31)
NOTHING = type(None)
TEXTS, TRUTHS, WHOLES, FLOATS = {str}, {bool}, {int}, {float}


def leaf(kind: GraphQLLeafType) -> Completer:
    """Completes a column of one scalar or enum, nulls among it."""
    if isinstance(kind, GraphQLEnumType):
        return _named(kind)
    quick = _QUICK.get(kind.name) if kind in _STANDARD else None
    coerce = kind.coerce_output_value

    def complete(_: Run, values: Column) -> Column:
        found = set(map(type, values))
        found.discard(NOTHING)
        if not found or (quick is not None and quick(found, values)):
            return values
        return [None if value is None else _coerced(coerce, value) for value in values]

    return complete


def _texts(found: set[type], _: Column) -> bool:
    return found == TEXTS


def _truths(found: set[type], _: Column) -> bool:
    return found == TRUTHS


def _wholes(found: set[type], values: Column) -> bool:
    return found == WHOLES and all(value is None or SMALLEST <= value <= LARGEST for value in values)


def _floats(found: set[type], values: Column) -> bool:
    return found == FLOATS and all(value is None or isfinite(value) for value in values)


_STANDARD = (GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt, GraphQLFloat)
_QUICK: dict[str, Callable[[set[type], Column], bool]] = {
    "String": _texts,
    "ID": _texts,
    "Boolean": _truths,
    "Int": _wholes,
    "Float": _floats,
}


def _named(kind: GraphQLEnumType) -> Completer:
    coerce = kind.coerce_output_value
    names: dict[tuple[type, Any], str | None] = {(NOTHING, None): None}  # no more than there are names

    def complete(_: Run, values: Column) -> Column:
        try:
            return [names[type(value), value] for value in values]
        except KeyError:  # one that was not met before
            for value in values:
                if value is not None:
                    names[type(value), value] = _coerced(coerce, value)
            return [names[type(value), value] for value in values]

    return complete


def _coerced(coerce: Callable[[Any], Any], value: Any) -> Any:
    if value is Undefined or isinstance(value, Exception) or is_awaitable(value):
        raise Abandoned
    coerced = coerce(value)
    if coerced is None or coerced is Undefined:
        raise Abandoned
    return coerced
