"""Compiles an operation into a plan: for each selection set the columns it is made of, and one comprehension that makes its objects."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    is_abstract_type,
    is_leaf_type,
    visit,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_variable_values

from schema.context import Context
from schema.plans.leaves import Column, Completer, leaf
from schema.plans.running import Abandoned, Run, Told, Unplanned
from schema.plans.values import NO_VARIABLES, values_of

Groups = Mapping[str, list[FieldDetails]]


WAYS = 16
"""How many plans one operation may have at a time; @include and @skip could ask for a thousand."""

COLUMNS = 2_000
"""How many columns one plan may have: a field below an interface has one for each type that is met there, at every level."""


class Plan:
    """One operation of a document, for one set of answers to its @skip and @include."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        switches: VariableValues = NO_VARIABLES,
    ) -> None:
        self.schema, self.operation, self.switches = schema, operation, switches
        self.columns = 0
        self.fragments = {
            each.name.value: FragmentDetails(each)
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        root = schema.get_root_type(operation.operation)
        assert root is not None
        self.root = self.selection(root, collect_fields(schema, self.fragments, switches, root, operation))

    def run(self, run: Run) -> dict[str, Any]:
        """The data of the answer; raises whatever goes wrong, `Abandoned` among it."""
        data: dict[str, Any] = self.root(run, [None])[0]
        return data

    def selection(self, kind: GraphQLObjectType, collected: CollectedFields) -> Completer:
        """Completes rows of one object type."""
        if collected.new_defer_usages:
            raise Abandoned
        groups: Groups = collected.grouped_field_set
        self.columns += len(groups)
        if self.columns > COLUMNS:
            raise Abandoned
        columns = [self.column(kind, group) for group in groups.values()]
        make = _maker(tuple(groups))

        def complete(run: Run, rows: Column) -> Column:
            return make(len(rows), *[column(run, rows) for column in columns])

        return complete

    def column(self, kind: GraphQLObjectType, group: list[FieldDetails]) -> Completer:
        """Finds and completes the values of one field for all rows of a level."""
        node = group[0].node
        if node.name.value == "__typename":
            return lambda _, rows: [kind.name] * len(rows)
        definition = self.schema.get_field(kind, node.name.value)
        if definition is None or node.name.value.startswith("__"):
            raise Abandoned
        values, complete = values_of(definition, node), self.completer(definition.type, group)
        return lambda run, rows: complete(run, values(run, rows))

    def completer(self, kind: GraphQLOutputType, group: list[FieldDetails]) -> Completer:
        """Completes a column of values of a type."""
        if isinstance(kind, GraphQLNonNull):
            return _present(self.completer(kind.of_type, group))
        if isinstance(kind, GraphQLList):
            return _listed(self.completer(kind.of_type, group))
        if is_leaf_type(kind):
            return leaf(kind)
        return _once(self.abstract(kind, group) if is_abstract_type(kind) else self.objects(kind, group))

    def objects(self, kind: Any, group: list[FieldDetails]) -> Completer:
        """Completes objects of a type that is known."""
        made: list[Completer] = []  # when the first is met: types may contain one another for ever

        def complete(run: Run, rows: Column) -> Column:
            if not made:
                made.append(self.below(kind, group))
            run.check(kind, rows)
            return made[0](run, rows)

        return complete

    def abstract(self, kind: Any, group: list[FieldDetails]) -> Completer:
        """Completes objects of an interface or a union, those of one type together."""
        made: dict[str, Completer] = {}

        def complete(run: Run, rows: Column) -> Column:
            names = run.types(kind, rows, group[0].node.name.value)
            objects: Column = [None] * len(rows)
            for name in dict.fromkeys(names):
                if name not in made:
                    made[name] = self.objects(self._possible(kind, name), group)
                places = [place for place, each in enumerate(names) if each == name]
                for place, found in zip(places, made[name](run, [rows[place] for place in places]), strict=True):
                    objects[place] = found
            return objects

        return complete

    def _possible(self, kind: GraphQLAbstractType, name: str) -> GraphQLObjectType:
        found = self.schema.get_type(name)
        if not isinstance(found, GraphQLObjectType) or not self.schema.is_sub_type(kind, found):
            raise Abandoned
        return found

    def below(self, kind: GraphQLObjectType, group: list[FieldDetails]) -> Completer:
        """Completes what is asked of this type below a field."""
        try:
            found = collect_subfields(self.schema, self.fragments, self.switches, self.operation, kind, group)
            return self.selection(kind, found)
        except Abandoned:
            raise Unplanned from None


def _present(complete: Completer) -> Completer:
    def completed(run: Run, values: Column) -> Column:
        if None in values:
            raise Abandoned
        return complete(run, values)

    return completed


def _listed(complete: Completer) -> Completer:
    """Lists are laid end to end, completed as one column, and cut again."""

    def completed(run: Run, values: Column) -> Column:
        if not {type(value) for value in values} <= _LISTS:
            values = [_sequence(value) for value in values]
        items = complete(run, [*chain.from_iterable(value for value in values if value is not None)])
        if len(values) == 1 and values[0] is not None:
            return [items]
        lists: Column = []
        place = 0
        for value in values:
            if value is None:
                lists.append(None)
                continue
            lists.append(items[place : place + len(value)])
            place += len(value)
        return lists

    return completed


_LISTS = {list, tuple, type(None)}


def _sequence(value: Any) -> Any:
    if value is None or isinstance(value, list | tuple):
        return value
    raise Abandoned


def _once(complete: Completer) -> Completer:
    """Nulls stay nulls, and what several rows have in common is completed once."""

    def completed(run: Run, values: Column) -> Column:
        different = {id(value): value for value in values}
        different.pop(id(None), None)
        if not different:
            return [None] * len(values)
        if len(different) == len(values):
            return complete(run, values)
        done = dict(zip(different, complete(run, [*different.values()]), strict=True))
        return [done.get(id(value)) for value in values]

    return completed


def _maker(keys: tuple[str, ...]) -> Callable[..., Column]:
    """A function of a number of rows and their columns that makes one object of each row."""
    if not keys:
        return lambda count: [{} for _ in range(count)]
    made: Callable[..., Column] = _comprehension(len(keys))(*keys)
    return made


@lru_cache(maxsize=512)
def _comprehension(count: int) -> Callable[..., Any]:
    """A function of as many keys, which answers the function above; its source is of numbered names alone."""
    keys, cells, columns = ([f"{letter}{place}" for place in range(count)] for letter in "kvc")
    pairs = ", ".join(f"{key}: {cell}" for key, cell in zip(keys, cells, strict=True))
    rows = "v0 in c0" if count == 1 else f"{', '.join(cells)} in zip({', '.join(columns)}, strict=True)"
    source = f"lambda {', '.join(keys)}: lambda _, {', '.join(columns)}: [{{{pairs}}} for {rows}]"
    return eval(source, {"__builtins__": {"zip": zip}})  # type: ignore[no-any-return]  # noqa: S307  # nothing of it was sent


class Plans:
    """The plans of one operation: one for each way in which its variables switch fields on and off."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.schema, self.document, self.operation = schema, document, operation
        self.switches = sorted(_switches(document))
        self.made: dict[tuple[Any, ...], Plan | None] = {}

    def run(self, context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the answer; raises `Unplanned` for what no plan is made for, and whatever goes wrong on the way."""
        found = get_variable_values(self.schema, self.operation.variable_definitions or (), dict(variables))
        if isinstance(found, list):
            raise Abandoned
        key = tuple(found.coerced.get(name) for name in self.switches)
        try:
            return self._plan(key, found).run(Run(Told(context, self.schema), found))
        except Unplanned:
            self.made[key] = None
            raise

    def _plan(self, key: tuple[Any, ...], variables: VariableValues) -> Plan:
        plan = self.made.get(key, ...)
        if plan is ...:  # several threads come here: what one makes another may let go at once
            plan = self._compiled(variables)
            for oldest in [*self.made][: len(self.made) - WAYS + 1]:
                self.made.pop(oldest, None)
            self.made[key] = plan
        if plan is None:
            raise Unplanned
        return plan

    def _compiled(self, variables: VariableValues) -> Plan | None:
        kept = [{name: each[name] for name in self.switches if name in each} for each in variables]
        try:
            return Plan(self.schema, self.document, self.operation, VariableValues(*kept))
        except Abandoned:
            return None


def _switches(document: DocumentNode) -> set[str]:
    """The variables that stand in directives."""
    found: set[str] = set()

    class Switches(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            found.update(each.value.name.value for each in node.arguments or () if isinstance(each.value, VariableNode))

    visit(document, Switches())
    return found
