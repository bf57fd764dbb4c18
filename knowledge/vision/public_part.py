"""The public part of a vision: an entry of its own, for customers or everybody, in words that are meant for them.

So that whoever sees it sees nothing else: it is found, read, indexed, approved and followed like any other entry.
"""

from typing import TypedDict, cast

from sqlalchemy import select
from sqlmodel import Field, Session

from knowledge import activity
from knowledge.database import Table, table_of
from knowledge.entries import writing
from knowledge.entries.entry import Entry, EntryRow, by_ids
from knowledge.errors import Invalid, NotAllowed
from knowledge.people import Viewer
from knowledge.vision.assumptions import may_keep
from knowledge.words import Audience, Kind


class VisionPart(Table, table=True):
    """Which entry is the public part of which vision."""

    __tablename__ = "vision_part"

    part_id: int = Field(foreign_key="entry.id", primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", unique=True)


class Said(TypedDict, total=False):
    """What a public part says: what is omitted stays, None clears."""

    title: str
    summary: str | None
    body: str | None
    statement: str
    horizon: str | None
    what: str
    why: str
    audience: Audience
    note: str | None


OUTSIDE = (Audience.CUSTOMERS, Audience.PUBLIC)
_p, _e = table_of(VisionPart).c, table_of(Entry).c
_WITHIN = ("statement", "horizon", "what", "why")


def write(
    session: Session, viewer: Viewer, vision: EntryRow, said: Said, *, base_revision: int | None = None
) -> EntryRow:
    """Write the public part of a vision, or a new revision of it over `base_revision`; it goes out as any entry for those outside
    does, approved by somebody else [E2].

    Refuses NOT_ALLOWED, CONFLICT, and INVALID with what is wrong.
    """
    if vision.kind is not Kind.VISION:
        raise Invalid("Only a vision has a public part.", "vision")
    if not may_keep(vision, viewer):
        raise NotAllowed("The public part of a vision is written by those who may edit it.", "vision")
    if is_part(session, vision):
        raise Invalid("This is a public part itself.", "vision")
    if said.get("audience", Audience.CUSTOMERS) not in OUTSIDE:
        raise Invalid("A public part is for customers, or for everybody.", "audience")
    changes = {name: value for name, value in said.items() if name not in _WITHIN}
    detail = {name: said.get(name) for name in _WITHIN if name in said}
    known = session.connection().execute(select(_p.part_id).where(_p.entry_id == vision.id)).scalar()
    if known is None:
        begun = {"audience": Audience.CUSTOMERS, "title": vision.title, "language": vision.language, **changes}
        row = writing.create(session, viewer, Kind.VISION, cast(writing.Changes, {**begun, "detail": detail}))
        session.add(VisionPart(part_id=row.id, entry_id=vision.id))
        activity.record(session, viewer.id, "vision.part_written", "Entry", vision.uid, revision=vision.revision)
        session.flush()  # the answer is read back
        return row
    part = by_ids(session, viewer, [known]).get(known)
    if part is None:
        raise Invalid("Somebody is drafting its public part already.", "vision")
    latest = writing.latest_revision(session, session.get_one(Entry, known))
    wanted = cast(writing.Changes, {**changes, "detail": detail})
    return writing.update(session, viewer, part.uid, base_revision or latest.number, wanted)


def is_part(session: Session, entry: EntryRow) -> bool:
    """Whether an entry is the public part of a vision."""
    return session.connection().execute(select(_p.part_id).where(_p.part_id == entry.id)).first() is not None
