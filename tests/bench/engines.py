"""Other engines over the same texts, asked the same questions: SQLite's FTS5, and tantivy where it is installed."""

import sqlite3
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from knowledge.search import analysis
from knowledge.search.index import Document

MOST = 10
FACETS = ("kind", "stage", "tag")


class Rival(Protocol):
    """What is compared."""

    name: str

    def fill(self, path: Path, documents: Iterable[Document]) -> None:
        """Take the documents in."""

    def search(self, query: str) -> int:
        """Find the first ten; answers how many it gave."""

    def counted(self, query: str) -> int:
        """The same with the exact total and three facets."""


def words(query: str) -> list[str]:
    """The words of a query that say something, as `loyalty` looks for them; a prefix ends in an asterisk."""
    typed = [word.strip("?.,") for word in query.lower().split()]
    return [word for word in typed if not analysis.is_stopped(word, "en")] or typed


class Fts5:
    """A table in a file, words joined by OR, stemmed by porter, ranked by bm25."""

    name = "FTS5"

    def fill(self, path: Path, documents: Iterable[Document]) -> None:
        """In one transaction."""
        self._db = sqlite3.connect(path / "fts5.db")
        self._db.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(title, tags, body, tokenize='porter unicode61', prefix=3)"
        )
        self._db.execute("CREATE TABLE facts (id INTEGER PRIMARY KEY, kind, stage)")
        self._db.execute("CREATE TABLE tag (id, slug)")
        for number, each in enumerate(documents, 1):
            tags = " ".join(label.name for label in each.tags)
            body = f"{each.problem} {each.summary} {each.body}"
            row = (number, each.title, tags, body)
            self._db.execute("INSERT INTO texts (rowid, title, tags, body) VALUES (?, ?, ?, ?)", row)
            self._db.execute("INSERT INTO facts VALUES (?, ?, ?)", (number, each.kind, min(each.stages)))
            self._db.executemany("INSERT INTO tag VALUES (?, ?)", [(number, label.slug) for label in each.tags])
        self._db.execute("CREATE INDEX tag_id ON tag (id)")
        self._db.commit()

    def search(self, query: str) -> int:
        """Ten rows by rank."""
        statement = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
        return len(self._db.execute(statement, (self._match(query), MOST)).fetchall())

    def counted(self, query: str) -> int:
        """Ten rows, the total, and counts by kind, stage and tag."""
        match = (self._match(query),)
        ask = self._db.execute
        ask("SELECT count(*) FROM texts WHERE texts MATCH ?", match).fetchone()
        found = "id IN (SELECT rowid FROM texts WHERE texts MATCH ?) GROUP BY 1"
        ask(f"SELECT kind, count(*) FROM facts WHERE {found}", match).fetchall()
        ask(f"SELECT stage, count(*) FROM facts WHERE {found}", match).fetchall()
        ask(f"SELECT slug, count(*) FROM tag WHERE {found}", match).fetchall()
        return self.search(query)

    def narrowed(self, query: str) -> int:
        """Ten rows of one kind and two stages."""
        statement = (
            "SELECT texts.rowid FROM texts JOIN facts ON id = texts.rowid WHERE texts MATCH ? AND kind = 'BEST_PRACTICE'"
            " AND stage IN ('CLIENT', 'REPEAT') ORDER BY rank LIMIT ?"
        )
        return len(self._db.execute(statement, (self._match(query), MOST)).fetchall())

    def suggested(self, start: str) -> int:
        """Ten titles with a word that begins so."""
        statement = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
        return len(self._db.execute(statement, (f'title : "{start}"*', MOST)).fetchall())

    @staticmethod
    def _match(query: str) -> str:
        return " OR ".join(f'"{word[:-1]}"*' if word.endswith("*") else f'"{word}"' for word in words(query))


class Tantivy:
    """One field of words, stemmed for English; its own query parser."""

    name = "tantivy"

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def fill(self, path: Path, documents: Iterable[Document]) -> None:
        """One commit, merged by its own policy."""
        builder = self._engine.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="en_stem")
        for name in FACETS:
            builder.add_text_field(name, tokenizer_name="raw", fast=True)
        builder.add_integer_field("id", stored=True)
        folder = path / "tantivy"
        folder.mkdir()
        index = self._engine.Index(builder.build(), path=str(folder))
        writer = index.writer(128_000_000, 1)
        for number, each in enumerate(documents):
            tags = " ".join(label.name for label in each.tags)
            text = f"{each.title} {each.problem} {each.summary} {tags} {each.body}"
            facts = {"kind": each.kind, "stage": min(each.stages), "tag": [label.slug for label in each.tags]}
            writer.add_document(self._engine.Document(text=text, id=number, **facts))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._index, self._searcher = index, index.searcher()

    def search(self, query: str) -> int:
        """Ten documents by score."""
        return len(self._searcher.search(self._parsed(query), MOST, count=False).hits)

    def counted(self, query: str) -> int:
        """Ten documents, the total, and counts by kind, stage and tag."""
        parsed = self._parsed(query)
        self._searcher.aggregate(parsed, {name: {"terms": {"field": name, "size": 1000}} for name in FACETS})
        return len(self._searcher.search(parsed, MOST, count=True).hits)

    def narrowed(self, query: str) -> int:
        """Ten documents of one kind and two stages."""
        ask, must = self._engine.Query, self._engine.Occur.Must
        either = [
            (self._engine.Occur.Should, ask.term_query(self._index.schema, "stage", stage))
            for stage in ("CLIENT", "REPEAT")
        ]
        kind = ask.term_query(self._index.schema, "kind", "BEST_PRACTICE")
        whole = ask.boolean_query([(must, self._parsed(query)), (must, kind), (must, ask.boolean_query(either))])
        return len(self._searcher.search(whole, MOST, count=False).hits)

    def _parsed(self, query: str) -> Any:
        if query.endswith("*"):
            return self._engine.Query.regex_query(self._index.schema, "text", query[:-1] + ".*")
        return self._index.parse_query(" ".join(words(query)), ["text"])


def rivals() -> list[Rival]:
    """Those that are installed."""
    found: list[Rival] = [Fts5()]
    if find_spec("tantivy") is not None:
        found.append(Tantivy(import_module("tantivy")))
    return found
