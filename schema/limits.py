"""Bounds on one operation, found in one pass before validation; each fragment is looked at once, however often it is spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    parse,
)
from graphql.language import IntValueNode, ListValueNode, ObjectValueNode, ValueNode, VariableNode
from graphql.type import GraphQLField, GraphQLList, GraphQLNonNull

from schema.introspection import is_standard

OBJECT, SEARCH, MUTATION, INTROSPECTION = 1, 5, 10, 50
STEPS = 150
"""How many selection sets may lie within one another before the pass itself gives up; far beyond any depth that is allowed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one operation may be; the server hands in its settings."""

    characters: int = 20_000
    tokens: int = 1_000
    depth: int = 20
    aliases: int = 15
    directives: int = 20
    root_fields: int = 20
    fields: int = 2_000
    page: int = 100
    default_page: int = 20
    inputs: int = 250
    cost: int = 5_000


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavy an operation is, with every fragment counted wherever it is spread.

    `cost` is of the operation that is asked for, everything else the most over the document, as all of it is validated.
    `inputs` is the longest list among arguments and variables; an `exempt` operation is within any limit.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    fields: int = 0
    cost: int = 0
    inputs: int = 0
    exempt: bool = False


class OverLimit(Exception):
    """The document is more than `limit` allows; the text is fit for the caller."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit
        self.extensions = {"code": self.code, "limit": limit}


class Sum(NamedTuple):
    """What a selection set comes to: `roots` are its own fields, `each` is what every item of a connection costs."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0
    fields: int = 0
    cost: int = 0
    each: int = 0

    def and_also(self, other: "Sum") -> "Sum":
        depth, aliases, directives, roots, fields, cost, each = self
        return Sum(
            max(other[0], depth),
            aliases + other[1],
            directives + other[2],
            roots + other[3],
            fields + other[4],
            cost + other[5],
            each + other[6],
        )


NOTHING = Sum()


def read(source: str, limits: Limits) -> DocumentNode:
    """Parse a document; raises `OverLimit` before spending more on it than its limits allow, else graphql-core's syntax error."""
    if len(source) > limits.characters:
        raise OverLimit("characters", f"The document is longer than {limits.characters:,} characters.")
    try:
        return parse(source, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as fault:
        if "Document contains more than" in fault.message:
            raise OverLimit("tokens", f"The document has more than {limits.tokens:,} tokens.") from None
        if "nested too deeply" in fault.message:
            raise OverLimit("depth", "The document is nested too deeply.") from None
        raise


def weigh(
    document: DocumentNode,
    schema: GraphQLSchema,
    operation_name: str | None,
    variables: Mapping[str, Any],
    limits: Limits,
) -> Weight:
    """Weigh a parsed document that need not be valid: what it does not know weighs nothing, and cycles are left to validation.

    An object costs 1, a scalar nothing; the items of a connection count once for each that its page may hold, the root
    field `search` costs 5 and a mutation 10. Time and memory grow with the document as written. Raises `OverLimit` only
    for what is nested beyond following.
    """
    return Scales(document, schema, operation_name, variables, limits).weight()


def check(weight: Weight, limits: Limits, cost_limit: int) -> None:
    """Raise `OverLimit` for the first bound that the weight exceeds."""
    if weight.exempt:
        return
    for limit, found, allowed, said in (
        ("depth", weight.depth, limits.depth, "Fields are nested {} deep; {} is the most."),
        ("aliases", weight.aliases, limits.aliases, "There are {} aliases; {} are the most."),
        ("directives", weight.directives, limits.directives, "There are {} directives; {} are the most."),
        ("root_fields", weight.root_fields, limits.root_fields, "There are {} root fields; {} are the most."),
        ("fields", weight.fields, limits.fields, "There are {} fields, fragments spread out; {} are the most."),
        ("inputs", weight.inputs, limits.inputs, "A list has {} items; {} are the most."),
        ("cost", weight.cost, cost_limit, "The operation costs {}; {} is the most."),
    ):
        if found > allowed:
            raise OverLimit(limit, said.format(f"{found:,}" if found < 10**9 else "over a billion", f"{allowed:,}"))


class Scales:
    """The pass over one document; `steps` counts the selections that it looked at."""

    def __init__(
        self,
        document: DocumentNode,
        schema: GraphQLSchema,
        operation_name: str | None,
        variables: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        definitions = document.definitions
        self.document = document
        self.operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
        self.fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        self.chosen = [each for each in self.operations if operation_name in (None, each.name and each.name.value)]
        self.schema, self.limits = schema, limits
        self.variables = {**self.defaults(), **variables}
        self.known: dict[str, Sum] = {}
        self.following: set[str] = set()
        self.longest = longest_list(list(variables.values()))
        self.steps = 0

    def defaults(self) -> dict[str, Any]:
        definitions = [each for operation in self.chosen for each in operation.variable_definitions or ()]
        return {each.variable.name.value: each.default_value for each in definitions}

    def weight(self) -> Weight:
        """The weight of the operation that is asked for, within its document."""
        if is_standard(self.document):
            return Weight(cost=INTROSPECTION, exempt=True)
        operations = [(each, self.operation(each)) for each in self.operations]
        sums = [each for _, each in operations] + [self.fragment(name, 0) for name in self.fragments]
        return Weight(
            depth=max((each.depth for each in sums), default=0),
            aliases=max((each.aliases for each in sums), default=0),
            directives=max((each.directives for each in sums), default=0),
            root_fields=max((each.roots for _, each in operations), default=0),
            fields=max((each.fields for each in sums), default=0),
            cost=max((each.cost for operation, each in operations if operation in self.chosen), default=0),
            inputs=self.longest,
        )

    def operation(self, node: OperationDefinitionNode) -> Sum:
        on_variables = sum(len(each.directives or ()) for each in node.variable_definitions or ())
        directives = Sum(directives=len(node.directives or ()) + on_variables)
        return directives.and_also(self.selections(node.selection_set, self.schema.get_root_type(node.operation), 0))

    def selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None, level: int) -> Sum:
        if level > STEPS:
            raise OverLimit("depth", f"Fields are nested far deeper than {self.limits.depth}.")
        total = NOTHING
        for selection in node.selections:
            self.steps += 1
            if selection.directives:
                total = total.and_also(Sum(directives=len(selection.directives)))
            match selection:
                case FieldNode():
                    total = total.and_also(self.field(selection, parent, level))
                case InlineFragmentNode(type_condition=condition):
                    narrowed = self.schema.get_type(condition.name.value) if condition else parent
                    total = total.and_also(self.selections(selection.selection_set, narrowed, level + 1))
                case FragmentSpreadNode():
                    total = total.and_also(self.fragment(selection.name.value, level + 1))
        return total

    def fragment(self, name: str, level: int) -> Sum:
        """What a fragment comes to, found when it is first met; nothing if it is unknown or contains itself."""
        node = self.fragments.get(name)
        if node is None or name in self.following:
            return NOTHING
        if name not in self.known:
            self.following.add(name)
            condition = self.schema.get_type(node.type_condition.name.value)
            inside = self.selections(node.selection_set, condition, level)
            self.known[name] = inside.and_also(Sum(directives=len(node.directives or ())))
            self.following.remove(name)
        return self.known[name]

    def field(self, node: FieldNode, parent: GraphQLNamedType | None, level: int) -> Sum:
        name, definition = node.name.value, defined(self.schema, parent, node.name.value)
        below = NOTHING
        if node.selection_set:
            kind = get_named_type(definition.type) if definition else None
            below = self.selections(node.selection_set, kind, level + 1)
        if node.arguments:
            self.longest = max(self.longest, longest_list(arguments(node)))
        cost = self.own(name, parent, is_object=node.selection_set is not None) + below.cost
        if below.each:
            cost += self.page(node) * below.each
        if cost:
            cost *= self.repeated(node, definition, parent)
        is_item = name in {"edges", "nodes"} and is_connection(parent)
        return Sum(
            below.depth + 1,
            below.aliases + (node.alias is not None),
            below.directives,
            1,
            below.fields + 1,
            0 if is_item else cost,
            cost if is_item else 0,
        )

    def own(self, name: str, parent: GraphQLNamedType | None, *, is_object: bool) -> int:
        """What a field costs by itself. An edge is no object of its own: it only carries its node."""
        if parent is not None and parent is self.schema.mutation_type:
            return MUTATION
        if parent is not None and parent is self.schema.query_type and name == "search":
            return SEARCH
        return OBJECT if is_object and not (name == "edges" and is_connection(parent)) else 0

    def page(self, node: FieldNode) -> int:
        """How many items a connection may answer; what the resolver refuses anyway is held to the largest page."""
        asked = [self.number(each.value) for each in node.arguments or () if each.name.value in {"first", "last"}]
        return max((each for each in asked if each is not None), default=self.limits.default_page)

    def number(self, value: Any) -> int | None:
        if isinstance(value, VariableNode):
            value = self.variables.get(value.name.value)
        if isinstance(value, IntValueNode):
            value = int(value.value) if len(value.value) < 10 else self.limits.page
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(min(max(value, 0), self.limits.page)) if value == value else 0  # noqa: PLR0124 - not a number

    def repeated(self, node: FieldNode, definition: GraphQLField | None, parent: GraphQLNamedType | None) -> int:
        """How often a plain list repeats what is below it, as far as the document tells: once for each key that is handed in."""
        if definition is None or not is_list(definition):
            return 1
        if parent is not None and parent.name.startswith("__"):
            return self.limits.default_page
        values = [
            self.variables.get(each.name.value) if isinstance(each, VariableNode) else each for each in arguments(node)
        ]
        return max([1, *(longest_list([each]) for each in values)])


def arguments(node: FieldNode) -> list[ValueNode]:
    return [each.value for each in node.arguments or ()]


def defined(schema: GraphQLSchema, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    """The field that a name means on a type, the ones for introspection included; nothing if there is none."""
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return schema.get_field(parent, name)
    return None


def is_connection(kind: GraphQLNamedType | None) -> bool:
    return isinstance(kind, GraphQLObjectType) and kind.name.endswith("Connection") and "pageInfo" in kind.fields


def is_list(definition: GraphQLField) -> bool:
    kind = definition.type
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def longest_list(values: Sequence[Any]) -> int:
    """The length of the longest list in arguments as written or variables as sent, at any depth."""
    waiting, longest = [*values], 0
    while waiting:
        value = waiting.pop()
        match value:
            case ListValueNode(values=items):
                waiting += items
                longest = max(longest, len(items))
            case ObjectValueNode(fields=fields):
                waiting += [each.value for each in fields]
            case list():
                waiting += value
                longest = max(longest, len(value))
            case dict():
                waiting += value.values()
    return longest
