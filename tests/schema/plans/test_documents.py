import os
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, get_named_type, parse, type_from_ast
from graphql.language import VariableNode

from frontend import asking, examples
from schema.documents import Unacceptable
from schema.root import SCHEMA
from tests.documents import blocks
from tests.schema.plans.both import World
from tests.schema.plans.filling import filled

ROLES = ("EMPLOYEE", "STEWARD", "LEADER", "ADMIN", "CUSTOMER", "NOBODY")
IS_LONG = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
TURNS = (*ROLES, *ROLES) if IS_LONG else ("CUSTOMER", "NOBODY")
"""Who asks after an administrator has, twice."""
UNPLANNED = {"api/schema": "it asks for the schema itself"}
"""The queries of the product that no plan is made for, and why."""
MEANT = {"customers/one": "Customer", "scores/one": "Survey", "scores/table": "Survey"}
"""What the id is of that a document is handed, where its root field does not tell."""


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


def about(operation: OperationDefinitionNode, variable: str) -> str:
    """The type that a root field answers to which a variable is handed."""
    assert SCHEMA.query_type is not None
    for field in operation.selection_set.selections:
        if isinstance(field, FieldNode):
            handed = [each.value.name.value for each in field.arguments or () if isinstance(each.value, VariableNode)]
            if variable in handed and not field.name.value.startswith("__"):
                return str(get_named_type(SCHEMA.query_type.fields[field.name.value].type))
    return ""


def variables_for(world: World, name: str, chance: random.Random) -> dict[str, Any]:
    operation = operation_of(QUERIES[name])
    return {
        each.variable.name.value: filled(
            world,
            chance,
            type_from_ast(SCHEMA, each.type),
            each.variable.name.value,
            MEANT.get(name) or about(operation, each.variable.name.value),
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
    for turn, role in enumerate(("ADMIN", "ADMIN", *TURNS, *["ADMIN"] * 10)):
        if turn >= 2 + len(TURNS) and planned:
            break  # the last turns are for those whose made-up variables were refused so far
        variables = variables_for(world, name, chance)
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
