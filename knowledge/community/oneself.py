"""What is somebody's own alone, in one statement: how they want to hear of things, and when they last met a customer."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.community.digests import DigestChoice
from knowledge.community.follows import FollowPreference
from knowledge.customers.interactions import Interaction
from knowledge.database import Row, one, remembered, table_of
from knowledge.people import Person, Viewer
from knowledge.words import DigestPace, Medium

_p, _f, _k = table_of(Person).c, table_of(FollowPreference).c, table_of(DigestChoice).c
_i = table_of(Interaction).c


class OwnRow(Row):
    """What somebody chose, and None where they never did; and when they last met a customer in person, as they logged it."""

    by_itself: bool | None
    pace: DigestPace | None
    next_at: datetime | None
    met_at: datetime | None


def of(session: Session, viewer: Viewer) -> OwnRow | None:
    """The viewer's own, read once for an operation; None for strangers."""
    known, id = remembered(session, OwnRow), viewer.id or -1
    if id not in known:
        met = select(func.max(_i.at)).where(_i.person_id == _p.id, _i.medium == Medium.PERSON).scalar_subquery()
        chosen = select(_p.id, _f.by_itself, _k.pace, _k.next_at, met.label("met_at"))
        joined = chosen.join(table_of(FollowPreference), _f.person_id == _p.id, isouter=True)
        joined = joined.join(table_of(DigestChoice), _k.person_id == _p.id, isouter=True)
        known[id] = one(session, OwnRow, joined.where(_p.id == id))
    found: OwnRow | None = known[id]
    return found


def follows_by_itself(session: Session, viewer: Viewer) -> bool:
    """Whether the viewer follows their own things without asking: unless they said no."""
    chosen = of(session, viewer)
    return chosen is None or chosen.by_itself is not False
