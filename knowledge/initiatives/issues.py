"""Critical issues: what stands in an initiative's way, who sees to it and by when; a way to ask for help."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlmodel import Field, Session

from knowledge import activity, clock, entries, people
from knowledge.database import Row, Table, columns_of, grouped, moment, neighbours, one, read, table_of, word
from knowledge.entries import Entry, EntryRow
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.initiatives import progress
from knowledge.initiatives.planning import InitiativeBacking, require_carrying
from knowledge.people import Act, PersonRow, Viewer, viewer_for
from knowledge.words import IssueState, Kind, Severity, Status

MOST = 50
"""How many issues of one initiative may be open at a time."""


class CriticalIssue(Table, table=True):
    """One thing in the way."""

    __tablename__ = "critical_issue"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    update_id: int | None = Field(default=None, foreign_key="progress_update.id", index=True)
    title: str = Field(max_length=200)
    wanted: str = Field(default="", max_length=1_000)
    severity: Severity = word(Severity)
    state: IssueState = word(IssueState, IssueState.OPEN)
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    due: date | None = None
    outcome: str = Field(default="", max_length=1_000)
    raised_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    updated_at: datetime = moment()
    settled_at: datetime | None = moment(default=None)
    version: int = 1
    sample: bool = False


class IssueRow(Row):
    """An issue as it is read."""

    uid: UUID
    entry_id: int
    update_id: int | None
    title: str
    wanted: str
    severity: Severity
    state: IssueState
    owner_id: int | None
    due: date | None
    outcome: str
    raised_by_id: int | None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None
    version: int


UNSETTLED = (IssueState.OPEN, IssueState.MITIGATING)
"""The states in which an issue still stands in the way."""

_c, _e, _b = table_of(CriticalIssue).c, table_of(Entry).c, table_of(InitiativeBacking).c
_GRAVEST = case({each.value: place for place, each in enumerate(reversed(Severity))}, value=_c.severity)


def _issues() -> Select[Any]:
    """Issues, those in the way before those that are settled, the gravest first, the oldest first."""
    settled = case((_c.state.in_(UNSETTLED), 0), else_=1)
    return select(*columns_of(CriticalIssue)).order_by(settled, _GRAVEST, _c.id)


def _of(session: Session, rows: list[EntryRow]) -> Mapping[int, list[IssueRow]]:
    found = read(session, IssueRow, _issues().where(_c.entry_id.in_([row.id for row in rows])))
    return grouped(rows, found, lambda each: each.entry_id)


def issues_of(initiative: EntryRow, viewer: Viewer) -> Sequence[IssueRow]:
    """All that was ever in an initiative's way, for colleagues: what still is first. Read for the whole list at once."""
    return neighbours(initiative, _of) if viewer.is_inside else ()


def open_issues(initiative: EntryRow, viewer: Viewer) -> Sequence[IssueRow]:
    """What still stands in an initiative's way, the gravest first, for colleagues."""
    return [each for each in issues_of(initiative, viewer) if each.state in UNSETTLED]


def waiting_for(session: Session, viewer: Viewer, most: int = 5) -> Sequence[IssueRow]:
    """What stands in the way of published initiatives and waits for the viewer: who owns or sponsors the initiative, or took the
    issue on.
    """
    if viewer.id is None or not viewer.is_inside:
        return ()
    sponsored = select(_b.entry_id).where(_b.sponsor_id == viewer.id)
    mine = or_(_c.owner_id == viewer.id, (_c.owner_id.is_(None)) & or_(_e.owner_id == viewer.id, _e.id.in_(sponsored)))
    wanted = _issues().join(table_of(Entry), _e.id == _c.entry_id).where(entries.visible_to(viewer), mine)
    wanted = wanted.where(_e.status == Status.PUBLISHED, _c.state.in_(UNSETTLED))
    return read(session, IssueRow, wanted.limit(most))


def _initiatives(session: Session, rows: list[IssueRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.entry_id for row in rows))
    return {row.id: found.get(row.entry_id) for row in rows}


def initiative_of(issue: IssueRow, viewer: Viewer) -> EntryRow | None:
    """The initiative in whose way it stands, if the viewer may see it."""
    return neighbours(issue, _initiatives, viewer)


def owner_of(issue: IssueRow) -> PersonRow | None:
    """Who sees to it."""
    return neighbours(issue, people.loaded, "owner_id")


def raiser_of(issue: IssueRow) -> PersonRow | None:
    """Who asked for help."""
    return neighbours(issue, people.loaded, "raised_by_id")


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> IssueRow | None:
    """One issue of an initiative that the viewer may see, for colleagues, or None."""
    row = one(session, IssueRow, _issues().where(_c.uid == uid)) if viewer.is_inside else None
    return row if row is not None and initiative_of(row, viewer) is not None else None


def may_raise(initiative: EntryRow, viewer: Viewer) -> bool:
    """Whether the viewer may say that something is in the way: every colleague who sees it."""
    return initiative.kind is Kind.INITIATIVE and initiative.status is Status.PUBLISHED and _writes(viewer)


def _writes(viewer: Viewer) -> bool:
    return viewer.is_inside and viewer.may(Act.ENTRIES_WRITE)


def may_settle(issue: IssueRow, viewer: Viewer) -> bool:
    """Whether the viewer may say what came of it: who took it on or raised it, the initiative's owner, and leaders."""
    initiative = initiative_of(issue, viewer)
    if initiative is None or not _writes(viewer):
        return False
    own = viewer.id is not None and viewer.id in (issue.owner_id, issue.raised_by_id)
    return own or entries.acts.may_post(viewer, initiative)


def ask_for_help(
    session: Session,
    viewer: Viewer,
    initiative: EntryRow,
    title: str,
    severity: Severity,
    *,
    wanted: str = "",
    due: date | None = None,
) -> IssueRow:
    """Say what stands in an initiative's way and what would help; it is noted with the update that called for help [P2].

    Refuses NOT_ALLOWED, and INVALID with all that is wrong.
    """
    if not _writes(viewer):
        raise NotAllowed("Issues are raised by colleagues.", "initiative")
    refuse(_faults(session, initiative, title, wanted))
    now, latest = clock.now(), progress.latest(initiative, viewer)
    issue = CriticalIssue(
        entry_id=initiative.id,
        update_id=latest.id if latest is not None and progress.calls_for_help(latest.health) else None,
        title=" ".join(title.split()),
        wanted=wanted.strip(),
        severity=severity,
        due=due,
        raised_by_id=viewer.id,
        created_at=now,
        updated_at=now,
        sample=initiative.sample,
    )
    session.add(issue)
    session.flush()  # the answer is read back
    _record(
        session,
        viewer,
        "initiative.issue_raised",
        initiative,
        issue,
        {"issue": (None, issue.uid), "severity": (None, severity)},
    )
    return _reread(session, issue)


def _faults(session: Session, initiative: EntryRow, title: str, wanted: str) -> Iterable[Problem]:
    if initiative.kind is not Kind.INITIATIVE or initiative.status is not Status.PUBLISHED:
        yield Problem("initiative", "Issues are raised on initiatives that are published.")
    if not 1 <= len(" ".join(title.split())) <= 200:
        yield Problem("title", "Say what is in the way, in 1 to 200 characters.")
    if len(wanted.strip()) > 1_000:
        yield Problem("wanted", "What would help is said in at most 1,000 characters.")
    standing = select(func.count()).where(_c.entry_id == initiative.id, _c.state.in_(UNSETTLED))
    if (session.connection().execute(standing).scalar() or 0) >= MOST:
        yield Problem("initiative", f"At most {MOST} issues are open at a time: settle some first.")


def _found(session: Session, viewer: Viewer, uid: UUID) -> tuple[IssueRow, EntryRow]:
    row = by_uid(session, viewer, uid)
    initiative = initiative_of(row, viewer) if row is not None else None
    if row is None or initiative is None:
        raise NotFound("There is no such issue.", "id")
    return row, initiative


def take_on(
    session: Session, viewer: Viewer, uid: UUID, *, person: UUID | None = None, due: date | None = None
) -> IssueRow:
    """See to an issue oneself; whoever carries the initiative may name a colleague. Refuses NOT_FOUND, NOT_ALLOWED, INVALID."""
    row, initiative = _found(session, viewer, uid)
    if not _writes(viewer) or viewer.id is None:
        raise NotAllowed("Issues are taken on by colleagues who are signed in.", "id")
    if person is not None and person != viewer.uid:
        require_carrying(viewer, initiative, "person")
    chosen = people.person_by_uid(session, viewer, person or viewer.uid or clock.uid())
    reader = viewer_for(chosen) if chosen is not None and chosen.disabled_at is None else None
    if chosen is None or reader is None or not reader.is_inside:
        raise Invalid("There is no such colleague.", "person")
    if entries.by_uid(session, reader, initiative.uid) is None:
        raise Invalid("They may not read this initiative.", "person")
    if row.state not in UNSETTLED:
        raise Invalid("It is settled: open it again first.", "id")
    issue = session.get_one(CriticalIssue, row.id, with_for_update=True)
    issue.owner_id, issue.state, issue.due = chosen.id, IssueState.MITIGATING, due or issue.due
    return _moved(session, viewer, "initiative.issue_taken_on", initiative, issue, row.state)


def settle(session: Session, viewer: Viewer, uid: UUID, state: IssueState, *, outcome: str = "") -> IssueRow:
    """Say what came of an issue: it is out of the way, or one lives with it. Refuses NOT_FOUND, NOT_ALLOWED, INVALID."""
    row, initiative = _found(session, viewer, uid)
    if not may_settle(row, viewer):
        raise NotAllowed(
            "It is settled by who took it on or raised it, by the initiative's owner and by leaders.", "id"
        )
    refuse(_settling_faults(row, state, outcome))
    issue = session.get_one(CriticalIssue, row.id, with_for_update=True)
    issue.state, issue.outcome, issue.settled_at = state, outcome.strip(), clock.now()
    return _moved(session, viewer, "initiative.issue_settled", initiative, issue, row.state)


def _settling_faults(row: IssueRow, state: IssueState, outcome: str) -> Iterable[Problem]:
    if state in UNSETTLED:
        yield Problem("state", "It is settled by being resolved or accepted.")
    if row.state not in UNSETTLED:
        yield Problem("id", "It is settled already.")
    if not 1 <= len(outcome.strip()) <= 1_000:
        yield Problem("outcome", "Say what came of it, in 1 to 1,000 characters.")


def reopen(session: Session, viewer: Viewer, uid: UUID) -> IssueRow:
    """It stands in the way again, or whoever took it on hands it back. Refuses NOT_FOUND, NOT_ALLOWED, INVALID."""
    row, initiative = _found(session, viewer, uid)
    if not may_settle(row, viewer):
        raise NotAllowed("It is opened again by those who may settle it.", "id")
    if row.state is IssueState.OPEN:
        raise Invalid("It is open.", "id")
    issue = session.get_one(CriticalIssue, row.id, with_for_update=True)
    issue.state, issue.owner_id, issue.settled_at, issue.outcome = IssueState.OPEN, None, None, ""
    return _moved(session, viewer, "initiative.issue_reopened", initiative, issue, row.state)


def _moved(
    session: Session, viewer: Viewer, verb: str, initiative: EntryRow, issue: CriticalIssue, before: IssueState
) -> IssueRow:
    issue.updated_at, issue.version = clock.now(), issue.version + 1
    _record(session, viewer, verb, initiative, issue, {"issue": (issue.uid, issue.uid), "state": (before, issue.state)})
    return _reread(session, issue)


def _record(
    session: Session,
    viewer: Viewer,
    verb: str,
    initiative: EntryRow,
    issue: CriticalIssue,
    moved: Mapping[str, tuple[object, object]],
) -> None:
    session.get_one(Entry, initiative.id).updated_at = issue.updated_at
    activity.record(session, viewer.id, verb, "Entry", initiative.uid, revision=initiative.revision, moved=moved)


def _reread(session: Session, issue: CriticalIssue) -> IssueRow:
    session.flush()  # the answer is read back
    return read(session, IssueRow, _issues().where(_c.id == issue.id))[0]
