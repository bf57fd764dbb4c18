"""Removes the sample: every flagged row, and whatever cannot be without it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Column, Connection, Table, delete, select, update
from sqlmodel import Session

from knowledge import activity, year
from knowledge.community.appreciations import Appreciation
from knowledge.community.comments import Comment
from knowledge.community.notices import Notice
from knowledge.customers import Customer
from knowledge.customers.characteristics import Characteristic
from knowledge.customers.needs import Need
from knowledge.customers.segments import Segment
from knowledge.database import Database, table_of
from knowledge.entries import Entry, Revision
from knowledge.entries.tags import RevisionTag, Tag
from knowledge.evidence import tried
from knowledge.feedback import Feedback
from knowledge.feedback.themes import FeedbackTheme, Theme
from knowledge.jobs import Job
from knowledge.ladder.offerings import Offering
from knowledge.listening import sample as looking
from knowledge.loop.responses import LoopResponse
from knowledge.people import FunctionalGroup, Person
from knowledge.series import Series, SeriesChapter
from knowledge.surveys.survey import Survey

FLAGGED = (
    Survey,
    LoopResponse,
    Entry,
    Feedback,
    Segment,
    Need,
    Characteristic,
    Customer,
    Person,
    FunctionalGroup,
    Offering,
    Appreciation,
    Notice,
)
SOME = 500
"""Keys in one statement."""


def remove_sample(database: Database) -> int:
    """Remove everything that is flagged as sample and whatever cannot be without it; returns how many flagged rows.

    What people wrote themselves stays: it loses only its reference to a sample person, customer or group.
    """
    return database.write(_remove_sample)


def _remove_sample(session: Session) -> int:
    removed = 0
    looking.forget(session)
    tried.forget(session)
    year.forget(session)
    tags, series, themes = _tags(session), _series(session), _themes(session)
    for flagged in FLAGGED:
        columns = table_of(flagged).c
        rows = session.connection().execute(select(columns.id, columns.uid).where(columns.sample)).all()
        for row in rows:
            activity.record(session, None, "sample.removed", flagged.__name__, row.uid, deleted=True)
        _remove(session.connection(), table_of(flagged), [row.id for row in rows])
        _forget_jobs(session.connection(), [str(row.uid) for row in rows])
        removed += len(rows)
    used = select(table_of(RevisionTag).c.tag_id)
    unused = select(table_of(Tag).c.id).where(table_of(Tag).c.id.in_(tags), table_of(Tag).c.id.not_in(used))
    _remove(session.connection(), table_of(Tag), session.connection().execute(unused).scalars().all())
    told = select(table_of(SeriesChapter).c.series_id)
    empty = select(table_of(Series).c.id).where(table_of(Series).c.id.in_(series), table_of(Series).c.id.not_in(told))
    _remove(session.connection(), table_of(Series), session.connection().execute(empty).scalars().all())
    held = select(table_of(FeedbackTheme).c.theme_id)
    bare = select(table_of(Theme).c.id).where(table_of(Theme).c.id.in_(themes), table_of(Theme).c.id.not_in(held))
    _remove(session.connection(), table_of(Theme), session.connection().execute(bare).scalars().all())
    _forget_news(session.connection())
    return removed


def _series(session: Session) -> list[int]:
    """The series with sample entries; those that have no other chapters go with them."""
    chapter, entry = table_of(SeriesChapter).c, table_of(Entry).c
    statement = select(chapter.series_id).join(table_of(Entry), entry.id == chapter.entry_id).where(entry.sample)
    return list(session.connection().execute(statement.distinct()).scalars())


def _themes(session: Session) -> list[int]:
    """The themes of sample feedback; those that nothing else has go with it."""
    held, item = table_of(FeedbackTheme).c, table_of(Feedback).c
    statement = select(held.theme_id).join(table_of(Feedback), item.id == held.feedback_id).where(item.sample)
    return list(session.connection().execute(statement.distinct()).scalars())


def _forget_jobs(connection: Connection, subjects: Sequence[str]) -> None:
    """Delete what was to be done later with rows that are gone."""
    for start in range(0, len(subjects), SOME):
        connection.execute(delete(table_of(Job)).where(table_of(Job).c.subject.in_(subjects[start : start + SOME])))


def _forget_news(connection: Connection) -> None:
    """Nobody is told any more of what is gone."""
    job = table_of(Job).c
    news = connection.execute(select(job.id, job.subject).where(job.kind == "notify")).all()
    for type, table in (
        ("Entry", Entry),
        ("Comment", Comment),
        ("Feedback", Feedback),
        ("Appreciation", Appreciation),
    ):
        about = {row.id: UUID(row.subject.split()[2]) for row in news if row.subject.split()[1] == type}
        there = set(connection.execute(select(table_of(table).c.uid)).scalars()) if about else set()
        gone = [id for id, uid in about.items() if uid not in there]
        for start in range(0, len(gone), SOME):
            connection.execute(delete(table_of(Job)).where(job.id.in_(gone[start : start + SOME])))


def _tags(session: Session) -> list[int]:
    """The tags of sample entries; those that nothing else uses go with them."""
    tag, revision, entry = table_of(RevisionTag).c, table_of(Revision).c, table_of(Entry).c
    used = select(tag.tag_id).join(table_of(Revision), revision.id == tag.revision_id)
    statement = used.join(table_of(Entry), entry.id == revision.entry_id).where(entry.sample).distinct()
    return [row.tag_id for row in session.connection().execute(statement)]


def _remove(connection: Connection, table: Table, ids: Sequence[int]) -> None:
    """Delete rows by key: what refers to them and may do without forgets them, what may not goes with them."""
    for start in range(0, len(ids), SOME):
        some = ids[start : start + SOME]
        for column in _referring(table):
            child = column.table
            if column.nullable and not column.info.get("goes_along"):
                connection.execute(update(child).where(column.in_(some)).values({column: None}))
            elif "id" in child.c:
                found = [row.id for row in connection.execute(select(child.c.id).where(column.in_(some)))]
                _remove(connection, child, found)
            else:
                connection.execute(delete(child).where(column.in_(some)))
        connection.execute(delete(table).where(table.c.id.in_(some)))


def _referring(table: Table) -> Iterator[Column[int]]:
    for other in table.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column is table.c.id:
                yield key.parent
