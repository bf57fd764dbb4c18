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
TURNS = 2
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


def about(operation: OperationDefinitionNode, variable: str) -> str:
    """The type that a root field answers to which a variable is handed."""
    assert SCHEMA.query_type is not None
    for field in operation.selection_set.selections:
        if isinstance(field, FieldNode):
            handed = [each.value.name.value for each in field.arguments or () if isinstance(each.value, VariableNode)]
            if variable in handed and not field.name.value.startswith("__"):
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
    for role in ("ADMIN", *ROLES):
        for _ in range(TURNS):
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
