"""The gold set of languages: entries in one store, and what people type who look for them."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from knowledge.search.index import Document
from knowledge.words import Audience, Kind

FOLDER = Path(__file__).parent / "languages"
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """A query with the entry that it should find."""

    language: str
    query: str
    uid: UUID


def documents() -> list[Document]:
    """Every entry of every language."""
    return [document for document, _ in _judged()]


def asked() -> list[Asked]:
    """Every query."""
    return [Asked(document.language, query, document.uid) for document, queries in _judged() for query in queries]


def _judged() -> Iterator[tuple[Document, list[str]]]:
    number = 0
    for path in sorted(FOLDER.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["entry"]:
            number += 1
            yield _document(number, path.stem, entry["title"], entry["text"]), entry["queries"]


def _document(number: int, language: str, title: str, body: str) -> Document:
    return Document(
        uid=UUID(int=number),
        revision=1,
        kind=Kind.BEST_PRACTICE,
        title=title,
        body=body,
        language=language,
        audience=Audience.PUBLIC,
        updated_at=MOMENT,
        published_at=MOMENT,
    )
