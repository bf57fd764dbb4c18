"""The two ways to listen, side by side: who may, by how many connections, and what is said to whom it is refused."""

from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from schema.documents import Unacceptable
from schema.execution import is_subscription
from schema.limits import Limits
from server import signin
from server.lanes import Unavailable
from server.live.admission import Admission, Crowded
from server.live.follower import Follower
from server.live.sending import Events, refusal
from server.live.sockets import Socket
from server.live.stream import Slower, Stream
from server.middleware import is_ours
from server.operations import CHALLENGE, Operations, numbered
from server.signin import UnknownToken
from server.wire import EVENTS, LEGACY, Asked, Said, Unreadable, accepted, failure, put

WORDS = "You listen by as many connections as one may; close one first."


class Live:
    """What listens in one process."""

    def __init__(self, operations: Operations, follower: Follower) -> None:
        self.operations, self.follower = operations, follower
        self.admission = Admission(operations.settings)

    def start(self) -> None:
        """Begin to follow the log."""
        self.follower.start()

    async def stop(self) -> None:
        """Follow it no more."""
        await self.follower.stop()

    def is_for(self, request: Request, asked: Asked) -> bool:
        """Whether a request that would take events gets them: a subscription does, and whatever takes nothing else."""
        settings = self.operations.settings
        if is_subscription(
            asked.source, asked.operation_name, Limits(characters=settings.characters, tokens=settings.tokens)
        ):
            return True
        try:
            return accepted(request.headers) == EVENTS
        except Unreadable:
            return True

    async def socket(self, websocket: WebSocket) -> None:
        """A WebSocket, for as long as it lasts."""
        if not is_ours(websocket.scope, self.operations.settings.base_url):
            await websocket.close()  # before it is accepted: the browser is told 403
            return
        await Socket(websocket, self.operations, self.follower, self.admission).serve()

    async def events(self, request: Request, asked: Asked) -> Response:
        """Server-sent events, or why there are none."""
        id = request.state.request_id
        if not is_ours(request.scope, self.operations.settings.base_url):
            return put(Said([failure("Ask from a page of ours.", "NOT_ALLOWED", id)], status=403), LEGACY)
        stream = self._stream(request, asked)
        places = ExitStack()
        try:
            places.enter_context(self.admission.listening())
            await stream.open()
            places.enter_context(self.admission.as_one(stream.purse))
            request.state.operation = "subscription"
            return Events(stream, places.pop_all().close)
        except Unacceptable as refused:
            said = numbered(Said(refused.errors, status=refused.status), id)
            return put(said, LEGACY) if refused.status in (401, 403) else refusal(said.errors)
        except (UnknownToken, Slower, Crowded, Unavailable) as no:
            return put(_said(no, id), LEGACY)
        finally:
            places.close()

    def _stream(self, request: Request, asked: Asked) -> Stream:
        credentials = signin.shown(request, self.operations.settings)
        after = request.headers.get("last-event-id", "")
        return Stream(self.operations, self.follower, request.state.request_id, asked, credentials, after=after)


def _said(no: Exception, id: str) -> Said:
    match no:
        case UnknownToken():
            error = failure("This token is unknown, has expired or was revoked.", "UNAUTHENTICATED", id)
            return Said([error], status=401, headers=CHALLENGE)
        case Slower():
            return Said([failure(no.words, "RATE_LIMITED", id)], status=429, headers=no.charge.headers)
        case Unavailable():
            headers = {"retry-after": str(no.seconds)}
            return Said([failure(str(no), "UNAVAILABLE", id)], status=503, headers=headers)
        case _:
            return Said([failure(WORDS, "LIMIT_EXCEEDED", id)], status=429, headers={"retry-after": "60"})
