"""Tells the standard introspection query, which tools send unasked, from queries that only look like it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_introspection_query,
    parse,
)

Tree: TypeAlias = dict[str, "Tree"]

SELECTIONS = 500
"""Twice what the fullest standard query has when its fragments are spread out."""


@lru_cache(maxsize=1)
def standard() -> Tree:
    """The fields of the fullest standard introspection query, each with those below it."""
    full = parse(
        get_introspection_query(
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        )
    )
    fragments = {each.name.value: each for each in full.definitions if isinstance(each, FragmentDefinitionNode)}
    [operation] = [each for each in full.definitions if isinstance(each, OperationDefinitionNode)]
    return tree(operation.selection_set, fragments)


def tree(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Tree:
    result: Tree = {"__typename": {}}
    for selection in node.selections:
        if isinstance(selection, FragmentSpreadNode):
            result |= tree(fragments[selection.name.value].selection_set, fragments)
        elif isinstance(selection, FieldNode):
            below = selection.selection_set
            result[selection.name.value] = tree(below, fragments) if below else {}
    return result


def is_standard(document: DocumentNode) -> bool:
    """Whether a document is one query for nothing but what the standard one asks for, in whichever version a client carries it."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not OperationType.QUERY or operations[0].variable_definitions:
        return False
    at_root = {name: below for name, below in standard().items() if name != "__typename"}  # a mere ping weighs nothing
    waiting: list[tuple[SelectionSetNode, Tree]] = [(operations[0].selection_set, at_root)]
    used, left = set[str](), SELECTIONS
    while waiting:
        node, expected = waiting.pop()
        for selection in node.selections:
            left -= 1
            below = beneath(selection, expected, fragments)
            if below is None or left < 0:
                return False
            waiting += below
            if isinstance(selection, FragmentSpreadNode):
                used.add(selection.name.value)
    return used == set(fragments)


def beneath(
    selection: SelectionNode, expected: Tree, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[tuple[SelectionSetNode, Tree]] | None:
    """What remains to be compared below a selection; nothing where the standard query has no such selection."""
    name = selection.name.value if isinstance(selection, FieldNode | FragmentSpreadNode) else ""
    if isinstance(selection, FieldNode) and name in expected and not selection.alias and not selection.directives:
        return [(selection.selection_set, expected[name])] if selection.selection_set else []
    if isinstance(selection, FragmentSpreadNode) and name in fragments and not selection.directives:
        return [(fragments[name].selection_set, expected)]
    return None
