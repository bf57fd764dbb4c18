"""Who has to agree before an entry goes out: the rule for its kind and audience, and the approvals given so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, UniqueConstraint, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Row, Table, moment, neighbours, read, table_of, word
from knowledge.entries.entry import WRITES, Entry, EntryRow, Revision
from knowledge.errors import Invalid
from knowledge.people import OPERATOR, Act, PersonRow, Viewer, by_ids, require
from knowledge.words import Audience, Kind

MOST = 5
USUALLY: Mapping[Audience, int] = {Audience.CUSTOMERS: 1, Audience.PUBLIC: 1, Audience.EMPLOYEES: 0, Audience.GROUP: 0}
"""How many approvals an audience needs where no rule says otherwise: what leaves the company is read by a second pair of eyes."""


class ApprovalRule(Table, table=True):
    """How many people approve what is for an audience: of one kind, or of every kind that has no rule of its own."""

    __tablename__ = "approval_rule"
    __table_args__ = (UniqueConstraint("kind", "audience"),)

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    kind: Kind | None = word(Kind, None)
    audience: Audience = word(Audience)
    needed: int


class Approval(Table, table=True):
    """That one person approved one revision."""

    __tablename__ = "approval"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    at: datetime = moment()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it applies; `is_own` says that somebody set it."""

    kind: Kind | None
    audience: Audience
    needed: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the latest revision of an entry stands: how many approvals it needs, whose it has, the first first, and who wrote it."""

    needed: int
    by: tuple[int, ...] = ()
    author_id: int | None = None

    @property
    def given(self) -> int:
        """How many approvals it has."""
        return len(self.by)

    def is_enough_with(self, person_id: int | None) -> bool:
        """Whether it may go out once this person approves, too."""
        return len({*self.by, person_id}) >= self.needed


_p = table_of(ApprovalRule).c
_a = table_of(Approval).c
_r = table_of(Revision).c
_e = table_of(Entry).c


def rules(session: Session) -> list[Rule]:
    """Every rule that applies: for each audience the one for any kind, then those that kinds have of their own."""
    found = session.connection().execute(select(_p.kind, _p.audience, _p.needed).order_by(_p.id)).all()
    own = {(row.kind, row.audience): row.needed for row in found}
    general = [Rule(None, each, own.get((None, each), usual), (None, each) in own) for each, usual in USUALLY.items()]
    places = {key: (list(Kind).index(key[0]), list(USUALLY).index(key[1])) for key in own if key[0] is not None}
    return [*general, *(Rule(*key, own[key], True) for key in sorted(places, key=places.__getitem__))]


def set_rule(session: Session, viewer: Viewer, audience: Audience, *, kind: Kind | None, needed: int | None) -> Rule:
    """Say how many approvals an audience needs, of one kind or of any; None goes back to what applies without a rule. What is scheduled
    and has too few by now goes back into review.

    Refuses NOT_ALLOWED without the act ADMIN, and INVALID beyond 0 to 5.
    """
    from knowledge.entries import scheduling  # what is scheduled is approved first, so it imports this module

    require(viewer, Act.ADMIN, doing="say what needs approval")
    if needed is not None and not 0 <= needed <= MOST:
        raise Invalid(f"From 0, which is none, to {MOST} approvals.", "needed")
    which = _p.kind.is_(None) if kind is None else _p.kind == kind
    held = select(_p.id).where(which, _p.audience == audience).order_by(_p.id)
    ids = session.connection().execute(held).scalars().all()
    known = ids[-1] if ids else None
    for id in ids[:-1]:  # a constraint takes no two rules for any kind for the same: both of a double click are there
        session.delete(session.get_one(ApprovalRule, id))
    rule = session.get_one(ApprovalRule, known) if known else ApprovalRule(kind=kind, audience=audience, needed=0)
    before = rule.needed if known else None
    if needed is not None:
        rule.needed = needed
        session.add(rule)
    elif known:
        session.delete(rule)
    moved = {f"{kind or 'ANY'} {audience}": (before, needed)}
    activity.record(session, viewer.id, "approval_rule.set", "ApprovalRule", rule.uid, moved=moved)
    session.flush()  # the answer is read back
    scheduling.recall(session, viewer, audience, kind)
    return [each for each in rules(session) if each.audience is audience and each.kind in (kind, None)][-1]


def needed(session: Session, kind: Kind, audience: Audience) -> int:
    """How many approvals an entry of this kind needs before it goes out to this audience."""
    own = {(rule.kind, rule.audience): rule.needed for rule in rules(session)}
    return own.get((kind, audience), own[None, audience])


def standing(session: Session, entry: Entry, revision: Revision) -> Standing:
    """Where a revision stands, for an act on it."""
    given = select(_a.person_id).where(_a.revision_id == revision.id).order_by(_a.at, _a.person_id)
    people = tuple(session.connection().execute(given).scalars())
    return Standing(needed(session, entry.kind, revision.audience), people, revision.author_id)


class _StandingRow(Row):
    own: int | None
    general: int | None
    audience: Audience
    author_id: int | None
    person_id: int | None


def _rule(which: ColumnElement[bool]) -> ScalarSelect[Any]:
    found = select(_p.needed).where(_p.audience == _r.audience, which)
    return found.order_by(_p.id.desc()).limit(1).scalar_subquery()


def _standings(session: Session, entries: list[EntryRow]) -> Mapping[int, Standing]:
    wanted = {entry.latest_revision_id for entry in entries if entry.latest_revision_id is not None}
    own, general = _rule(_p.kind == _e.kind), _rule(_p.kind.is_(None))
    statement = (
        select(_e.id, own.label("own"), general.label("general"), _r.audience, _r.author_id, _a.person_id)
        .join_from(table_of(Revision), table_of(Entry), _e.id == _r.entry_id)
        .outerjoin(table_of(Approval), _a.revision_id == _r.id)
        .where(_r.id.in_(wanted))
        .order_by(_a.at, _a.person_id)
    )
    found: dict[int, Standing] = {}
    for row in read(session, _StandingRow, statement):
        rule = next((each for each in (row.own, row.general) if each is not None), USUALLY[row.audience])
        before = found[row.id].by if row.id in found else ()
        people = before if row.person_id is None else (*before, row.person_id)
        found[row.id] = Standing(rule, people, row.author_id)
    return {entry.id: found.get(entry.id, Standing(0)) for entry in entries}


def standing_of(entry: EntryRow) -> Standing:
    """Where the latest revision of an entry stands, read for the whole list in one statement."""
    return neighbours(entry, _standings)


def _people(session: Session, entries: list[EntryRow]) -> Mapping[int, Sequence[PersonRow]]:
    given = {entry.id: standing_of(entry).by for entry in entries}
    known = by_ids(session, {id for each in given.values() for id in each})
    return {id: [known[each] for each in people if each in known] for id, people in given.items()}


def people_of(entry: EntryRow) -> Sequence[PersonRow]:
    """Who has approved the latest revision of an entry, the first first."""
    return neighbours(entry, _people)


def is_second_pair_of_eyes(viewer: Viewer, kind: Kind, author_id: int | None) -> bool:
    """Whether the viewer may approve a revision [E2]: they curate, may write this kind, and did not write the revision."""
    if viewer == OPERATOR:
        return True
    curates = viewer.may(Act.ENTRIES_CURATE) and viewer.may(WRITES.get(kind, Act.ENTRIES_WRITE))
    return curates and viewer.id is not None and author_id != viewer.id


def agree(session: Session, viewer: Viewer, revision: Revision) -> None:
    """Write down that the viewer approves a revision; twice does no harm, and the operator is nobody in particular."""
    if viewer.id is None or session.get(Approval, (revision.id, viewer.id)) is not None:
        return
    assert revision.id is not None
    session.add(Approval(revision_id=revision.id, person_id=viewer.id, at=clock.now()))


def forget(session: Session, revision: Revision) -> None:
    """Forget who approved a revision: whatever is decided about it next is decided anew."""
    given = select(_a.person_id).where(_a.revision_id == revision.id)
    session.flush()  # one that was only just given is forgotten as well
    for person_id in session.connection().execute(given).scalars().all():
        session.delete(session.get_one(Approval, (revision.id, person_id)))
