"""Asking somebody in particular, and saying which answer it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.community import comments, questions
from knowledge.community.comments import CommentRow
from knowledge.community.questions import AcceptedAnswer, Addressee
from knowledge.database import table_of
from knowledge.entries import EntryRow, by_uid, listing
from knowledge.errors import Invalid, NotAllowed, NotFound, Problem, refuse
from knowledge.people import FunctionalGroup, Person, Viewer
from knowledge.words import Audience, Kind, Role, Status


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a question asks: a colleague or a group; nobody in particular where neither is named."""

    person: UUID | None = None
    group: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    person_id: int | None = None
    person_group_id: int | None = None
    group_id: int | None = None


_p, _g = table_of(Person).c, table_of(FunctionalGroup).c


def address(session: Session, viewer: Viewer, entry: EntryRow, whom: Whom) -> EntryRow:
    """Say whom a question of one's own asks; they are told once it is out. Refuses NOT_ALLOWED and INVALID; naming the same again
    changes nothing.
    """
    if not viewer.is_inside:
        raise NotAllowed("Colleagues are asked by name by their colleagues.", "question")
    if entry.kind is not Kind.QUESTION:
        raise Invalid("Only a question asks somebody.", "question")
    found = _found(session, whom)
    refuse(_faults(entry, viewer, whom, found))
    row = session.get(Addressee, entry.id, with_for_update=True)
    before = (row.person_id, row.group_id) if row is not None else (None, None)
    if before == (found.person_id, found.group_id):
        return entry
    if found == _Found():
        session.delete(row)
    elif row is None:
        session.add(Addressee(entry_id=entry.id, person_id=found.person_id, group_id=found.group_id))
    else:
        row.person_id, row.group_id = found.person_id, found.group_id
    session.flush()  # the answer is read back
    moved = {"whom": (None, whom.person or whom.group)}
    activity.record(session, viewer.id, "question.addressed", "Entry", entry.uid, revision=entry.revision, moved=moved)
    return entry


def _found(session: Session, whom: Whom) -> _Found:
    if whom.person is not None:
        working = (_p.uid == whom.person) & (_p.role != Role.CUSTOMER) & _p.disabled_at.is_(None)
        row = session.connection().execute(select(_p.id, _p.group_id).where(working)).first()
        return _Found(row.id, row.group_id) if row is not None else _Found()
    if whom.group is not None:
        return _Found(group_id=session.connection().execute(select(_g.id).where(_g.uid == whom.group)).scalar())
    return _Found()


def _faults(entry: EntryRow, viewer: Viewer, whom: Whom, found: _Found) -> Iterable[Problem]:
    newest = listing.latest_of(entry, viewer)
    groups = listing.revision_groups(newest) if newest is not None else listing.audience_groups(entry)
    audience = newest.audience if newest is not None else entry.audience
    reads = {found.group_id, found.person_group_id} & {group.id for group in groups}
    if whom.person is not None and whom.group is not None:
        yield Problem("question", "Ask a person or a group, not both.")
    elif whom.person is not None and found.person_id is None:
        yield Problem("question.person", "There is no such colleague.")
    elif whom.group is not None and found.group_id is None:
        yield Problem("question.group", "There is no such group.")
    elif whom != Whom() and audience is Audience.GROUP and not reads:
        yield Problem("question", "They would not see it: it is for other groups.")


def accept(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Say that a comment answers the question it is on; it takes the place of another one. Refuses NOT_FOUND, NOT_ALLOWED, INVALID."""
    found = comments.by_uid(session, viewer, uid)
    entry = comments.entry_of(found, viewer) if found is not None else None
    if found is None or entry is None:
        raise NotFound("There is no such comment.", "comment")
    _require_judge(entry, viewer, "comment")
    refuse(_unacceptable(entry, found))
    row = session.get(AcceptedAnswer, entry.id, with_for_update=True)
    if row is not None and row.comment_id == found.id:
        return entry
    if row is None:
        row = AcceptedAnswer(entry_id=entry.id, comment_id=found.id, accepted_at=clock.now())
        session.add(row)
    row.comment_id, row.accepted_by_id, row.accepted_at = found.id, viewer.id, clock.now()
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "answer.accepted", "Comment", uid)
    return _reread(session, viewer, entry)


def _unacceptable(entry: EntryRow, comment: CommentRow) -> Iterable[Problem]:
    if entry.status is not Status.PUBLISHED:
        yield Problem("comment", "The question is not published.")
    if comment.body is None or comment.hidden_at is not None:
        yield Problem("comment", "This has been taken away or hidden.")


def unaccept(session: Session, viewer: Viewer, uid: UUID) -> EntryRow:
    """Say that a question is not answered after all; where no answer was accepted nothing changes. Refuses NOT_FOUND, NOT_ALLOWED."""
    entry = by_uid(session, viewer, uid)
    if entry is None:
        raise NotFound("There is no such entry.", "id")
    _require_judge(entry, viewer, "id")
    row = session.get(AcceptedAnswer, entry.id, with_for_update=True)
    if row is None:
        return entry
    session.delete(row)
    session.flush()  # the answer is read back
    activity.record(session, viewer.id, "answer.unaccepted", "Entry", uid, revision=entry.revision)
    return _reread(session, viewer, entry)


def _require_judge(entry: EntryRow, viewer: Viewer, field: str) -> None:
    if entry.kind is not Kind.QUESTION:
        raise Invalid("Only a question has an answer.", field)
    if not questions.may_judge(entry, viewer):
        raise NotAllowed("Answers are accepted by whoever asked and by those who curate.", field)


def _reread(session: Session, viewer: Viewer, entry: EntryRow) -> EntryRow:
    found = by_uid(session, viewer, entry.uid)
    assert found is not None
    return found
