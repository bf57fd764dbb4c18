"""One operation from its words to its answer: who asks, whether it may run, in which thread, and what is told of a bug."""

import asyncio
import hmac
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from sqlmodel import Session
from starlette.requests import Request

from knowledge import clock
from knowledge.feedback.spam import Throttle
from knowledge.listening.searches import Heard
from knowledge.people import Viewer
from knowledge.privacy import looks
from knowledge.privacy.looks import Looked
from knowledge.search.index import Index
from schema.context import Budget, Counts, Noticing
from schema.documents import Unacceptable
from schema.execution import Answer, Operation, prepare, run
from schema.limits import Limits
from server import grounds, signin
from server.grounds import Grounds, Hearing, Price
from server.lanes import Lanes, Unavailable
from server.listening import Listening
from server.rates import Charge, Rates
from server.settings import Settings
from server.signin import Credentials, UnknownToken
from server.wire import Asked, Said, failure
from server.worker import Worker

log = structlog.get_logger()

INDEX_SECONDS = 5.0
NOWHERE = Credentials()
CHALLENGE = {"www-authenticate": 'Bearer realm="Loyalty Commons", error="invalid_token"'}


class _Refused(Exception):
    """The operation is not executed; `said` is why."""

    def __init__(self, said: Said) -> None:
        super().__init__()
        self.said = said


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms an operation runs: our own pages are trusted, a GET only asks, some wait for the index."""

    is_trusted: bool = False
    only_asks: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class _Begun:
    """An operation that may run, for whom, and on which budget; `answer` is there when it ran at once."""

    operation: Operation
    viewer: Viewer
    limits: Limits
    charge: Charge | None
    is_noteworthy: bool
    grounds: Grounds
    caller: str = ""
    answer: Answer | None = None
    heard: list[Heard] = field(default_factory=list)
    looked: dict[Looked, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Operations:
    """Runs operations: a light query in the thread that read who asks, a heavy one in the slow lane, a mutation by the writer.

    What renders Markdown is heavy whatever it costs and whoever asks.
    """

    settings: Settings
    index: Index
    lanes: Lanes
    rates: Rates
    worker: Worker
    listening: Listening
    secret: bytes = b""
    counts: Counts = field(default_factory=Counts)
    throttle: Throttle = field(default_factory=Throttle)
    answers: Throttle = field(default_factory=lambda: Throttle(each=30, all=1_200))

    async def perform(self, request: Request, asked: Asked, credentials: Credentials, terms: Terms) -> Said:
        """The answer, whatever happens: refusals, limits and bugs are answers too."""
        id, rests = request.state.request_id, grounds.of(request)
        rests.asked += 1
        try:
            begun = await self.lanes.read(lambda session: self._begin(session, id, asked, credentials, terms, rests))
            request.state.operation = f"{begun.operation.kind} {begun.operation.name or ''}".strip()
            if begun.is_noteworthy:
                self.lanes.later(lambda session: signin.note(session, begun.viewer))
            answer = begun.answer or await self._run_elsewhere(id, asked, begun)
            if begun.looked:  # whoever cannot write it down does not see it
                await self.lanes.write(lambda session: looks.write(session, begun.looked))
            if answer.bug is None:
                self.listening.hear(begun.viewer, begun.heard, is_watched=terms.is_trusted)
            if terms.waits and begun.operation.kind == "mutation" and answer.bug is None:
                await self._caught_up()
            _vouch(rests, begun, answer, terms)
            return numbered(_said(answer, begun), id)
        except _Refused as refused:
            return refused.said
        except Unacceptable as refused:
            return numbered(Said(refused.errors, status=refused.status), id)
        except UnknownToken:
            error = failure("This token is unknown, has expired or was revoked.", "UNAUTHENTICATED", id)
            return Said([error], status=401, headers=CHALLENGE)
        except Unavailable as problem:
            error = failure(str(problem), "UNAVAILABLE", id)
            return Said([error], status=503, headers={"retry-after": str(problem.seconds)})

    def _begin(
        self, session: Session, id: str, asked: Asked, credentials: Credentials, terms: Terms, rests: Grounds
    ) -> _Begun:
        session.info["version"] = rests.version
        with clock.watched(rests.watch):
            viewer, is_noteworthy = signin.identify(
                session, credentials, anonymous=self.settings.anonymous, tells=self.settings.tell
            )
        limits = limits_for(self.settings, viewer)
        operation = prepare(
            asked.source,
            operation_name=asked.operation_name,
            variables=asked.variables,
            viewer=viewer,
            limits=limits,
            trusted=terms.is_trusted,
        )
        if terms.only_asks and operation.kind != "query":
            error = failure("A GET only asks. Send this by POST.", "BAD_REQUEST", id)
            raise _Refused(Said([error], status=405, headers={"allow": "POST"}))
        if operation.kind == "subscription":
            said = "Subscribe over WebSocket, or accept text/event-stream."
            raise Unacceptable([failure(said, "BAD_REQUEST", id)])
        charge = (
            None if terms.is_trusted else self._charged(id, viewer, credentials, operation.weight.cost, limits.cost)
        )
        caller = hmac.new(self.secret, purse_of(viewer, credentials).encode(), "sha256").hexdigest()
        begun = _Begun(operation, viewer, limits, charge, is_noteworthy, rests, caller)
        heavy = operation.renders or (charge is not None and operation.weight.cost >= self.settings.slow_cost)
        if operation.kind != "query" or heavy:
            return begun
        return replace(begun, answer=self._run(session, id, asked, begun))

    def _charged(self, id: str, viewer: Viewer, credentials: Credentials, cost: int, limit: int) -> Charge:
        charge = self.rates.take(purse_of(viewer, credentials), cost, limit)
        if charge.seconds:
            error = failure(f"Too much at once. Try again in {charge.seconds} seconds.", "RATE_LIMITED", id)
            raise _Refused(Said([error], status=429, headers=charge.headers))
        return charge

    def _run(self, session: Session, id: str, asked: Asked, begun: _Begun) -> Answer:
        context = self.context(session, begun.viewer, id, begun.limits)
        context.heard, context.looked, context.caller = begun.heard, begun.looked, begun.caller
        if begun.charge:
            cost = begun.operation.weight.cost
            context.budget = Budget(cost, begun.charge.limit, begun.charge.remaining, begun.charge.resets_at)
        session.info["version"] = begun.grounds.version
        with clock.watched(begun.grounds.watch):
            answer = run(begun.operation, context, asked.variables)
        _rest(begun.grounds, context)
        return answer

    def context(self, session: Session, viewer: Viewer, id: str, limits: Limits) -> Noticing:
        """What an operation carries with it wherever it comes from."""
        context = Noticing(session, viewer, self.index, id, limits)
        context.secret, context.throttle, context.answers = self.secret, self.throttle, self.answers
        context.contact = self.settings.contact
        context.plans, context.counts = self.settings.plans, self.counts
        return context

    async def _run_elsewhere(self, id: str, asked: Asked, begun: _Begun) -> Answer:
        if begun.operation.kind == "query":
            return await self.lanes.read_slowly(lambda session: self._run(session, id, asked, begun))
        answers: list[Answer] = []

        def work(session: Session) -> Answer:
            answers.append(self._run(session, id, asked, begun))
            if answers[-1].bug is not None:
                raise answers[-1].bug  # so that nothing of this operation stays
            return answers[-1]

        try:
            return await self.lanes.write(work)
        except Exception as bug:
            if answers and answers[-1].bug is bug:
                return answers[-1]
            raise

    async def _caught_up(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(INDEX_SECONDS):
                await asyncio.wrap_future(self.worker.caught_up())


def _rest(rests: Grounds, context: Noticing) -> None:
    """What was taken from the context beside rows and viewer is this process's or this moment's; the index has a standing of its own."""
    if "index" in context.taken:
        rests.stand(context.standing)
    if others := context.taken - {"index"}:
        rests.refuse(f"it rests on {min(others)}")


def _vouch(rests: Grounds, begun: _Begun, answer: Answer, terms: Terms) -> None:
    """Say what a query's answer rests on, or why it is not to be given again."""
    if begun.operation.kind != "query" or answer.errors or answer.bug is not None or answer.data is None:
        rests.refuse("it is no plain answer")
    if begun.looked:
        rests.refuse("each look is written down")
    if begun.is_noteworthy:
        rests.refuse("the visit is noted")
    if begun.charge:
        purse = purse_of(begun.viewer, NOWHERE) if begun.viewer.is_signed_in else None
        rests.prices.append(Price(purse, begun.operation.weight.cost, begun.charge.limit))
    if begun.heard:
        rests.hearings.append(Hearing(begun.viewer, tuple(begun.heard), terms.is_trusted))
    rests.answered += 1


def limits_for(settings: Settings, viewer: Viewer) -> Limits:
    """What one operation of this viewer may be."""
    cost = settings.cost_signed_in if viewer.is_signed_in else settings.cost_anonymous
    return Limits(
        characters=settings.characters,
        tokens=settings.tokens,
        depth=settings.depth,
        aliases=settings.aliases,
        directives=settings.directives,
        root_fields=settings.root_fields,
        fields=settings.fields,
        inputs=settings.inputs,
        cost=settings.cost_token if viewer.scopes is not None else cost,
    )


def _said(answer: Answer, begun: _Begun) -> Said:
    headers = begun.charge.headers if begun.charge else {}
    if answer.bug is not None:
        log.error("bug", exc_info=answer.bug, operation=begun.operation.name)
    elif answer.data is None and not any("path" in error for error in answer.errors):
        return Said(answer.errors, status=400, headers=headers)  # the variables did not fit: nothing was executed
    extensions: dict[str, Any] = {"cost": begun.operation.weight.cost, **answer.extensions}
    return Said(answer.errors, answer.data, executed=True, extensions=extensions, headers=headers)


def numbered(said: Said, id: str) -> Said:
    """The same with the request's id in every error, for the caller to name."""
    errors = [{**each, "extensions": {"requestId": id, **each.get("extensions", {})}} for each in said.errors]
    return replace(said, errors=errors)


def purse_of(viewer: Viewer, credentials: Credentials) -> str:
    """Whose bucket an operation is paid from."""
    if viewer.scopes is not None:
        return f"token {viewer.credential}"
    return f"person {viewer.id}" if viewer.is_signed_in else f"address {credentials.address}"
