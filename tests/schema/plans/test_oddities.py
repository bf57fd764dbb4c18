from collections.abc import Callable
from typing import Any

import pytest
from graphql.execution.values import get_variable_values

from schema.plans import compiling, leaves, running, values
from tests.schema.plans.odd import tried


def test_whatever_rows_hold_a_plan_answers_as_the_stock_executor_does_or_gives_up() -> None:
    found = tried(300)

    assert not [each for each in found.differences if not each.startswith("gave up")][:3]
    assert found.planned > 500
    assert found.given_up > 100


def test_a_plan_does_not_give_up_where_nothing_is_odd() -> None:
    assert tried(1).differences == []


maker, below, switched = compiling._maker, compiling.Plan.below, compiling.Plans._plan


def without_defaults(schema: Any, definitions: Any, given: Any) -> Any:
    found = get_variable_values(schema, definitions, given)
    if isinstance(found, list):
        return found
    return found._replace(coerced={key: value for key, value in found.coerced.items() if key in given})


def keeping_the_first(self: compiling.Plans, _: Any, variables: Any) -> compiling.Plan:
    return switched(self, (), variables)


def empty_for_null(complete: Any) -> Any:
    whole = listed(complete)
    return lambda run, rows: [[] if each is None else each for each in whole(run, rows)]


def only_the_first(complete: Any) -> Any:
    def completed(run: Any, rows: Any) -> Any:
        present = [row for row in rows if row is not None]
        done = complete(run, present[:1]) if present else []
        return [None if row is None else done[0] for row in rows]

    return completed


listed = compiling._listed
BREAKAGES: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "nulls are not looked for": (compiling, "_present", lambda complete: complete),
    "a type is taken for another": (
        compiling.Plan,
        "below",
        lambda self, _, group: below(self, self.schema.get_type("Thing"), group),
    ),
    "fields are in alphabetical order": (compiling, "_maker", lambda keys: maker(tuple(sorted(keys)))),
    "aliases are swapped": (compiling, "_maker", lambda keys: maker(keys[::-1])),
    "merged fields are lost": (compiling.Plan, "below", lambda self, kind, group: below(self, kind, group[:1])),
    "variables of @skip do not matter": (compiling.Plans, "_plan", keeping_the_first),
    "null is an empty list": (compiling, "_listed", empty_for_null),
    "all rows are the first": (compiling, "_once", only_the_first),
    "enums by their values": (leaves, "_named", lambda _: lambda __, column: [each and each.value for each in column]),
    "whole numbers have no bound": (leaves, "_QUICK", {**leaves._QUICK, "Int": lambda found, _: found == {int}}),  # type: ignore[dict-item]
    "floats need not be finite": (leaves, "_QUICK", {**leaves._QUICK, "Float": lambda found, _: found == {float}}),  # type: ignore[dict-item]
    "texts may be anything": (leaves, "_QUICK", {**leaves._QUICK, "String": lambda *_: True}),  # type: ignore[dict-item]
    "exceptions are values": (leaves, "_coerced", lambda coerce, value: str(value)),
    "types are not checked": (running.Run, "check", lambda *_: None),
    "defaults of variables are ignored": (compiling, "get_variable_values", without_defaults),
    "variables are constants": (values, "_is_constant", lambda *_: True),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_breakage_is_found(breakage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, wrong = BREAKAGES[breakage]
    monkeypatch.setattr(module, name, wrong)

    assert [each for each in tried(150).differences if not each.startswith("gave up")]
