"""Documents of which a test spells out only what it is about."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from knowledge.search.index import Document, Index, Label, Reach
from knowledge.words import Audience, Kind

EVERYTHING = Reach(everything=True)

MakeDocument: TypeAlias = Callable[..., Document]
Find: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def a_document() -> MakeDocument:
    numbers = count(1)

    def make(title: str, body: str = "", **facts: Any) -> Document:
        moment = facts.get("updated_at", datetime(2026, 3, 1, tzinfo=UTC))
        facts["tags"] = tuple(
            tag if isinstance(tag, Label) else Label(tag.replace(" ", "-"), tag) for tag in facts.get("tags", ())
        )
        usual: dict[str, Any] = {
            "uid": UUID(int=next(numbers)),
            "revision": 1,
            "kind": Kind.GUIDE,
            "audience": Audience.EMPLOYEES,
            "updated_at": moment,
            "published_at": moment,
        }
        return Document(title=title, body=body, **{**usual, **facts})

    return make


@pytest.fixture
def find(index: Index) -> Find:
    """Fills the index, then answers the titles that a query finds, best first."""

    def found(query: str, *documents: Document, reach: Reach = EVERYTHING, **arguments: Any) -> list[str]:
        index.apply(documents, (), "1")
        titles = {document.uid: document.title for document in documents}
        return [titles[hit.uid] for hit in index.search(query, reach, **arguments).hits]

    return found
