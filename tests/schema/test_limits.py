from typing import Any

import pytest
from graphql import GraphQLSyntaxError, build_schema, get_introspection_query, parse

from schema import limits
from schema.limits import Limits, OverLimit, Scales, Weight

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type PageInfo { hasNextPage: Boolean! }
    type Person implements Node { id: ID! name: String! boss: Person entries(first: Int, last: Int): EntryConnection! }
    type Entry implements Node { id: ID! title: String! author: Person tags: [String!]! related(first: Int): EntryConnection! }
    type EntryEdge { cursor: String! node: Entry! }
    type EntryConnection { edges: [EntryEdge!]! nodes: [Entry!]! pageInfo: PageInfo! totalCount: Int! }
    type Query {
      me: Person
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      entries(first: Int, last: Int, filter: Filter): EntryConnection!
      search(query: String!, first: Int): EntryConnection!
    }
    input Filter { tags: [String!] }
    type Payload { entry: Entry }
    type Mutation { createEntry(title: String): Payload! publish(ids: [ID!]): Boolean }
    """
)


def scales(source: str, name: str | None = None, variables: dict[str, Any] | None = None) -> Scales:
    return Scales(parse(source), SCHEMA, name, variables or {}, Limits())


def weigh(source: str, name: str | None = None, variables: dict[str, Any] | None = None) -> Weight:
    return limits.weigh(parse(source), SCHEMA, name, variables or {}, Limits())


def cost(source: str, variables: dict[str, Any] | None = None) -> int:
    return weigh(source, variables=variables).cost


def bomb(levels: int, spreads: int = 2) -> str:
    chain = (f"fragment F{level} on Query{{{f'...F{level + 1} ' * spreads}}}" for level in range(levels))
    return "{...F0}" + "".join(chain) + f"fragment F{levels} on Query{{me{{name}}}}"


def test_an_operation_is_weighed() -> None:
    weight = weigh("query Q @a { me { name boss @b { n: name ... on Person { boss { name } } } } again: me { id } }")

    assert weight == Weight(depth=4, aliases=2, directives=2, root_fields=2, fields=8, cost=4)


def test_directives_count_wherever_they_stand() -> None:
    source = "query Q($a: Int @a) @b { me @c { ...F @d ... @e { id } } } fragment F on Person @f { id @g }"

    assert weigh(source).directives == 7


def test_fragments_count_wherever_they_are_spread() -> None:
    weight = weigh(
        "{ a: me { ...F } b: me { ...F } ...Q } fragment F on Person { x: name boss { id } } fragment Q on Query { me { id } }"
    )

    assert weight == Weight(depth=3, aliases=4, root_fields=3, fields=10, cost=5)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{ me { name } }", 1),
        ("{ me { name boss { name boss { id } } } }", 3),
        ("{ entries { totalCount } }", 1),
        ("{ entries { pageInfo { hasNextPage } } }", 2),
        ("{ entries { nodes { title } } }", 1 + 20),
        ("{ entries(first: 3) { nodes { title } } }", 1 + 3),
        ("{ entries(last: 3) { edges { cursor node { title author { name } } } } }", 1 + 3 * 2),
        ("{ entries(first: 3) { ...C } } fragment C on EntryConnection { nodes { author { name } } }", 1 + 3 * 2),
        ("{ entries(first: 3) { ... { nodes { title } } totalCount } }", 1 + 3),
        ("{ entries(first: 3) { nodes { related(first: 5) { nodes { title } } } } }", 1 + 3 * (1 + 1 + 5)),
        ("{ entries(first: 100000000000000000000) { nodes { title } } }", 1 + 100),
        ("{ entries(first: -5) { nodes { title } } }", 1),
        ('{ entries(first: "x") { nodes { title } } }', 1 + 20),
        ('{ search(query: "x") { nodes { title } } }', 5 + 20),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 3),
        ("mutation { createEntry { entry { author { name } } } }", 10 + 2),
        ("mutation { publish a: publish }", 20),
    ],
)
def test_cost_counts_objects_and_pages(source: str, expected: int) -> None:
    assert cost(source) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"n": 7}, 8),
        ({"n": 7.0}, 8),
        ({"n": None}, 21),
        ({"n": True}, 21),
        ({"n": "7"}, 21),
        ({"n": [7]}, 21),
        ({"n": 10**400}, 101),
        ({"n": float("inf")}, 101),
        ({"n": float("nan")}, 1),
        ({"n": -1}, 1),
        ({}, 31),
    ],
)
def test_pages_may_be_variables(variables: dict[str, Any], expected: int) -> None:
    assert cost("query ($n: Int = 30) { entries(first: $n) { nodes { id } } }", variables) == expected


def test_keys_in_a_variable_repeat_what_is_asked_of_each() -> None:
    assert cost("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a"] * 40}) == 40


def test_cost_is_of_the_operation_that_is_asked_for() -> None:
    source = "query A { me { id } } query B { entries { nodes { id } } }"

    assert weigh(source, "A").cost == 1
    assert weigh(source, "B").cost == 21
    assert weigh(source).cost == 21
    assert weigh(source, "C").cost == 0


def test_what_is_not_asked_for_is_bounded_as_well() -> None:
    weight = weigh(
        "query A { me { id } } query B { a: me { b: boss { id } } } fragment F on Person { boss { boss { boss { boss { id } } } } }",
        "A",
    )

    assert (weight.aliases, weight.depth, weight.cost) == (2, 5, 1)


def test_the_longest_list_is_found_in_arguments_and_variables() -> None:
    assert weigh('{ entries(filter: {tags: ["a", "b", "c"]}) { totalCount } }').inputs == 3
    assert weigh("{ me { id } }", variables={"input": {"rows": [{"tags": ["a"] * 300}]}}).inputs == 300


@pytest.mark.parametrize("spreads", [2, 3])
def test_a_bomb_of_fragments_is_looked_at_once(spreads: int) -> None:
    bombed = scales(bomb(30, spreads))

    weight = bombed.weight()

    assert bombed.steps == 1 + 30 * spreads + 2
    assert weight.fields == 2 * spreads**30
    assert weight.cost == spreads**30
    assert weight.depth == 2


def test_a_bomb_of_700_bytes_is_refused() -> None:
    source = bomb(22)
    assert len(source) < 1000

    with pytest.raises(OverLimit) as over:
        limits.check(weigh(source), Limits(), 5_000)

    assert over.value.limit == "root_fields"


@pytest.mark.parametrize(
    "source",
    [
        "{ ...A } fragment A on Query { ...A me { id } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A ...B me { id } }",
        "{ ...A } " + " ".join(f"fragment {name} on Query {{ ...A ...B ...C ...D me {{ id }} }}" for name in "ABCD"),
    ],
)
def test_cycles_end(source: str) -> None:
    cyclic = scales(source)

    weight = cyclic.weight()

    assert weight.cost >= 1
    assert cyclic.steps < source.count("...") * 2 + 20


def test_every_fragment_is_followed_once_even_if_all_spread_all() -> None:
    names = [f"F{number}" for number in range(25)]
    source = "{...F0}" + "".join(
        f"fragment {name} on Query{{{' '.join(f'...{each}' for each in names)} me{{id}}}}" for name in names
    )
    tangled = scales(source)

    tangled.weight()

    assert tangled.steps == 1 + 25 * (25 + 2)


@pytest.mark.parametrize(
    "source",
    [
        "{ nothing { is { here } } }",
        "{ ...Unknown }",
        "{ me { ... on Nobody { name { x } } } }",
        "{ me { ...F } } fragment F on Nothing { entries(first: 3) { nodes { id } } }",
        "fragment F on Person { id }",
        "mutation { nothing }",
        "subscription { me { id } }",
        "{ entries { nodes { id { x } } pageInfo } }",
        "{ entries(first: $missing, first: 3) { nodes } }",
        "type Query { a: Int }",
        '{ __typename me { __typename } __type(name: "Entry") { name } }',
        "{ me { } }",
    ],
)
def test_what_is_unknown_or_wrong_is_left_to_validation(source: str) -> None:
    assert weigh(source).cost < 100


def test_three_thousand_aliases_are_counted_and_refused() -> None:
    aliased = scales("{" + "".join(f"a{number}:me{{id}}" for number in range(3000)) + "}")

    weight = aliased.weight()

    assert (weight.aliases, weight.root_fields, aliased.steps) == (3000, 3000, 6000)
    with pytest.raises(OverLimit, match="3,000 aliases; 15 are the most"):
        limits.check(weight, Limits(), 5_000)


def test_what_is_nested_beyond_following_is_refused() -> None:
    with pytest.raises(OverLimit) as over:
        weigh("{" + "a{" * 170 + "b" + "}" * 171)

    assert over.value.limit == "depth"


def test_a_long_chain_of_fragments_is_refused_rather_than_followed() -> None:
    with pytest.raises(OverLimit):
        weigh(bomb(300, 1))


@pytest.mark.parametrize(
    ("weight", "limit"),
    [
        (Weight(depth=21), "depth"),
        (Weight(aliases=16), "aliases"),
        (Weight(directives=21), "directives"),
        (Weight(root_fields=21), "root_fields"),
        (Weight(fields=2001), "fields"),
        (Weight(inputs=251), "inputs"),
        (Weight(cost=1001), "cost"),
        (Weight(cost=10**900), "cost"),
    ],
)
def test_each_bound_is_named(weight: Weight, limit: str) -> None:
    with pytest.raises(OverLimit) as over:
        limits.check(weight, Limits(), 1000)

    assert over.value.extensions == {"code": "LIMIT_EXCEEDED", "limit": limit}
    assert len(str(over.value)) < 100


def test_what_is_just_within_its_bounds_passes() -> None:
    heaviest = Weight(depth=20, aliases=15, directives=20, root_fields=20, fields=2000, cost=1000, inputs=250)

    limits.check(heaviest, Limits(), 1000)


@pytest.mark.parametrize(
    "source",
    [
        get_introspection_query(),
        get_introspection_query(descriptions=False),
        get_introspection_query(type_depth=7),
        get_introspection_query(
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        ),
    ],
)
def test_the_standard_introspection_query_passes_whatever_the_limits(source: str) -> None:
    weight = weigh(source)

    limits.check(weight, Limits(depth=0, aliases=0, directives=0, root_fields=0, fields=0), 0)

    assert weight.exempt
    assert weight.cost > 0


@pytest.mark.parametrize(
    "source",
    [
        get_introspection_query().replace("__schema", "x: __schema"),
        get_introspection_query().replace("__schema", "me { name } __schema"),
        get_introspection_query().replace("ofType", "fields { name } ofType"),
        get_introspection_query() + bomb(10).replace("{...F0}", "query B {...F0}"),
        get_introspection_query() + " fragment Unused on Query { me { id } }",
        "{" + "...S" * 600 + "} fragment S on Query { __schema { queryType { name } } }",
        "{ ...S } fragment S on Query { ...S __schema { queryType { name } } }",
    ],
)
def test_what_only_looks_like_introspection_is_weighed(source: str) -> None:
    assert not weigh(source).exempt


def test_introspection_of_ones_own_is_charged_for_its_lists() -> None:
    assert cost("{ __schema { all: types { fields { type { name } } } } }") == 1 + 20 * (1 + 20 * (1 + 1))


def test_documents_are_read() -> None:
    assert limits.read("{ me { id } }", Limits()).definitions


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("{" + " " * 20_000 + "a }", "characters"),
        ("{" + "a " * 1_000 + "}", "tokens"),
        ("#\n" * 1_001 + "{ a }", "tokens"),
        ('{ a(b: "' + "x" * 20_000 + '") }', "characters"),
    ],
)
def test_documents_too_long_are_refused_unread(source: str, limit: str) -> None:
    with pytest.raises(OverLimit) as over:
        limits.read(source, Limits())

    assert over.value.limit == limit


def test_nesting_that_the_parser_cannot_follow_is_a_limit_too() -> None:
    with pytest.raises(OverLimit) as over:
        limits.read("{a" * 4_000, Limits(tokens=100_000))

    assert over.value.limit == "depth"


def test_what_is_no_graphql_stays_a_syntax_error() -> None:
    with pytest.raises(GraphQLSyntaxError):
        limits.read("{ me ", Limits())
