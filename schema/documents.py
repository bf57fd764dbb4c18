"""Documents as they were read once: within bounds, valid or not, and what their operations ask for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    validate,
)
from graphql.language import FragmentSpreadNode, InlineFragmentNode

from knowledge.people import Act, Viewer
from schema.limits import Limits, OverLimit, Weight, longest_list, read, weigh
from schema.plans import Plans
from schema.root import FIELDS, SCHEMA

COMPUTED = frozenset({"preview", "difference", "differenceByName"})
"""Fields that render or compare whole texts, wherever they stand."""

WEIGHED = 64
"""For how many sizes of its variables the weight of an operation is kept."""

FEW, SHORT = 32, 1_000
"""Of how many variables, and how many letters in their names, the sizes are kept."""

SENT = 128
"""How many documents that were sent are kept: one of a thousand tokens takes some 300 kB, and its plans come on top."""

Sizes = tuple[tuple[str, int | float | None, int], ...]


class Unacceptable(Exception):
    """The operation is refused before anything of it runs; `status` is the HTTP status of a well-formed request."""

    def __init__(self, errors: Sequence[Mapping[str, Any]], status: int = 400) -> None:
        super().__init__(errors[0]["message"])
        self.errors = [dict(error) for error in errors]
        self.status = status


@dataclass(frozen=True, eq=False)
class Chosen:
    """One operation of a document, and what is the same whenever it runs."""

    document: "Document"
    node: OperationDefinitionNode

    @cached_property
    def kind(self) -> str:
        """Query, mutation or subscription."""
        return self.node.operation.value

    @cached_property
    def called(self) -> str | None:
        """Its own name."""
        return self.node.name.value if self.node.name else None

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Its root fields."""
        return tuple(_roots(self.document.node, self.node))

    @cached_property
    def is_needy(self) -> bool:
        """Whether a root field needs somebody who may do something; whoever has the link of a survey need not be known."""
        return any(FIELDS.get(name) not in (None, Act.SURVEYS_ANSWER) for name in self.roots)

    @cached_property
    def acts(self) -> frozenset[Act]:
        """The acts that its root fields need, and so the scopes of a token."""
        return frozenset(act for name in self.roots if isinstance(act := FIELDS.get(name), Act))

    @cached_property
    def plans(self) -> Plans:
        """How it is run breadth first."""
        return Plans(SCHEMA, self.document.node, self.node)

    def missing(self, viewer: Viewer) -> list[str]:
        """The scopes that root fields need and the viewer's token was not given."""
        return [] if viewer.scopes is None else sorted(act.value for act in self.acts - viewer.scopes)


@dataclass(frozen=True, eq=False)
class Document:
    """What was sent as one text."""

    node: DocumentNode
    limits: Limits
    operations: dict[str | None, Chosen] = field(default_factory=dict)
    weights: dict[tuple[str | None, Sizes], Weight] = field(default_factory=dict)

    @cached_property
    def faults(self) -> tuple[dict[str, Any], ...]:
        """All that is wrong with it, as the caller is told."""
        errors = validate(SCHEMA, self.node, max_errors=20)
        return tuple({**error.formatted, "extensions": {"code": "VALIDATION"}} for error in errors)

    @cached_property
    def named(self) -> frozenset[str]:
        """The names of all fields that stand anywhere in it."""
        waiting: list[Any] = [each.selection_set for each in self.node.definitions if hasattr(each, "selection_set")]
        found: set[str] = set()
        while waiting:
            for selection in waiting.pop().selections:
                if isinstance(selection, FieldNode):
                    found.add(selection.name.value)
                if getattr(selection, "selection_set", None) is not None:
                    waiting.append(selection.selection_set)
        return frozenset(found)

    @cached_property
    def renders(self) -> bool:
        """Whether it anywhere asks for what is computed over whole texts."""
        return not COMPUTED.isdisjoint(self.named)

    @cached_property
    def looks_inside(self) -> bool:
        """Whether it asks for the schema itself."""
        return any(
            name in {"__schema", "__type"}
            for each in self.node.definitions
            if isinstance(each, OperationDefinitionNode)
            for name in _roots(self.node, each)
        )

    def weight(self, name: str | None, variables: Mapping[str, Any]) -> Weight:
        """How heavy an operation is with these variables, of which only the sizes of pages and lists matter; raises `OverLimit`."""
        key = name, tuple((each, _number(value), longest_list([value])) for each, value in variables.items())
        weight = self.weights.get(key)
        if weight is None:
            weight = weigh(self.node, SCHEMA, name, variables, self.limits)
            if len(variables) <= FEW and sum(map(len, (name or "", *variables))) <= SHORT:  # anybody can send others
                if len(self.weights) >= WEIGHED:
                    self.weights.clear()
                self.weights[key] = weight
        return weight

    def chosen(self, name: str | None) -> Chosen:
        """The operation of this name, or the only one; raises `Unacceptable`."""
        if name not in self.operations:
            chosen = Chosen(self, self._named(name))  # raises for any but those that are there
            self.operations[name] = chosen
        return self.operations[name]

    def _named(self, name: str | None) -> OperationDefinitionNode:
        operations = [each for each in self.node.definitions if isinstance(each, OperationDefinitionNode)]
        if name is not None:
            operations = [each for each in operations if each.name is not None and each.name.value == name]
        if len(operations) == 1:
            return operations[0]
        if not operations:
            said = f"There is no operation called {name}." if name else "The document has no operation."
            raise Unacceptable([failing(said, "BAD_REQUEST")])
        raise Unacceptable([failing("The document has several operations: say which by operationName.", "BAD_REQUEST")])


def failing(message: str, code: str, **more: Any) -> dict[str, Any]:
    """One top-level error."""
    return {"message": message, "extensions": {"code": code, **more}}


def documented(source: str, limits: Limits, *, own: bool = False) -> Document:
    """A document within bounds, kept for when it comes again, the product's own apart; raises `Unacceptable`."""
    try:
        return _own(source, limits) if own else _parsed(source, limits)
    except OverLimit as over:
        raise Unacceptable([failing(str(over), "LIMIT_EXCEEDED")]) from None
    except GraphQLSyntaxError as fault:
        raise Unacceptable([{**fault.formatted, "extensions": {"code": "SYNTAX"}}]) from None
    except RecursionError:
        raise Unacceptable([failing("The document is nested too deeply.", "LIMIT_EXCEEDED")]) from None


@lru_cache(maxsize=SENT)
def _parsed(source: str, limits: Limits) -> Document:
    return Document(read(source, limits), limits)


@lru_cache(maxsize=512)
def _own(source: str, limits: Limits) -> Document:
    return Document(read(source, limits), limits)


def _roots(document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[str]:
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    waiting, seen = list(operation.selection_set.selections), set[str]()
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            waiting += selection.selection_set.selections
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            seen.add(selection.name.value)
            if fragment := fragments.get(selection.name.value):
                waiting += fragment.selection_set.selections


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
