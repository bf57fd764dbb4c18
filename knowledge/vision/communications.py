"""Communications: to whom the what and the why of a vision were told, when and how."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge import activity, clock, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.entries import listing
from knowledge.entries.entry import EntryRow
from knowledge.errors import Invalid, NotAllowed, Problem, refuse
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import Audience


class Communication(Table, table=True):
    """One occasion on which a version of the vision was told to somebody."""

    __tablename__ = "communication"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    version: int
    audience: Audience = word(Audience)
    whom: str = Field(max_length=200)
    told_on: date
    how: str = Field(max_length=200)
    what: bool = True
    why: bool = True
    came_of_it: str = Field(default="", max_length=1_000)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    sample: bool = False


class CommunicationRow(Row):
    """An occasion as it is read."""

    uid: UUID
    entry_id: int
    version: int
    audience: Audience
    whom: str
    told_on: date
    how: str
    what: bool
    why: bool
    came_of_it: str
    author_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of an occasion; of the version that is out, and today, unless something else is said."""

    whom: str
    how: str
    audience: Audience = Audience.EMPLOYEES
    told_on: date | None = None
    version: int | None = None
    what: bool = True
    why: bool = True
    came_of_it: str = ""


_c = table_of(Communication).c
_OWN = ("id", *CommunicationRow.__annotations__)


def _of_visions(session: Session, visions: list[EntryRow]) -> Mapping[int, list[CommunicationRow]]:
    told = select(*columns_of(Communication, *_OWN)).where(_c.entry_id.in_([row.id for row in visions]))
    found = read(session, CommunicationRow, told.order_by(_c.told_on.desc(), _c.id.desc()))
    return grouped(visions, found, lambda row: row.entry_id)


def of_vision(vision: EntryRow, viewer: Viewer) -> Sequence[CommunicationRow]:
    """To whom a vision was told, the latest first; for colleagues, read for the whole list at once."""
    return neighbours(vision, _of_visions) if viewer.is_inside else ()


def author_of(communication: CommunicationRow) -> PersonRow | None:
    """Who wrote it down."""
    return neighbours(communication, people.loaded, "author_id")


def record(session: Session, viewer: Viewer, vision: EntryRow, told: Told) -> CommunicationRow:
    """Write down that a vision was told to somebody. Refuses NOT_ALLOWED, and INVALID with what is wrong."""
    require(viewer, Act.ENTRIES_WRITE, doing="write down to whom a vision was told")
    if not viewer.is_inside:
        raise NotAllowed("Colleagues write down to whom a vision was told.")
    now = listing.version_of(vision) or 0
    if now == 0:
        raise Invalid("Nothing of this is published yet.", "vision")
    refuse(_faults(told, now))
    stored = Communication(
        entry_id=vision.id,
        version=told.version or now,
        audience=told.audience,
        whom=" ".join(told.whom.split()),
        told_on=told.told_on or clock.now().date(),
        how=" ".join(told.how.split()),
        what=told.what,
        why=told.why,
        came_of_it=told.came_of_it.strip(),
        author_id=viewer.id,
        created_at=clock.now(),
    )
    session.add(stored)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "vision.told", "Entry", vision.uid, revision=vision.revision)
    row = one(session, CommunicationRow, select(*columns_of(Communication, *_OWN)).where(_c.id == stored.id))
    assert row is not None
    return row


def _faults(told: Told, now: int) -> Iterable[Problem]:
    for field, text in (("whom", told.whom), ("how", told.how)):
        if not 1 <= len(" ".join(text.split())) <= 200:
            yield Problem(field, "Say it in 1 to 200 characters.")
    if len(told.came_of_it.strip()) > 1_000:
        yield Problem("cameOfIt", "This has at most 1,000 characters.")
    if told.told_on is not None and told.told_on > clock.now().date():
        yield Problem("toldOn", "Choose a day that has been.")
    if told.version is not None and not 1 <= told.version <= now:
        yield Problem("version", f"There are versions 1 to {now}.")
    if not (told.what or told.why):
        yield Problem("what", "Say whether the what or the why was told, or both.")
