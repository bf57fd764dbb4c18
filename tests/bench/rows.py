"""Puts many published entries into a database at once: the rows that publishing leaves, without its rules and records."""

from collections.abc import Iterable, Iterator
from itertools import count, islice
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


def fill(database: Database, documents: Iterable[Document]) -> None:
    """The entries of these documents by the first person there is; what is for a group is for all employees."""
    numbered = zip(count(1), documents, strict=False)
    while batch := list(islice(numbered, AT_ONCE)):
        database.write(lambda session, batch=batch: _write(session, batch))  # type: ignore[misc]


def _write(session: Session, batch: list[tuple[int, Document]]) -> None:
    tags = _tags(session, batch)
    rows: dict[Any, list[dict[str, Any]]] = {
        Entry: [_entry(number, each) for number, each in batch],
        Revision: [_revision(number, each) for number, each in batch],
        Practice: [{"revision_id": number} for number, each in batch if each.kind == Kind.BEST_PRACTICE],
        EntryFunction: [{"entry_id": number, "function": which} for number, each in batch for which in each.functions],
        EntryStage: [{"entry_id": number, "stage": which} for number, each in batch for which in each.stages],
        RevisionTag: [
            {"revision_id": number, "tag_id": tags[label.slug]} for number, each in batch for label in each.tags
        ],
    }
    for table, values in rows.items():
        session.connection().execute(insert(table_of(table)), values)


def _tags(session: Session, batch: list[tuple[int, Document]]) -> dict[str, int]:
    table = table_of(Tag)
    known = dict(session.connection().execute(select(table.c.slug, table.c.id)).tuples().all())
    names = {label.slug: label.name for _, each in batch for label in each.tags if label.slug not in known}
    for slug, name in sorted(names.items()):
        tag = Tag(name=name, slug=slug, created_at=batch[0][1].updated_at)
        session.add(tag)
        session.flush()  # for its id
        assert tag.id is not None
        known[slug] = tag.id
    return known


def _entry(number: int, each: Document) -> dict[str, Any]:
    return {
        "id": number,
        "uid": each.uid,
        "slug": f"entry-{number}",
        "kind": each.kind,
        "author_id": 1,
        "owner_id": 1,
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


def _revision(number: int, each: Document) -> dict[str, Any]:
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
        "author_id": 1,
        "created_at": each.updated_at,
        "published_at": each.published_at,
    }


def _paragraphs(body: str) -> Iterator[str]:
    for paragraph in body.split("\n\n"):
        yield f"<p>{paragraph}</p>"


def _audience(each: Document) -> Audience:
    return Audience.EMPLOYEES if each.audience == Audience.GROUP else each.audience
