"""Reads entries as documents of the index, and viewers as their reach in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.database import Row, read, table_of
from knowledge.entries import listing, tags
from knowledge.entries.entry import Entry, EntryRow, audiences, detail_of, everything, parts_of, published
from knowledge.entries.kinds import DETAILS
from knowledge.markup.rendering import Reading
from knowledge.people import OPERATOR, Act, Person, Viewer
from knowledge.proof import proven
from knowledge.search.index import Document, Label, Reach
from knowledge.search.lately import Lately
from knowledge.words import Status

_e = table_of(Entry).c


class _Published(Row):
    uid: UUID
    revision: int


def reach_of(viewer: Viewer) -> Reach:
    """What the viewer may find, as `entries.visible_to` says of what is published."""
    if viewer == OPERATOR:
        return Reach(everything=True)
    if not viewer.may(Act.ENTRIES_READ):
        return Reach()
    groups = {viewer.group_id} if viewer.is_inside else set()
    return Reach(audiences(viewer), frozenset(group for group in groups if group is not None), viewer.id)


def by_uids(session: Session, uids: Iterable[UUID]) -> list[Document]:
    """The documents of these entries; those that are not published have none."""
    return _documents(session, read(session, EntryRow, everything().where(published(), _e.uid.in_(set(uids)))))


def after(session: Session, id: int, most: int) -> tuple[list[Document], int]:
    """The next documents in the order of the entries' keys, and the last key read; the same key when there are no more."""
    statement = everything().where(published(), _e.id > id).order_by(_e.id).limit(most)
    rows = read(session, EntryRow, statement)
    return _documents(session, rows), rows[-1].id if rows else id


def count(session: Session) -> int:
    """How many entries are to be found."""
    return int(
        session.connection().execute(select(func.count()).select_from(table_of(Entry)).where(published())).scalar_one()
    )


def revisions(session: Session) -> Mapping[UUID, int]:
    """The published revision of each entry that is to be found."""
    shown = everything().where(published()).subquery()
    statement = select(shown.c.id, shown.c.uid, shown.c.revision)
    return {row.uid: row.revision for row in read(session, _Published, statement)}


def _documents(session: Session, rows: Sequence[EntryRow]) -> list[Document]:
    people = {id for row in rows for id in (row.author_id, row.owner_id) if id is not None}
    person = table_of(Person).c
    found = session.connection().execute(select(person.id, person.name).where(person.id.in_(people)))
    names = {row.id: row.name for row in found}
    shown = proven(session, [row.id for row in rows])
    return [_document(row, names, is_proven=row.id in shown) for row in rows]


def _document(row: EntryRow, names: Mapping[int, str], *, is_proven: bool) -> Document:
    parts = dict(_parts(row, words))
    people = [id for id in (row.author_id, row.owner_id) if id is not None]
    return Document(
        uid=row.uid,
        revision=row.revision,
        kind=row.kind,
        title=row.title,
        problem=parts.pop("problem", ""),
        summary=row.summary,
        body="\n".join(text for text in (words(row.body_html), *parts.values()) if text),
        tags=tuple(Label(tag.slug, tag.name, tuple(tags.synonyms_of(tag))) for tag in tags.of_entry(row)),
        language=row.language,
        audience=row.audience,
        groups=frozenset(group.id for group in listing.audience_groups(row)),
        people=frozenset(people),
        authors=tuple(dict.fromkeys(names[id] for id in people if id in names)),
        functions=frozenset(listing.functions_of(row)),
        stages=frozenset(listing.stages_of(row)),
        freshness=row.freshness,
        is_proven=is_proven,
        is_obsolete=row.status is Status.OBSOLETE,
        updated_at=row.updated_at,
        published_at=row.published_at or row.updated_at,
    )


def texts_of(row: EntryRow) -> Mapping[str, str]:
    """The plain texts of an entry by name, as `highlights` takes them: title, problem and summary before the rest."""
    parts = dict(_parts(row, _words_lately))
    problem = {"problem": parts.pop("problem")} if "problem" in parts else {}
    return {"title": row.title, **problem, "summary": row.summary, "body": _words_lately(row.body_html), **parts}


def _parts(row: EntryRow, words: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """What the entry's kind says beyond title and body; facts such as states and dates are no words."""
    detail = DETAILS.get(row.kind)
    stored = detail_of(row, detail.row_class) if detail else None
    if detail is None or stored is None:
        return
    for field in detail.fields:
        if field in detail.markdown:
            yield field, words(getattr(stored, f"{field}_html"))
        elif type(text := getattr(stored, field)) is str:
            yield field, text
    if detail.parts is not None:
        for name, part in parts_of(row).items():
            yield name, detail.parts.source(part)


def words(html: str) -> str:
    """The words of HTML that was rendered before, a block a line; ten times as fast as rendering the Markdown again."""
    reading = Reading()
    reading.feed(html)
    reading.close()
    return reading.plain()


_words_lately = Lately(words)
"""The same for what is shown: the ten best entries of one search are often among those of the next."""
