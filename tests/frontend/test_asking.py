"""The documents fit the printed schema."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate
from starlette.requests import Request

from frontend import asking, atom, attaching, examples, pages, sharing
from frontend.letters import leaving
from frontend.serving import Page
from frontend.tour import leading


@pytest.mark.parametrize("name", asking.names())
def test_every_document_is_valid(name: str, schema: GraphQLSchema) -> None:
    document = parse(asking.document(name))

    assert validate(schema, document) == []


@pytest.mark.parametrize("key", examples.EXAMPLES)
def test_every_example_of_the_explorer_is_valid(key: str, schema: GraphQLSchema) -> None:
    example = examples.all_of_them()[key]

    assert validate(schema, parse(example.document)) == []


def test_every_document_is_used_by_a_page_or_a_form() -> None:
    used = {page.name for page in pages.PAGES} | {act.name for act in pages.ACTS} | {"entries/preview", "entries/named"}
    used |= {pages.READER}
    used |= {feed.name for feed in atom.FEEDS} | {
        sharing.SHARED.name,
        *attaching.DOCUMENTS,
        leaving.DOCUMENT,
        leading.DOCUMENT,
    }

    assert set(asking.names()) == used


def test_every_page_has_its_template_beside_its_document() -> None:
    for page in pages.PAGES:
        assert Path(asking.FOLDER, page.template or f"{page.name}.html").exists(), page.name


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.path)
def test_a_page_gives_its_document_the_variables_that_it_declares(page: Page) -> None:
    operation = next(
        node for node in parse(asking.document(page.name)).definitions if isinstance(node, OperationDefinitionNode)
    )
    scope = {
        "type": "http",
        "path": page.path,
        "query_string": b"",
        "headers": [],
        "path_params": {"slug": "s", "id": "i", "token": "t", "step": "capabilities", "name": "n"},
    }

    given = page.variables(Request(scope))

    assert set(given) == {declared.variable.name.value for declared in operation.variable_definitions or ()}


def test_only_the_fragments_that_a_document_spreads_travel_with_it() -> None:
    source = asking.document("tags/tags")

    assert "fragment Frame" in source
    assert "fragment Said" not in source


def test_a_path_that_ends_early_holds_nothing() -> None:
    assert asking.dig({"entry": None}, "entry.slug") is None
    assert asking.told("{entry.title}", {"entry": {"title": "Kettle"}}) == "Kettle"


def test_what_goes_into_an_address_is_quoted() -> None:
    assert asking.placed("/feedback/{feedback.id}", {"feedback": {"id": "a/b?c"}}) == "/feedback/a%2Fb%3Fc"
