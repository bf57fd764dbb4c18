import os
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, get_named_type, parse, type_from_ast
from graphql.language import ListValueNode, ObjectValueNode, VariableNode

from frontend import asking, examples
from schema.documents import Unacceptable
from schema.root import SCHEMA
from tests.documents import blocks
from tests.schema.plans.both import World
from tests.schema.plans.filling import filled

IS_LONG = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
OTHERS = ("EMPLOYEE", "STEWARD", "LEADER") if IS_LONG else ()
ROLES = ("ADMIN", "CUSTOMER", "NOBODY", *OTHERS)
TURNS = 3 if IS_LONG else 1
TRIES = 12
"""How often values are made up for an administrator until they are such that the document can be answered by its plan."""

UNPLANNED = {"api/schema": "it asks for the schema itself"}
"""The queries of the product that no plan is made for, and why."""


def queries() -> Iterator[tuple[str, str]]:
    for name in asking.names():
        yield name, asking.document(name)
    for key, example in examples.all_of_them().items():
        yield f"example {key}", example.document
    for page in ("integrators", "live", "story"):
        for number, block in enumerate(each for each in blocks(page) if each.language == "graphql"):
            yield f"docs {page} {number}", block.text


def operation_of(source: str) -> OperationDefinitionNode:
    return next(each for each in parse(source).definitions if isinstance(each, OperationDefinitionNode))


QUERIES = {name: source for name, source in queries() if operation_of(source).operation.value == "query"}


def handed(field: FieldNode) -> set[str]:
    """The variables in a field's arguments, however deep in its input objects they stand."""
    waiting: list[Any] = [each.value for each in field.arguments or ()]
    found = set[str]()
    while waiting:
        match waiting.pop():
            case VariableNode() as variable:
                found.add(variable.name.value)
            case ObjectValueNode() as value:
                waiting += [each.value for each in value.fields]
            case ListValueNode() as several:
                waiting += several.values
    return found


def about(operation: OperationDefinitionNode, variable: str) -> str:
    """The type that a root field answers to which a variable is handed."""
    assert SCHEMA.query_type is not None
    for field in operation.selection_set.selections:
        if isinstance(field, FieldNode) and variable in handed(field) and not field.name.value.startswith("__"):
            return str(get_named_type(SCHEMA.query_type.fields[field.name.value].type))
    return ""


def variables_for(world: World, source: str, chance: random.Random) -> dict[str, Any]:
    operation = operation_of(source)
    return {
        each.variable.name.value: filled(
            world,
            chance,
            type_from_ast(SCHEMA, each.type),
            each.variable.name.value,
            about(operation, each.variable.name.value),
        )
        for each in operation.variable_definitions or ()
        if each.default_value is None or chance.random() < 0.5
    }


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_of_the_product_is_planned_and_answers_what_the_stock_executor_answers(
    name: str, world: World
) -> None:
    source, chance = QUERIES[name], random.Random(name)
    planned, needless = set[str](), set[str]()
    for role in ROLES:
        for turn in range(TRIES if role == "ADMIN" else TURNS):
            if turn >= TURNS and (role in planned or name in UNPLANNED):
                break
            variables = variables_for(world, source, chance)
            with suppress(Unacceptable):
                stock = world.run(source, world.viewers[role], variables, plans=False, trusted=True)
                plan = world.run(source, world.viewers[role], variables, plans=True, trusted=True)

                assert plan.told == stock.told, (role, variables)
                assert (plan.heard, plan.looked, plan.bug) == (stock.heard, stock.looked, stock.bug)
                if plan.is_planned:
                    planned.add(role)
                elif not stock.errors:
                    needless.add(role)

    assert not (planned if name in UNPLANNED else needless)
    assert planned or name in UNPLANNED


def test_what_is_not_planned_is_known() -> None:
    assert set(QUERIES) >= UNPLANNED.keys()
