from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

from schema import root

COMMITTED = Path(root.__file__).parent / "schema.graphql"


def test_committed_schema_is_the_one_that_runs() -> None:
    assert COMMITTED.read_text() == root.printed(), (
        "Run `loyalty schema print > schema/schema.graphql` and read the difference."
    )


def test_every_element_of_the_schema_is_described() -> None:
    missing = []
    for name, kind in build_schema(COMMITTED.read_text()).type_map.items():
        if name.startswith("__"):
            continue
        if not kind.description:
            missing.append(name)
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{value}" for value, each in kind.values.items() if not each.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            missing += [f"{name}.{field}" for field, each in kind.fields.items() if not each.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            missing += [
                f"{name}.{field}({argument})"
                for field, each in kind.fields.items()
                for argument, one in each.args.items()
                if not one.description
            ]

    assert missing == []


def test_every_root_field_says_which_act_it_needs() -> None:
    schema = root.SCHEMA
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    assert schema.subscription_type is not None
    fields = {**schema.query_type.fields, **schema.mutation_type.fields, **schema.subscription_type.fields}

    assert set(root.FIELDS) == set(fields)
    assert {name for name, needs in root.FIELDS.items() if needs is None} == {
        "viewer",
        "node",
        "nodes",
        "rateLimit",
        "shared",
        "digestLink",
        "leaveDigest",
    }
    for name, field in fields.items():
        needs = root.FIELDS[name]
        assert needs is None or needs.value in (field.description or ""), name


def test_names_that_other_programs_rely_on_are_there() -> None:
    schema = root.SCHEMA
    assert schema.query_type is not None
    assert schema.mutation_type is not None

    assert {"entry", "entries", "search", "suggest", "tags", "viewer", "node", "nodes", "rateLimit"} <= set(
        schema.query_type.fields
    )
    assert {
        "createEntry", "updateEntry", "submitEntry", "approveEntry", "publishEntry", "archiveEntry", "verifyEntry",
        "createFeedback", "postProgress", "createToken",
    } <= set(schema.mutation_type.fields)  # fmt: skip
