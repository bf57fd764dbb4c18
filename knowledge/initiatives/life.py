"""The life of an initiative: every move from one state to another that there is, and who makes it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from knowledge import activity, clock, entries
from knowledge.database import table_of
from knowledge.entries import Entry, EntryRow, Revision
from knowledge.entries.writing import reread
from knowledge.errors import Problem, refuse
from knowledge.initiatives.facts import Initiative, InitiativeRow
from knowledge.initiatives.planning import require_carrying
from knowledge.people import Viewer
from knowledge.words import InitiativeStatus, Kind, Status

_S = InitiativeStatus

MOVES: Mapping[InitiativeStatus, Sequence[InitiativeStatus]] = {
    _S.PROPOSED: (_S.PLANNED, _S.CANCELLED),
    _S.PLANNED: (_S.LAUNCHED, _S.PROPOSED, _S.ON_HOLD, _S.CANCELLED),
    _S.LAUNCHED: (_S.COMPLETED, _S.ON_HOLD, _S.CANCELLED),
    _S.ON_HOLD: (_S.PLANNED, _S.LAUNCHED, _S.CANCELLED),
    _S.COMPLETED: (_S.LAUNCHED,),
    _S.CANCELLED: (_S.PROPOSED,),
}
"""Where an initiative may go from where it is, the likeliest first. Whatever is not here is no move."""

TOLD_WHY = (_S.ON_HOLD, _S.CANCELLED)
"""States that nobody brings about without saying why."""

_i = table_of(Initiative)


def moves_of(initiative: EntryRow, viewer: Viewer) -> Sequence[InitiativeStatus]:
    """Where the viewer may take it now; nowhere for whoever does not carry it."""
    if initiative.status is not Status.PUBLISHED or not entries.acts.may_post(viewer, initiative):
        return ()
    return MOVES[entries.detail_of(initiative, InitiativeRow).status]


def move(
    session: Session,
    viewer: Viewer,
    initiative: EntryRow,
    status: InitiativeStatus,
    *,
    on: date | None = None,
    why: str = "",
) -> EntryRow:
    """Take an initiative to another state, in place. `on` is when it was launched or completed, today unless given.

    Refuses NOT_ALLOWED, and INVALID what is no move, what lacks its reason, and what P1 wants before launching.
    """
    require_carrying(viewer, initiative)
    entry = session.get_one(Entry, initiative.id, with_for_update=True)
    facts = session.get_one(Initiative, initiative.revision_id, populate_existing=True)
    refuse(_faults(initiative, entry, facts, status, on, why))
    before = facts.status
    dates = _dates(facts, status, on or clock.now().date())
    ours = (entry.published_revision_id, entry.latest_revision_id)
    session.connection().execute(update(_i).where(_i.c.revision_id.in_(ours)).values(status=status, **dates))
    session.expire(facts)
    entry.updated_at = clock.now()
    moved: dict[str, tuple[object, object]] = {"status": (before, status)}
    if why.strip():
        moved["why"] = (None, why.strip())
    verb = "initiative.moved"
    activity.record(session, viewer.id, verb, "Entry", initiative.uid, revision=initiative.revision, moved=moved)
    return reread(session, entry)


def _dates(facts: Initiative, status: InitiativeStatus, on: date) -> Mapping[str, date | None]:
    """What a move writes down: the launch that comes first stays, and what runs again is not complete."""
    if status is _S.LAUNCHED:
        return {"launched_on": facts.launched_on or on, "completed_on": None}
    return {"completed_on": on} if status is _S.COMPLETED else {}


def _faults(
    initiative: EntryRow, entry: Entry, facts: Initiative, status: InitiativeStatus, on: date | None, why: str
) -> Iterable[Problem]:
    if initiative.status is not Status.PUBLISHED:
        yield Problem("initiative", "An initiative moves once it is published.")
    if status not in MOVES[facts.status]:
        yield Problem("status", no_move(facts.status, status))
    elif status is _S.LAUNCHED:
        yield from unready(entry, {name: getattr(facts, name) for name in Initiative.model_fields})
    if status in TOLD_WHY and not why.strip():
        yield Problem("why", "Say why, so that nobody has to guess.")
    if len(why.strip()) > 300:
        yield Problem("why", "This has at most 300 characters.")
    if on is not None and on > clock.now().date():
        yield Problem("on", "This day has not come yet.")
    if status is _S.COMPLETED and on is not None and facts.launched_on is not None and on < facts.launched_on:
        yield Problem("on", "It cannot end before it begins.")


def no_move(before: InitiativeStatus, after: InitiativeStatus) -> str:
    """Why an initiative does not go from one state to another, and where it may go."""
    names = " or ".join(_said(each) for each in MOVES[before])
    if before is after:
        return f"It is {_said(before)} already."
    return f"From {_said(before)} it goes to {names}, not to {_said(after)}."


def _said(status: InitiativeStatus) -> str:
    return status.value.replace("_", " ").lower()


def unready(entry: Entry, facts: Mapping[str, Any]) -> Iterable[Problem]:
    """What is missing before an initiative is launched: an owner, a priority, and when it is to be complete [P1]."""
    if entry.owner_id is None:
        yield Problem("owner", "A launched initiative has exactly one owner.")
    if facts["planned_completion"] is None:
        yield Problem("initiative.planned_completion", "A launched initiative says when it is to be complete.")
    wanted = {
        "reach": "Say how many customers it reaches in a quarter: a launched initiative has a priority.",
        "impact": "Say how much it changes for each of them: a launched initiative has a priority.",
        "effort": "Say how many weeks of one person's work it takes: a launched initiative has a priority.",
    }
    for name, message in wanted.items():
        if facts[name] is None:
            yield Problem(f"initiative.{name}", message)


def gaps(session: Session, entry: Entry, revision: Revision) -> Iterable[Problem]:
    """What keeps a revision from being published: it states a state that no move leads to, or one that P1 asks more of.

    What an import brings happened elsewhere, and is taken as it is.
    """
    if entry.kind is not Kind.INITIATIVE or session.info.get("quiet"):
        return
    facts = session.get_one(Initiative, revision.id)
    if facts.status is _S.LAUNCHED:
        said = {name: getattr(facts, name) for name in Initiative.model_fields}
        yield from (
            each for each in unready(entry, said) if each.field not in ("owner", "initiative.planned_completion")
        )
    out = entry.published_revision_id
    if out is None or out == revision.id:
        return
    before = session.connection().execute(select(_i.c.status).where(_i.c.revision_id == out)).scalar()
    if before is not None and before is not facts.status and facts.status not in MOVES[before]:
        yield Problem("initiative.status", no_move(before, facts.status))
