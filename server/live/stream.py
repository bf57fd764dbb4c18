"""One subscription: it reads on from its place in the log, and tells each change as an ordinary read of whoever listens now."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlmodel import Session

from knowledge import changes, clock
from knowledge.changes import ChangeRow, Place
from knowledge.errors import Invalid
from knowledge.people import Viewer
from knowledge.privacy import looks
from knowledge.privacy.looks import Looked
from schema.documents import Unacceptable
from schema.execution import Answer, Operation, prepare, run
from schema.limits import Limits
from schema.watching import Event, Watch, watched
from server import signin
from server.lanes import Unavailable
from server.live.follower import Follower, Listener
from server.operations import Operations, limits_for, purse_of
from server.rates import Charge
from server.signin import Credentials, UnknownToken
from server.wire import Asked, failure

T = TypeVar("T")

log = structlog.get_logger()

OPENING = 10
"""What it costs to subscribe, beside the cost of what is asked for; each event costs that once more."""
TOGETHER = 20
"""How many events are read in one turn, so that whoever has much to catch up with takes turns with the others."""
MOST_TOGETHER = 100
"""How many of one commit are."""
WINDOW = 1_000
"""How much of the log is read at once by whoever is further behind than what is kept; each costs `OPENING`."""
AGAIN = 1.0


class Over(Exception):
    """The listener is nobody any more, or may not ask this any more; `errors` says so."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.errors = errors


class Slower(Exception):
    """The bucket is empty."""

    def __init__(self, charge: Charge) -> None:
        super().__init__()
        self.charge = charge
        self.words = f"Too much at once. Try again in {charge.seconds} seconds."


@dataclass(frozen=True, slots=True)
class Told:
    """One answer and the place after it; without an answer it only says that the connection lives, and how far it is."""

    cursor: str
    answer: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Turn:
    """What a turn in the worker thread came to."""

    told: list[Told] = field(default_factory=list)
    looked: dict[Looked, None] = field(default_factory=dict)


class Stream:
    """One subscription of one caller; `open` it, then go through its `events`."""

    def __init__(
        self,
        operations: Operations,
        follower: Follower,
        id: str,
        asked: Asked,
        credentials: Credentials,
        *,
        after: str = "",
    ) -> None:
        self._operations, self._follower, self._id = operations, follower, id
        self._asked, self._credentials, self._after = asked, credentials, after
        self._viewer = Viewer()
        self._is_in_doubt = False
        self._cost, self._limit = 1, operations.settings.cost_token
        self._watch: Watch
        self._place: Place
        self._first: list[Told] = []

    @property
    def purse(self) -> str:
        """Whose bucket it is paid from."""
        return purse_of(self._viewer, self._credentials)

    async def open(self) -> None:
        """Find out who asks for what. Raises `Unacceptable`, `UnknownToken`, `Slower` and `Unavailable`."""
        turn = await self._operations.lanes.read_to_tell(self._begin)
        await self._write_down(turn)
        self._first = turn.told

    def _begin(self, session: Session) -> _Turn:
        self._viewer, is_noteworthy = self._identified(session)
        operation, limits = self._prepared(self._viewer)
        self._cost, self._limit = max(operation.weight.cost, 1), limits.cost
        charge = self._taken(OPENING + self._cost)
        if charge.seconds:
            raise Slower(charge)
        context = self._operations.context(session, self._viewer, self._id, limits)
        self._watch = watched(operation, context, self._asked.variables)
        self._place = self._begun_at(session)
        if is_noteworthy:
            viewer = self._viewer
            self._operations.lanes.later(lambda session: signin.note(session, viewer))
        hidden = self._watch.hidden(session, self._viewer, self._place.cursor, clock.now())
        return self._answered(session, self._viewer, operation, limits, hidden)

    def _begun_at(self, session: Session) -> Place:
        """Where the caller wants to go on, or where the log ends now; what lies beyond that is no place of ours."""
        head = changes.head(session)
        try:
            wanted = changes.place(self._after or self._watch.after or head.cursor)
        except Invalid as refusal:
            raise Unacceptable([failure(str(refusal), "BAD_INPUT", self._id)]) from None
        if wanted > head:
            said = "This cursor is of another installation; read anew, and go on from there."
            raise Unacceptable([failure(said, "BAD_INPUT", self._id)])
        return wanted

    def _identified(self, session: Session) -> tuple[Viewer, bool]:
        settings = self._operations.settings
        return signin.identify(session, self._credentials, anonymous=settings.anonymous, tells=settings.tell)

    def _prepared(self, viewer: Viewer) -> tuple[Operation, Limits]:
        asked, limits = self._asked, limits_for(self._operations.settings, viewer)
        operation = prepare(
            asked.source, operation_name=asked.operation_name, variables=asked.variables, viewer=viewer, limits=limits
        )
        return operation, limits

    def _taken(self, cost: int) -> Charge:
        return self._operations.rates.take(self.purse, cost, self._limit)

    async def events(self) -> AsyncGenerator[Told, None]:
        """What there is to tell, for as long as somebody listens who may; raises `Over` when that ends."""
        source, uids = self._watch.source, self._watch.uids
        listener = Listener(source.types, uids, self._viewer.uid)
        with self._follower.waking(listener):
            for each in self._first:
                yield each
            while True:
                listener.woken.clear()
                rows, place = await self._further()
                async for each in self._told(rows):
                    yield each
                self._place = max(self._place, place)
                if not rows and not await self._is_woken(listener):
                    self._is_in_doubt = True
                    async for each in self._told(()):
                        yield each
                    yield Told(self._place.cursor)

    async def _is_woken(self, listener: Listener) -> bool:
        try:
            async with asyncio.timeout(self._operations.settings.beat_seconds):
                return await listener.woken.wait()
        except TimeoutError:
            return False

    async def _further(self) -> tuple[Sequence[ChangeRow], Place]:
        """What came after this place, and the place after that: of what is kept, or else of the log itself."""
        kept = self._follower.since(self._place)
        if kept is not None:
            return kept, kept[-1].place if kept else self._place
        await self._paid(OPENING)
        return await self._patiently(self._read)

    def _read(self, session: Session) -> tuple[Sequence[ChangeRow], Place]:
        rows = changes.since(session, self._place.cursor, most=WINDOW)
        return rows, rows[-1].place if len(rows) == WINDOW else changes.head(session)

    async def _told(self, rows: Sequence[ChangeRow]) -> AsyncGenerator[Told, None]:
        """What of these is to be told, some at a time; each moves the place on, so that whatever ends this loses nothing."""
        mine = [row for row in rows if self._watch.concerns(row)]
        self._is_in_doubt |= any(self._is_about_me(row) for row in rows)
        for some in _in_turns(mine):
            if not some and not self._is_in_doubt:
                return
            await self._paid(self._cost * len(some))
            turn = await self._patiently(partial(self._tell, rows=some))
            await self._write_down(turn)
            self._is_in_doubt = False
            for each in turn.told:
                yield each
            if some:
                self._place = some[-1].place

    def _is_about_me(self, row: ChangeRow) -> bool:
        return row.type == "ApiToken" or (self._viewer.uid is not None and row.uid == self._viewer.uid)

    def _tell(self, session: Session, rows: Sequence[ChangeRow]) -> _Turn:
        """The events of some changes, read anew by whoever the caller is by now."""
        try:
            viewer, _ = self._identified(session)
            if viewer.id != self._viewer.id:
                raise Over([failure("You are signed out.", "UNAUTHENTICATED", self._id)])
            operation, limits = self._prepared(viewer)
        except UnknownToken:
            said = "This token is unknown, has expired or was revoked."
            raise Over([failure(said, "UNAUTHENTICATED", self._id)]) from None
        except Unacceptable as refused:
            raise Over(refused.errors) from None
        self._viewer = viewer
        events = self._watch.events(session, viewer, rows)
        return self._answered(session, viewer, operation, limits, events)

    def _answered(
        self, session: Session, viewer: Viewer, operation: Operation, limits: Limits, events: Sequence[Event]
    ) -> _Turn:
        turn = _Turn()
        for event in events:
            context = self._operations.context(session, viewer, self._id, limits)
            context.looked = turn.looked
            answer = run(operation, context, self._asked.variables, root=lambda event=event, **_: event)
            if answer.bug is not None:
                log.error("bug", exc_info=answer.bug, operation=operation.name)
            turn.told.append(Told(event.cursor, _put(answer, event.cursor)))
        return turn

    async def _write_down(self, turn: _Turn) -> None:
        """Whoever cannot write down that personal data was looked at does not see it."""
        if turn.looked:
            await self._operations.lanes.write(lambda session: looks.write(session, turn.looked))

    async def _paid(self, cost: int) -> None:
        """Wait until the bucket holds so much: who asks for much hears it later, and all of it."""
        while cost and (charge := self._taken(min(cost, self._limit))).seconds:
            await asyncio.sleep(charge.seconds)

    async def _patiently(self, work: Callable[[Session], T]) -> T:
        """What is too much at the moment is tried again: nothing is left out for it."""
        while True:
            try:
                return await self._operations.lanes.read_to_tell(work)
            except Unavailable as busy:
                await asyncio.sleep(max(busy.seconds, AGAIN))


def _in_turns(rows: Sequence[ChangeRow]) -> list[Sequence[ChangeRow]]:
    """Some changes after others, those of one commit together where they are not very many; one turn at least."""
    turns: list[list[ChangeRow]] = [[]]
    for row in rows:
        turn = turns[-1]
        if len(turn) >= TOGETHER and (turn[-1].at != row.at or len(turn) >= MOST_TOGETHER):
            turns.append([])
        turns[-1].append(row)
    return [*turns]


def _put(answer: Answer, cursor: str) -> Mapping[str, Any]:
    told = {"data": answer.data, "extensions": {"cursor": cursor}}
    return {"errors": answer.errors, **told} if answer.errors else told
