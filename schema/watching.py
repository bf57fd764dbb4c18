"""Which changes a subscription is about, and what of them its viewer is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from knowledge import entries, feedback
from knowledge.changes import ChangeRow
from knowledge.database import Row, Session
from knowledge.entries import EntryRow, listing
from knowledge.feedback import FeedbackRow
from knowledge.initiatives import progress
from knowledge.people import Act, Viewer
from schema.context import Context
from schema.documents import Unacceptable
from schema.execution import Operation, run
from schema.nodes import parts

MOST = 100
"""How many things one subscription may name."""
REMEMBERED = 10_000
"""Of how many things one subscription knows that its viewer has been told of them."""


OPEN = "entry."
"""The beginning of the acts on an entry that others than colleagues hear of: what else is done to it is none of theirs."""


ANSWERING = frozenset({"", "feedback.answered", "feedback.replied", "feedback.reopened"})
"""The acts on feedback that whoever said it hears of: how colleagues sort it and pass it on is none of theirs."""


@dataclass(frozen=True, slots=True)
class Source:
    """The changes that a root field tells of: their types and acts, and the types of the ids that narrow it."""

    types: frozenset[str]
    verbs: frozenset[str] = frozenset()
    but: str = "\0"
    """The beginning of the acts that are no news to this field."""
    ids: frozenset[str] = frozenset()
    tells_of_the_end: bool = False
    """Whether it says when something went out of the viewer's sight."""

    def has(self, change: ChangeRow) -> bool:
        """Whether a change is of these."""
        is_act = not self.verbs or change.verb in self.verbs
        return change.type in self.types and is_act and not change.verb.startswith(self.but)


SOURCES: Mapping[str, Source] = {
    "entryChanged": Source(frozenset({"Entry"}), ids=frozenset({"Entry"}), tells_of_the_end=True),
    "feedbackReceived": Source(frozenset({"Feedback"}), frozenset({"feedback.recorded"})),
    "initiativeProgressed": Source(frozenset({"ProgressUpdate"}), ids=frozenset({"Entry"})),
    "nodeChanged": Source(
        frozenset({"Entry", "Feedback"}),
        but="reaction.",
        ids=frozenset({"Entry", "Feedback"}),
        tells_of_the_end=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell: what changed, and the thing as the viewer may read it now."""

    type: str
    uid: UUID
    cursor: str
    at: datetime
    node: Row | None = None

    @property
    def deleted(self) -> bool:
        """Whether there is nothing of it to see any more."""
        return self.node is None


@dataclass(slots=True)
class Watch:
    """One subscription: what it is about, and of what its viewer has been told."""

    source: Source
    named: Mapping[UUID, str]
    """The things that narrow it, each with its type; empty is everything."""
    after: str | None
    known: dict[UUID, None] = field(default_factory=dict)

    @property
    def uids(self) -> frozenset[UUID] | None:
        """The things whose changes it is about, as far as that can be told before they are read."""
        return frozenset(self.named) if self.named and self.source.ids >= self.source.types else None

    def concerns(self, change: ChangeRow) -> bool:
        """Whether a change may be one to tell, before anything is read."""
        return self.source.has(change) and (self.uids is None or change.uid in self.named)

    def hidden(self, session: Session, viewer: Viewer, cursor: str, at: datetime) -> Sequence[Event]:
        """Of the things that it names those that the viewer may not see: as with `node`, there is nothing of them."""
        if not self.source.tells_of_the_end:
            return ()
        seen = _found(session, viewer, [(type, uid) for uid, type in self.named.items()])
        self.known.update(dict.fromkeys(seen))
        return [Event(type, uid, cursor, at) for uid, type in self.named.items() if uid not in seen]

    def events(self, session: Session, viewer: Viewer, rows: Sequence[ChangeRow]) -> Sequence[Event]:
        """What the viewer is told of some changes: of what they may not see, or see nothing new of, they hear nothing.

        However often something moved in one commit, they hear of it once.
        """
        found = _found(session, viewer, [(row.type, row.uid) for row in rows])
        told = [event for row in rows if (event := self._event(row, found.get(row.uid), viewer))]
        last = {(event.uid, event.at): event for event in told}
        return [event for event in told if last[event.uid, event.at] is event]

    def _event(self, change: ChangeRow, found: Row | None, viewer: Viewer) -> Event | None:
        if found is not None and _is_nothing_to(found, viewer, change):
            return None
        if found is not None and isinstance(found, progress.ProgressRow) and self.named:
            about = progress.initiative_of(found, viewer)
            found = found if about is not None and about.uid in self.named else None
        if found is None:
            if change.uid not in self.known or not self.source.tells_of_the_end:
                return None
            del self.known[change.uid]
        else:
            self.known[change.uid] = None
            if len(self.known) > REMEMBERED:
                del self.known[next(iter(self.known))]
        return Event(change.type, change.uid, change.cursor, change.at, found)


def _found(session: Session, viewer: Viewer, wanted: Sequence[tuple[str, UUID]]) -> Mapping[UUID, Row]:
    """The things that the viewer may see, those of a type in one statement, so that they load what is beside them together."""
    by_type: dict[str, dict[UUID, None]] = {}
    for type, uid in wanted:
        by_type.setdefault(type, {})[uid] = None
    return {row.uid: row for type, uids in by_type.items() for row in FINDERS[type](session, viewer, [*uids])}


def _updates(session: Session, viewer: Viewer, uids: Sequence[UUID]) -> Sequence[Any]:
    return [found for uid in uids if (found := progress.by_uid(session, viewer, uid))]


FINDERS: Mapping[str, Callable[[Session, Viewer, Sequence[UUID]], Sequence[Any]]] = {
    "Entry": entries.by_uids,
    "Feedback": feedback.by_uids,
    "ProgressUpdate": _updates,
}


def _is_nothing_to(found: Row, viewer: Viewer, change: ChangeRow) -> bool:
    """Whether the viewer sees nothing of a change: it is of a revision that they may not read, or among colleagues alone."""
    if isinstance(found, FeedbackRow) and not viewer.may(Act.FEEDBACK_READ):
        return change.verb not in ANSWERING
    if not isinstance(found, EntryRow):
        return False
    if not viewer.is_inside and change.verb and not change.verb.startswith(OPEN):
        return True
    return change.revision > found.revision and listing.latest_of(found, viewer) is None


def watched(operation: Operation, context: Context, variables: Mapping[str, Any] | None) -> Watch:
    """What a subscription asks for; raises `Unacceptable` with what is wrong with it."""
    if operation.kind != "subscription":
        raise Unacceptable([_fault("Only subscriptions are answered here. Send this by POST.", "BAD_REQUEST")])
    asked: list[Mapping[str, Any]] = []
    answer = run(operation, context, variables, root=lambda **given: asked.append(given))
    if len(asked) != 1:
        raise Unacceptable(answer.errors or [_fault("Nothing is subscribed to.", "BAD_REQUEST")])
    source = SOURCES[operation.roots[0]]
    ids = asked[0]["ids"]
    if ids is not None and not 1 <= len(ids) <= MOST:
        raise Unacceptable([_fault(f"Name 1 to {MOST} of them.", "BAD_INPUT")])
    found = [parts(id) for id in ids or ()]
    if any(each is None or each[0] not in source.ids for each in found):
        raise Unacceptable([_fault("One of the ids is not of such a thing.", "BAD_INPUT")])
    return Watch(source, {each[1]: each[0] for each in found if each}, asked[0]["after"])


def _fault(message: str, code: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code}}
