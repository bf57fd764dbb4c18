"""Who may see an entry: `entries.visible_to` seen from the other side, for all people at once.

It decides to whom a notification is written. What is shown of one is decided once more at each read, by `visible_to` itself; a test
compares the two for every role and state.
"""

from sqlalchemy import ColumnElement, and_, or_, select

from knowledge.database import table_of
from knowledge.entries.entry import KEPT, Entry, RevisionGroup, curated, published, shown_revision, wrote_latest
from knowledge.people import ACTS, Act, Person
from knowledge.words import Audience, Role

_e = table_of(Entry).c
_p = table_of(Person).c


def with_act(*acts: Act) -> list[Role]:
    """The roles that may do all of these."""
    return [role for role, allowed in ACTS.items() if allowed.issuperset(acts)]


def inside() -> ColumnElement[bool]:
    """Colleagues, as against customers."""
    return _p.role != Role.CUSTOMER


def may_see() -> ColumnElement[bool]:
    """Which people may see which entries: a condition over the tables `entry` and `person`."""
    curators = _p.role.in_(with_act(Act.ENTRIES_CURATE))
    wrote_over = and_(curators, _e.status.in_(KEPT), wrote_latest(_p.id))
    return and_(
        _p.disabled_at.is_(None),
        _p.role.in_(with_act(Act.ENTRIES_READ)),
        or_(
            _e.author_id == _p.id,
            _e.owner_id == _p.id,
            wrote_over,
            and_(or_(published(), and_(curators, curated())), _is_meant()),
        ),
    )


def _is_meant() -> ColumnElement[bool]:
    group = table_of(RevisionGroup).c
    named = select(group.group_id).where(group.revision_id == shown_revision(), group.group_id == _p.group_id)
    return or_(
        _e.audience.in_((Audience.PUBLIC, Audience.CUSTOMERS)),
        and_(_e.audience == Audience.EMPLOYEES, inside()),
        and_(_e.audience == Audience.GROUP, inside(), named.exists()),
    )
