"""The real model, loaded once, and an index that understands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge.meaning.encoder import Encoder
from knowledge.meaning.understanding import Meaning
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document
from tests.knowledge.search.conftest import EVERYTHING, a_document

__all__ = ["a_document"]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def meaning(encoder: Encoder, tmp_path: Path) -> Meaning:
    return Meaning(tmp_path / "meaning", encoder)


@pytest.fixture
def index(tmp_path: Path, meaning: Meaning) -> Iterator[EmbeddedIndex]:
    index = EmbeddedIndex(tmp_path / "index", meaning=meaning)
    yield index
    index.close()


@pytest.fixture
def find(index: EmbeddedIndex, meaning: Meaning) -> Callable[..., list[str]]:
    """Fills the index and understands all of it, then answers the titles that a query finds, best first."""

    def found(query: str, *documents: Document, **arguments: object) -> list[str]:
        index.apply(documents, (), "1")
        learn(index, meaning, *documents)
        titles = {document.uid: document.title for document in documents}
        reach = arguments.pop("reach", EVERYTHING)
        return [titles[hit.uid] for hit in index.search(query, reach, **arguments).hits]  # type: ignore[arg-type]

    return found


def learn(index: EmbeddedIndex, meaning: Meaning, *documents: Document) -> None:
    lacking, _ = meaning.lacking(index.snapshot())
    meaning.learn(document for document in documents if document.uid in lacking)
