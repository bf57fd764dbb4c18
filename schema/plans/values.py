"""How a plan finds the values of one field for all rows of a level: by attribute, by function, or as the schema says."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    default_field_resolver,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from knowledge.database import Page, column
from schema.plans.leaves import Column
from schema.plans.running import Abandoned, Run
from schema.root import API

Values = Callable[[Run, Column], Column]
Arguments = Callable[[Run], Mapping[str, Any]]


def values_of(definition: GraphQLField, node: FieldNode) -> Values:
    """The way to the values of a field as it is asked for; gives up where Strawberry would do more than call a function."""
    field = (definition.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if field is None or getattr(definition.resolve, "__module__", "") != GraphQLCoreConverter.__module__:
        return _plain(definition, node)
    assert isinstance(field, StrawberryField)
    if field.extensions or field.is_async:
        raise Abandoned
    if field.base_resolver is None:
        name = field.python_name
        return lambda _, rows: column(rows, name)
    resolver = field.base_resolver.wrapped_func
    if (found := getattr(resolver, "found", None)) is not None:
        return _found(found)
    if (listed := getattr(resolver, "listed", None)) is not None:
        return _listed(listed, _converted(field, definition, node))
    return _resolved(field, _converted(field, definition, node))


def _found(found: Callable[[Any, Any], Any]) -> Values:
    def values(run: Run, rows: Column) -> Column:
        info = run.info
        return [found(row, info) for row in rows]

    return values


def _listed(listed: Callable[[Any, Any, Page], Any], arguments: Arguments) -> Values:
    def values(run: Run, rows: Column) -> Column:
        info, page = run.info, Page(**arguments(run))
        return [listed(row, info, page) for row in rows]

    return values


def _resolved(field: StrawberryField, arguments: Arguments) -> Values:
    resolver: Any = field.base_resolver
    info = resolver.info_parameter
    parents = {each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each}
    call, stands_first = resolver.wrapped_func, bool(resolver.self_parameter)

    def values(run: Run, rows: Column) -> Column:
        named = dict(arguments(run))
        if info:
            named[info.name] = run.info
        if stands_first:
            return [call(row, **named) for row in rows]
        if parents:
            return [call(**named, **dict.fromkeys(parents, row)) for row in rows]
        return [call(**named) for _ in rows]

    return values


def _plain(definition: GraphQLField, node: FieldNode) -> Values:
    resolve: Callable[..., Any] = definition.resolve or default_field_resolver
    arguments = _coerced(definition, node)

    def values(run: Run, rows: Column) -> Column:
        named, info = arguments(run), run.told(node.name.value)
        return [resolve(row, info, **named) for row in rows]

    return values


def _converted(field: StrawberryField, definition: GraphQLField, node: FieldNode) -> Arguments:
    """The arguments as Strawberry hands them to a resolver."""
    coerced = _coerced(definition, node)
    registry = API.schema_converter.scalar_registry

    def convert(run: Run) -> Mapping[str, Any]:
        return convert_arguments(dict(coerced(run)), field.arguments, registry, API.config)

    return _once(convert) if _is_constant(definition, node) else convert


def _coerced(definition: GraphQLField, node: FieldNode) -> Arguments:
    if not definition.args:
        return lambda _: {}
    return lambda run: get_argument_values(definition, node, run.variables)


def _once(convert: Arguments) -> Arguments:
    kept: list[Mapping[str, Any]] = []

    def arguments(run: Run) -> Mapping[str, Any]:
        if not kept:
            kept.append(convert(run))
        return kept[0]

    return arguments


def _is_constant(definition: GraphQLField, node: FieldNode) -> bool:
    """Whether the arguments are the same in every run, and nothing that a resolver could change."""
    kinds = [get_named_type(each.type) for each in definition.args.values()]
    values = [each.value for each in node.arguments or ()]
    odd = (VariableNode, ListValueNode, ObjectValueNode)
    return all(map(is_leaf_type, kinds)) and not any(isinstance(value, odd) for value in values)


NO_VARIABLES = VariableValues({}, {})
