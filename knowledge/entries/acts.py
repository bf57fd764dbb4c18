"""What a viewer may do to an entry now, so that a page offers just that."""

from collections.abc import Iterator
from enum import auto

from knowledge.entries.entry import EntryRow, may_edit
from knowledge.entries.freshness import may_verify
from knowledge.entries.listing import latest_of
from knowledge.entries.publishing import NEEDS_APPROVAL
from knowledge.people import Act, Viewer
from knowledge.words import Kind, RevisionState, Status, Word


class EntryAct(Word):
    """One thing that can be done to an entry."""

    EDIT = auto()
    SUBMIT = auto()
    APPROVE = auto()
    PUBLISH = auto()
    ARCHIVE = auto()
    VERIFY = auto()
    ATTACH_EVIDENCE = auto()
    POST_PROGRESS = auto()
    RECORD_USE = auto()
    RECORD_OUTCOME = auto()


def allowed(entry: EntryRow, viewer: Viewer) -> list[EntryAct]:
    """What the viewer may do to an entry that they see, in the order in which it is offered."""
    return [*_on_writing(entry, viewer), *_on_published(entry, viewer)]


def _on_writing(entry: EntryRow, viewer: Viewer) -> Iterator[EntryAct]:
    if not may_edit(viewer, entry):
        return
    yield EntryAct.EDIT
    latest = latest_of(entry, viewer)
    if latest is not None:
        own = latest.author_id == viewer.id
        submitted = latest.state is RevisionState.IN_REVIEW
        if submitted and viewer.may(Act.ENTRIES_CURATE) and not own:
            yield EntryAct.APPROVE
        elif latest.audience not in NEEDS_APPROVAL or (viewer.may(Act.ENTRIES_CURATE) and not own):
            yield EntryAct.PUBLISH
        elif not submitted:
            yield EntryAct.SUBMIT
    elif entry.status is Status.ARCHIVED:
        yield EntryAct.PUBLISH
    if entry.status is not Status.ARCHIVED:
        yield EntryAct.ARCHIVE


def _on_published(entry: EntryRow, viewer: Viewer) -> Iterator[EntryAct]:
    if entry.status is Status.PUBLISHED and may_verify(viewer, entry):
        yield EntryAct.VERIFY
    if entry.status is not Status.ARCHIVED and viewer.may(Act.ENTRIES_WRITE) and viewer.may(Act.FEEDBACK_READ):
        yield EntryAct.ATTACH_EVIDENCE
    if entry.kind is Kind.INITIATIVE and entry.status is Status.PUBLISHED and may_post(viewer, entry):
        yield EntryAct.POST_PROGRESS
    if entry.status is Status.PUBLISHED and viewer.may(Act.ENTRIES_WRITE):
        if entry.kind is Kind.BEST_PRACTICE:
            yield EntryAct.RECORD_USE
        if entry.kind in (Kind.BEST_PRACTICE, Kind.INITIATIVE):
            yield EntryAct.RECORD_OUTCOME


def may_post(viewer: Viewer, initiative: EntryRow) -> bool:
    """Whether the viewer may post progress: the initiative's owner, and leaders."""
    own = initiative.owner_id is not None and initiative.owner_id == viewer.id
    return viewer.may(Act.INITIATIVES_WRITE) or (own and viewer.may(Act.ENTRIES_WRITE))
