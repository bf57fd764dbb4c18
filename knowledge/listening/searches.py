"""The record of what is searched for: a row to a person, a day and a wording, and the person is a hash of this month.

It answers two questions only: how many people looked for something, and whether they found it. Nobody reads it row by row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, select
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Table, moment, table_of
from knowledge.database.upserts import insert_into
from knowledge.listening import people, wording
from knowledge.people import Viewer


class Sought(Table, table=True):
    """Something that is looked for, in whatever words, and what became of it. `people` is 0 below the least that are counted."""

    __tablename__ = "sought"
    __table_args__ = (Index("ix_sought_people_last_on_id", "people", "last_on", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    subject: str = Field(max_length=600, unique=True)
    wording: str = Field(default="", max_length=wording.LONGEST)
    people: int = 0
    last_on: date | None = None
    draft_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    taken_at: datetime | None = moment(default=None)
    answer_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    answered_at: datetime | None = moment(default=None)


class Searched(Table, table=True):
    """One person's search on one day. `hits` is None where filters or a link left it unknown how many there are."""

    __tablename__ = "searched"
    __table_args__ = (UniqueConstraint("person", "day", "query"),)

    id: int | None = Field(default=None, primary_key=True)
    sought_id: int = Field(foreign_key="sought.id", index=True)
    query: str = Field(max_length=wording.LONGEST)
    month: str = Field(max_length=7)
    day: date = Field(index=True)
    person: str = Field(max_length=32)
    hits: int | None = None
    is_watched: bool = False
    opened: UUID | None = None
    at: datetime = moment()


class PastSearch(Table, table=True):
    """A wording by which enough people found something."""

    __tablename__ = "past_search"

    query: str = Field(primary_key=True, max_length=wording.LONGEST)
    sought_id: int = Field(foreign_key="sought.id", ondelete="CASCADE", index=True)
    people: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A search that somebody settled on, or what they opened of its hits; `hits` is None where it is not known."""

    query: str
    hits: int | None = None
    opened: UUID | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """The same as it is kept: `person` is a hash, and `is_watched` says whether it would be known that something was opened."""

    query: str
    person: str
    at: datetime
    hits: int | None = None
    opened: UUID | None = None
    is_watched: bool = False


_s = table_of(Sought).c


def noted(secret: bytes, viewer: Viewer, heard: Iterable[Heard], *, is_watched: bool) -> Sequence[Noted]:
    """What is kept of somebody's searches; nothing of strangers', who cannot be told apart."""
    if viewer.uid is None:
        return ()
    at = clock.now()
    person = people.hashed(secret, viewer.uid, at)
    found = ((wording.kept(each.query), each) for each in heard)
    return [Noted(query, person, at, each.hits, each.opened, is_watched) for query, each in found if query]


def sought_ids(session: Session, queries: Sequence[str]) -> Mapping[str, int]:
    """The keys of what these wordings are about, as they are kept; what is new is written down."""
    subjects = {query: wording.subject(query) for query in queries}
    wanted = sorted(set(subjects.values()))
    table = table_of(Sought)
    statement = insert_into(session, table).values(
        [{"uid": clock.uid(), "subject": subject, "wording": "", "people": 0} for subject in wanted]
    )
    session.connection().execute(statement.on_conflict_do_nothing())
    found = session.connection().execute(select(_s.subject, _s.id).where(_s.subject.in_(wanted)))
    ids = {row[0]: row[1] for row in found}
    return {query: ids[subject] for query, subject in subjects.items()}
