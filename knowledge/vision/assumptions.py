"""Assumptions: what a vision takes for granted about the world outside, how that is tested, and what was found."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select, union
from sqlmodel import Field, Session, col
from sqlmodel import select as chosen

from knowledge import activity, clock, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.entries import freshness
from knowledge.entries.entry import Entry, EntryRow, by_ids, may_edit, visible_to
from knowledge.entries.links import SlugRedirect
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.initiatives.planning import InitiativeBacking
from knowledge.people import Act, PersonRow, Viewer
from knowledge.vision.answers import VisionAnswerLink
from knowledge.words import AssumptionDomain, AssumptionState, Audience, Kind, Role, VisionStep


class Assumption(Table, table=True):
    """Something a vision takes for granted, with the sign that would prove it wrong."""

    __tablename__ = "assumption"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    statement: str = Field(max_length=500)
    domain: AssumptionDomain = word(AssumptionDomain)
    state: AssumptionState = word(AssumptionState, AssumptionState.UNTESTED)
    test: str = Field(default="", max_length=1_000)
    found: str = Field(default="", max_length=1_000)
    step: VisionStep | None = word(VisionStep, None)
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    review_by: date | None = None
    settled_at: datetime | None = moment(default=None)
    created_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    updated_at: datetime = moment()
    version: int = 1
    sample: bool = False


class AssumptionRow(Row):
    """An assumption as it is read."""

    uid: UUID
    entry_id: int
    statement: str
    domain: AssumptionDomain
    state: AssumptionState
    test: str
    found: str
    step: VisionStep | None
    owner_id: int | None
    review_by: date | None
    settled_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def is_due(self) -> bool:
        """Whether the day is over by which it was to be looked at again."""
        return self.review_by is not None and self.review_by < clock.today()


class Wanted(TypedDict, total=False):
    """What is said of an assumption: what is omitted stays, None clears."""

    statement: str
    domain: AssumptionDomain
    test: str | None
    step: VisionStep | None
    owner: UUID | None
    review_by: date | None


MOST = 50
"""How many assumptions a vision has: more than that nobody looks after."""

SETTLED = (AssumptionState.SUPPORTED, AssumptionState.REFUTED)
"""The states of which somebody says what was found."""

_a, _e = table_of(Assumption).c, table_of(Entry).c
_OWN = ("id", *AssumptionRow.__annotations__)
_WORST = (AssumptionState.REFUTED, AssumptionState.UNTESTED, AssumptionState.TESTING, AssumptionState.SUPPORTED)


def _of_visions(session: Session, visions: list[EntryRow]) -> Mapping[int, list[AssumptionRow]]:
    mine = select(*columns_of(Assumption, *_OWN)).where(_a.entry_id.in_([row.id for row in visions]))
    worst = case({state: place for place, state in enumerate(_WORST)}, value=_a.state)
    return grouped(visions, read(session, AssumptionRow, mine.order_by(worst, _a.id)), lambda row: row.entry_id)


def of_vision(vision: EntryRow, viewer: Viewer) -> Sequence[AssumptionRow]:
    """What a vision takes for granted, the refuted first and the supported last; for colleagues, read for the whole list at once."""
    return neighbours(vision, _of_visions) if viewer.is_inside else ()


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> AssumptionRow | None:
    """One assumption of a vision that the viewer may see, for colleagues, or None."""
    if not viewer.is_inside:
        return None
    seen = select(_e.id).where(visible_to(viewer))
    return one(
        session,
        AssumptionRow,
        select(*columns_of(Assumption, *_OWN)).where(_a.uid == uid, _a.entry_id.in_(seen)),
    )


def _visions(session: Session, rows: list[AssumptionRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = by_ids(session, viewer, {row.entry_id for row in rows})
    return {row.id: found.get(row.entry_id) for row in rows}


def vision_of(assumption: AssumptionRow, viewer: Viewer) -> EntryRow | None:
    """The vision that rests on it."""
    return neighbours(assumption, _visions, viewer)


def owner_of(assumption: AssumptionRow) -> PersonRow | None:
    """Who looks after it."""
    return neighbours(assumption, people.loaded, "owner_id")


def may_keep(vision: EntryRow, viewer: Viewer) -> bool:
    """Whether the viewer may write down what a vision takes for granted: whoever may edit it."""
    return vision.kind is Kind.VISION and may_edit(viewer, vision)


def may_assess(assumption: AssumptionRow, viewer: Viewer) -> bool:
    """Whether the viewer may say how far it has been tested: whoever may edit the vision, and who looks after the assumption."""
    vision = vision_of(assumption, viewer)
    own = viewer.id is not None and assumption.owner_id == viewer.id and viewer.may(Act.ENTRIES_WRITE)
    return vision is not None and (own or may_keep(vision, viewer))


def add(session: Session, viewer: Viewer, vision: EntryRow, wanted: Wanted) -> AssumptionRow:
    """Write down something that a vision takes for granted. Refuses NOT_ALLOWED, and INVALID with what is wrong."""
    _require_keeper(viewer, vision)
    owner = _owner(session, viewer, wanted)
    known = session.connection().execute(select(func.count()).where(_a.entry_id == vision.id)).scalar_one()
    refuse([*_faults(wanted, owner), *([Problem("", f"A vision has at most {MOST}.")] if known >= MOST else [])])
    now = clock.now()
    assumption = Assumption(
        entry_id=vision.id,
        statement=_line(wanted.get("statement", "")),
        domain=wanted.get("domain") or AssumptionDomain.OTHER,
        test=(wanted.get("test") or "").strip(),
        step=wanted.get("step"),
        owner_id=owner.id if owner is not None else None,
        review_by=wanted.get("review_by"),
        created_by_id=viewer.id,
        created_at=now,
        updated_at=now,
    )
    session.add(assumption)
    _note(session, viewer, vision, "assumption.added", {assumption.statement[:80]: (None, assumption.state)})
    return _reread(session, viewer, assumption)


def update(session: Session, viewer: Viewer, uid: UUID, wanted: Wanted, *, version: int | None = None) -> AssumptionRow:
    """Say an assumption anew. Refuses NOT_FOUND, NOT_ALLOWED, INVALID, and CONFLICT where somebody changed it since `version`."""
    row, vision = _found(session, viewer, uid)
    _require_keeper(viewer, vision)
    if version is not None and version != row.version:
        raise Conflict("Somebody changed this assumption in the meantime.", "version", current=row)
    owner = _owner(session, viewer, wanted)
    refuse(_faults({"statement": row.statement, **wanted}, owner))
    assumption = session.get_one(Assumption, row.id, with_for_update=True)
    if "statement" in wanted:
        assumption.statement = _line(wanted["statement"])
    if wanted.get("domain") is not None:
        assumption.domain = wanted["domain"]
    if "test" in wanted:
        assumption.test = (wanted["test"] or "").strip()
    if "step" in wanted:
        assumption.step = wanted["step"]
    if "owner" in wanted:
        assumption.owner_id = owner.id if owner is not None else None
    if "review_by" in wanted:
        assumption.review_by = wanted["review_by"]
    _touch(assumption)
    _note(session, viewer, vision, "assumption.updated", {str(row.uid): (row.statement, assumption.statement)})
    return _reread(session, viewer, assumption)


def assess(session: Session, viewer: Viewer, uid: UUID, state: AssumptionState, *, found: str) -> AssumptionRow:
    """Say how far an assumption has been tested, and what was found. Refuting it contests the vision and its published
    initiatives with it, in the same transaction [V3]; they stay so until somebody verifies them.

    Refuses NOT_FOUND, NOT_ALLOWED, and INVALID where a finding is claimed and none is told.
    """
    row, vision = _found(session, viewer, uid)
    if not may_assess(row, viewer):
        raise NotAllowed(
            "How far it has been tested is said by who looks after it and by those who edit the vision.", "id"
        )
    refuse(_unsaid(state, found))
    assumption = session.get_one(Assumption, row.id, with_for_update=True)
    before, assumption.state, assumption.found = assumption.state, state, found.strip()
    assumption.settled_at = clock.now() if state in SETTLED else None
    _touch(assumption)
    moved: dict[str, tuple[object, object]] = {assumption.statement[:80]: (before, state)}
    _note(session, viewer, vision, "assumption.assessed", moved)
    if state is AssumptionState.REFUTED and before is not state:
        _flag(session, viewer, vision, assumption.statement)
    return _reread(session, viewer, assumption)


def _flag(session: Session, viewer: Viewer, vision: EntryRow, statement: str) -> None:
    """Put in doubt what stands on a refuted assumption, whoever may see it, in the order of the keys.

    Initiatives are told the statement only where the vision is not for a group alone: they have other readers than it has.
    """
    standing = chosen(Entry).where(or_(col(Entry.id) == vision.id, col(Entry.id).in_(union(*_carrying(vision)))))
    why = f"An assumption of the vision is refuted: {statement}"
    unnamed = "An assumption of the vision that it carries out is refuted."
    for entry in session.exec(standing.order_by(col(Entry.id)).with_for_update()).all():
        is_told = entry.id == vision.id or vision.audience is not Audience.GROUP
        freshness.contest(session, entry, viewer.id, why=why if is_told else unnamed)


def _carrying(vision: EntryRow) -> Iterable[Select[tuple[int]]]:
    """The initiatives of a vision, either way that the trace knows: they name it, or its published answers point to them."""
    backing, pointed, former = table_of(InitiativeBacking).c, table_of(VisionAnswerLink).c, table_of(SlugRedirect).c
    yield select(backing.entry_id).where(backing.vision_id == vision.id)
    mine = pointed.revision_id == vision.revision_id
    yield select(_e.id).where(mine, _e.slug == pointed.slug, _e.kind == Kind.INITIATIVE)
    yield select(_e.id).where(mine, former.slug == pointed.slug, _e.id == former.entry_id, _e.kind == Kind.INITIATIVE)


def _found(session: Session, viewer: Viewer, uid: UUID) -> tuple[AssumptionRow, EntryRow]:
    row = by_uid(session, viewer, uid)
    vision = vision_of(row, viewer) if row is not None else None
    if row is None or vision is None:
        raise NotFound("There is no such assumption.", "id")
    return row, vision


def _require_keeper(viewer: Viewer, vision: EntryRow) -> None:
    if vision.kind is not Kind.VISION:
        raise Invalid("Only a vision takes something for granted.", "vision")
    if not may_keep(vision, viewer):
        raise NotAllowed("What a vision takes for granted is kept by those who may edit it.", "vision")


def _owner(session: Session, viewer: Viewer, wanted: Wanted) -> PersonRow | None:
    uid = wanted.get("owner")
    return people.person_by_uid(session, viewer, uid) if uid is not None else None


def _faults(wanted: Wanted, owner: PersonRow | None) -> Iterable[Problem]:
    if not 1 <= len(_line(wanted.get("statement", ""))) <= 500:
        yield Problem("statement", "Say in 1 to 500 characters what is taken for granted.")
    if len((wanted.get("test") or "").strip()) > 1_000:
        yield Problem("test", "This has at most 1,000 characters.")
    if wanted.get("owner") is not None and (owner is None or owner.role is Role.CUSTOMER):
        yield Problem("owner", "There is no such colleague.")


def _unsaid(state: AssumptionState, found: str) -> Iterable[Problem]:
    if len(found.strip()) > 1_000:
        yield Problem("found", "This has at most 1,000 characters.")
    if state in SETTLED and not found.strip():
        yield Problem("found", "Say what was found, so that others can follow it.")


def _line(text: str) -> str:
    return " ".join(text.split())


def _touch(assumption: Assumption) -> None:
    assumption.updated_at = clock.now()
    assumption.version += 1


def _note(
    session: Session, viewer: Viewer, vision: EntryRow, verb: str, moved: Mapping[str, tuple[object, object]]
) -> None:
    activity.record(session, viewer.id, verb, "Entry", vision.uid, revision=vision.revision, moved=moved)


def _reread(session: Session, viewer: Viewer, assumption: Assumption) -> AssumptionRow:
    session.flush()  # the answer is read back
    row = by_uid(session, viewer, assumption.uid)
    assert row is not None
    return row
