"""How many customers stand behind a post: whoever wrote it, if a customer did, and those who said "same here" [C3]."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, union
from sqlmodel import Session

from knowledge import people, standing
from knowledge.community.reactions import EntryReaction
from knowledge.customers.customer import restricted
from knowledge.customers.topmost import topmost
from knowledge.database import is_alone, neighbours, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.estimates import Estimate, count
from knowledge.feedback.voices import voice
from knowledge.people import Act, Person, PersonRow, Viewer
from knowledge.words import ReactionKind, Role

_e, _p, _r = table_of(Entry).c, table_of(Person).c, table_of(EntryReaction).c


def _voices(session: Session, rows: list[EntryRow]) -> Mapping[int, Estimate]:
    ids, top = [row.id for row in rows], topmost()
    customer = (_p.role == Role.CUSTOMER) & _p.customer_id.is_not(None) & _p.customer_id.not_in(restricted())
    wrote = select(_e.id.label("on"), _p.customer_id.label("who")).join(table_of(Person), _p.id == _e.author_id)
    same = select(_r.entry_id, _p.customer_id).join(table_of(Person), _p.id == _r.person_id)
    said = union(
        wrote.where(_e.id.in_(ids), customer),
        same.where(_r.entry_id.in_(ids), _r.kind == ReactionKind.SAME_HERE, customer),
    ).subquery("said")
    each = voice(said.c.who, top)
    tables = said.outerjoin(top, top.c.id == said.c.who)
    counted: Any = select(said.c.on, func.count(each.distinct())).select_from(tables).group_by(said.c.on)
    found = {row[0]: row[1] for row in session.connection().execute(counted)}
    return {id: count(found.get(id, 0), voices=found.get(id, 0)) for id in ids}


def voices_of(entry: EntryRow, viewer: Viewer) -> Estimate | None:
    """How many distinct customers wrote a post or say the same, an organisation being one; for those who read feedback."""
    if not viewer.may(Act.FEEDBACK_READ):
        return None
    return count(0, voices=0) if is_alone(entry) and _is_ours(entry, viewer) else neighbours(entry, _voices)


def _is_ours(entry: EntryRow, viewer: Viewer) -> bool:
    """Whether a colleague wrote what nobody says "same here" to; of an entry that is read alone all that is known already."""
    author: PersonRow | None = neighbours(entry, people.loaded, "author_id")
    echoed = any(each.kind is ReactionKind.SAME_HERE for each in standing.reactions_of(entry, viewer))
    return not echoed and (author is None or author.role is not Role.CUSTOMER)
