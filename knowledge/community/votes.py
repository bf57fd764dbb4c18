"""Whether an entry was useful: one vote a person, counted without names."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.community.reactions import require_somebody
from knowledge.database import Table, keep_latest, moment, table_of
from knowledge.entries import EntryRow
from knowledge.people import Viewer


class Vote(Table, table=True):
    """Whether an entry was useful to one person."""

    __tablename__ = "vote"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    useful: bool
    cast_at: datetime = moment()


@dataclass(frozen=True, slots=True)
class Usefulness:
    """How many found an entry useful, how many did not, and what the viewer said."""

    useful: int
    not_useful: int
    mine: bool | None


def rate(session: Session, viewer: Viewer, entry: EntryRow, useful: bool | None) -> None:
    """Say whether an entry was useful; another answer takes the place of the first, None takes it back. Refuses NOT_ALLOWED."""
    person = require_somebody(viewer, doing="say whether this was useful")
    if useful is None:
        columns = table_of(Vote).c
        own = (columns.entry_id == entry.id) & (columns.person_id == person)
        session.connection().execute(delete(table_of(Vote)).where(own))
    else:
        row = {"entry_id": entry.id, "person_id": person, "useful": useful, "cast_at": clock.now()}
        keep_latest(session, Vote, row)
    # Who found what useful is nobody's to look up: the act is on record, the answer is not.
    activity.record(session, viewer.id, "entry.rated", "Entry", entry.uid, revision=entry.revision)
