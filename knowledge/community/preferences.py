"""How somebody wants to hear of things, in one statement: whether what is theirs follows by itself, and how often they have letters."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from knowledge.community.digests import DigestChoice
from knowledge.community.follows import FollowPreference
from knowledge.database import Row, one, remembered, table_of
from knowledge.people import Person, Viewer
from knowledge.words import DigestPace

_p, _f, _k = table_of(Person).c, table_of(FollowPreference).c, table_of(DigestChoice).c


class PreferenceRow(Row):
    """What somebody chose; what they never chose is None."""

    by_itself: bool | None
    pace: DigestPace | None
    next_at: datetime | None


def of(session: Session, viewer: Viewer) -> PreferenceRow | None:
    """The viewer's own, read once for an operation; None for strangers."""
    known, id = remembered(session, PreferenceRow), viewer.id or -1
    if id not in known:
        chosen = select(_p.id, _f.by_itself, _k.pace, _k.next_at)
        joined = chosen.join(table_of(FollowPreference), _f.person_id == _p.id, isouter=True)
        joined = joined.join(table_of(DigestChoice), _k.person_id == _p.id, isouter=True)
        known[id] = one(session, PreferenceRow, joined.where(_p.id == id))
    found: PreferenceRow | None = known[id]
    return found
