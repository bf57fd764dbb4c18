"""Puts many published entries into a database at once: the rows that publishing leaves, without its rules and records."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge.database import Database, table_of
from knowledge.entries.entry import Entry, EntryFunction, EntryStage, Revision
from knowledge.entries.tags import RevisionTag, Tag
from knowledge.practices import Practice
from knowledge.search.index import Document
from knowledge.words import Audience, Kind, RevisionState, Status

AT_ONCE = 5_000
UID = "lower(hex(randomblob(16)))"
COPIED = {
    "entry": {
        "id": "id + :more",
        "uid": UID,
        "slug": "'entry-' || (id + :more)",
        "published_revision_id": "published_revision_id + :more",
        "latest_revision_id": "latest_revision_id + :more",
        "updated_at": "strftime('%Y-%m-%d %H:%M:%S.000000', updated_at, :earlier)",
    },
    "revision": {"id": "id + :more", "uid": UID, "entry_id": "entry_id + :more"},
    "practice": {"revision_id": "revision_id + :more"},
    "entry_function": {"entry_id": "entry_id + :more"},
    "entry_stage": {"entry_id": "entry_id + :more"},
    "revision_tag": {"revision_id": "revision_id + :more"},
}
"""Tables of SQLite that `multiply` copies, and what a copy has of its own."""


def fill(database: Database, documents: Iterable[Document], people: int = 1) -> None:
    """The entries of these documents by the first so many people in turn; what is for a group is for all employees."""
    numbered = zip(count(1), documents, strict=False)
    while batch := list(islice(numbered, AT_ONCE)):
        database.write(lambda session, batch=batch: _write(session, batch, people))  # type: ignore[misc]


def _write(session: Session, batch: list[tuple[int, Document]], people: int) -> None:
    tags = _tags(session, batch)
    rows: dict[Any, list[dict[str, Any]]] = {
        Entry: [_entry(number, each, 1 + number % people) for number, each in batch],
        Revision: [_revision(number, each, 1 + number % people) for number, each in batch],
        Practice: [{"revision_id": number} for number, each in batch if each.kind == Kind.BEST_PRACTICE],
        EntryFunction: [{"entry_id": number, "function": which} for number, each in batch for which in each.functions],
        EntryStage: [{"entry_id": number, "stage": which} for number, each in batch for which in each.stages],
        RevisionTag: [
            {"revision_id": number, "tag_id": tags[label.slug]} for number, each in batch for label in each.tags
        ],
    }
    for table, values in rows.items():
        session.connection().execute(insert(table_of(table)), values)


def multiply(path: Path, times: int) -> None:
    """Copy every entry of a store in SQLite, so that there are so many times as many: far faster than to make others."""
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA synchronous = OFF")
        (most,) = store.execute("SELECT max(id) FROM entry").fetchone()
        for turn in range(1, times):
            told = {"more": turn * most, "most": most, "earlier": f"-{turn} seconds"}
            for table, own in COPIED.items():
                columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
                values = ", ".join(own.get(column, f'"{column}"') for column in columns)
                key = next(iter(own))
                store.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {key} <= :most", told)
        store.commit()


def _tags(session: Session, batch: list[tuple[int, Document]]) -> dict[str, int]:
    table = table_of(Tag)
    known = {row.slug: row.id for row in session.connection().execute(select(table.c.slug, table.c.id))}
    names = {label.slug: label.name for _, each in batch for label in each.tags if label.slug not in known}
    for slug, name in sorted(names.items()):
        tag = Tag(name=name, slug=slug, created_at=batch[0][1].updated_at)
        session.add(tag)
        session.flush()  # for its id
        assert tag.id is not None
        known[slug] = tag.id
    return known


def _entry(number: int, each: Document, author: int) -> dict[str, Any]:
    return {
        "id": number,
        "uid": each.uid,
        "slug": f"entry-{number}",
        "kind": each.kind,
        "author_id": author,
        "owner_id": author,
        "audience": _audience(each),
        "status": Status.PUBLISHED,
        "freshness": each.freshness,
        "published_revision_id": number,
        "latest_revision_id": number,
        "published_at": each.published_at,
        "sample": False,
        "created_at": each.updated_at,
        "updated_at": each.updated_at,
    }


def _revision(number: int, each: Document, author: int) -> dict[str, Any]:
    return {
        "id": number,
        "uid": each.uid,
        "entry_id": number,
        "number": 1,
        "title": each.title[:200],
        "summary": each.summary[:160],
        "body": each.body,
        "body_html": "\n".join(_paragraphs(each.body)),
        "audience": _audience(each),
        "state": RevisionState.PUBLISHED,
        "author_id": author,
        "created_at": each.updated_at,
        "published_at": each.published_at,
    }


def _paragraphs(body: str) -> Iterator[str]:
    for paragraph in body.split("\n\n"):
        yield f"<p>{paragraph}</p>"


def _audience(each: Document) -> Audience:
    return Audience.EMPLOYEES if each.audience == Audience.GROUP else each.audience
