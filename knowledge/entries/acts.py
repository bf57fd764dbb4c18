"""What a viewer may do to an entry now, so that a page offers just that."""

from collections.abc import Iterator
from enum import auto

from knowledge.entries import approving, hiding
from knowledge.entries.entry import EntryRow, RevisionRow, may_edit
from knowledge.entries.freshness import may_set_verifier, may_verify
from knowledge.entries.listing import latest_of
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
    SCHEDULE = auto()
    UNSCHEDULE = auto()
    OBSOLETE = auto()
    SET_VERIFIER = auto()
    RECORD_USE = auto()
    RECORD_OUTCOME = auto()


def allowed(entry: EntryRow, viewer: Viewer) -> list[EntryAct]:
    """What the viewer may do to an entry that they see, in the order in which it is offered."""
    found = [*_on_writing(entry, viewer), *_on_published(entry, viewer)]
    if entry.status is Status.ARCHIVED and not viewer.may(Act.ENTRIES_CURATE) and hiding.of(entry, viewer) is not None:
        return [act for act in found if act not in (EntryAct.PUBLISH, EntryAct.SCHEDULE)]
    return found


def _on_writing(entry: EntryRow, viewer: Viewer) -> Iterator[EntryAct]:
    if not may_edit(viewer, entry):
        return
    yield EntryAct.EDIT
    newest = latest_of(entry, viewer)
    if newest is not None:
        yield from _on_newest(entry, viewer, newest)
    elif _may_bring_back(entry, viewer):
        yield EntryAct.PUBLISH
    if entry.status is not Status.ARCHIVED:
        yield EntryAct.ARCHIVE
    if entry.status is Status.PUBLISHED:
        yield EntryAct.OBSOLETE


def _on_newest(entry: EntryRow, viewer: Viewer, newest: RevisionRow) -> Iterator[EntryAct]:
    """What may be done to a revision that is not out yet."""
    standing = approving.standing_of(entry)
    other = approving.is_second_pair_of_eyes(viewer, entry.kind, newest.author_id)
    may_publish = not standing.needed or (other and standing.is_enough_with(viewer.id))
    if newest.state is RevisionState.SCHEDULED:
        yield EntryAct.UNSCHEDULE
    elif newest.state is RevisionState.IN_REVIEW:
        if other and viewer.id not in standing.by:
            yield EntryAct.APPROVE
        elif may_publish:
            yield EntryAct.PUBLISH
    else:
        yield EntryAct.PUBLISH if may_publish else EntryAct.SUBMIT
    if may_publish:
        yield EntryAct.SCHEDULE


def _may_bring_back(entry: EntryRow, viewer: Viewer) -> bool:
    """Whether the viewer may publish again what was taken out, where nobody writes on it."""
    if entry.status is Status.PUBLISHED or entry.latest_revision_id != entry.published_revision_id:
        return False
    standing = approving.standing_of(entry)
    return not standing.needed or approving.is_second_pair_of_eyes(viewer, entry.kind, standing.author_id)


def _on_published(entry: EntryRow, viewer: Viewer) -> Iterator[EntryAct]:
    if entry.status is Status.PUBLISHED and may_verify(viewer, entry):
        yield EntryAct.VERIFY
    if entry.status is not Status.ARCHIVED and viewer.may(Act.ENTRIES_WRITE) and viewer.may(Act.FEEDBACK_READ):
        yield EntryAct.ATTACH_EVIDENCE
    if entry.kind is Kind.INITIATIVE and entry.status is Status.PUBLISHED and may_post(viewer, entry):
        yield EntryAct.POST_PROGRESS
    if may_set_verifier(viewer, entry):
        yield EntryAct.SET_VERIFIER
    if entry.status is Status.PUBLISHED and viewer.may(Act.ENTRIES_WRITE):
        if entry.kind is Kind.BEST_PRACTICE:
            yield EntryAct.RECORD_USE
        if entry.kind in (Kind.BEST_PRACTICE, Kind.INITIATIVE):
            yield EntryAct.RECORD_OUTCOME


def may_post(viewer: Viewer, initiative: EntryRow) -> bool:
    """Whether the viewer may post progress: the initiative's owner, and leaders."""
    own = initiative.owner_id is not None and initiative.owner_id == viewer.id
    return viewer.may(Act.INITIATIVES_WRITE) or (own and viewer.may(Act.ENTRIES_WRITE))
