"""WebSocket: `graphql-transport-ws` and nothing else; many subscriptions to a connection, each at its own pace."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, aclosing, suppress
from dataclasses import replace
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from knowledge import activity, clock
from schema.documents import Unacceptable
from schema.execution import MASKED
from server import signin
from server.lanes import Unavailable
from server.live.admission import Admission, Crowded
from server.live.follower import Follower
from server.live.stream import Over, Slower, Stream
from server.operations import Operations, numbered, purse_of
from server.signin import UnknownToken
from server.wire import Asked, Said, Unreadable, asked_in, failure

log = structlog.get_logger()

PROTOCOL = "graphql-transport-ws"
PATIENCE = 60.0
"""How long a reader may take to take in what was sent; what comes after that it reads when it comes back."""
CLOSING = 5.0
LONGEST_ID = 200

TOO_LARGE, AGAIN_LATER = 1009, 1013
BAD_REQUEST, UNAUTHORISED, FORBIDDEN, NO_PROTOCOL, LATE = 4400, 4401, 4403, 4406, 4408
TWICE, TOO_MANY_INITS = 4409, 4429


class Closed(Exception):
    """The connection ends, with this code and in these words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Socket:
    """One connection: it says who it is, subscribes, and is told."""

    def __init__(self, websocket: WebSocket, operations: Operations, follower: Follower, admission: Admission) -> None:
        self._socket, self._operations, self._follower, self._admission = websocket, operations, follower, admission
        self._settings = operations.settings
        self._id = clock.uid().hex
        self._credentials = signin.shown(websocket, self._settings)
        self._is_known = False
        self._places = ExitStack()
        self._turn = asyncio.Lock()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._over: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Everything from the first message to the last."""
        activity.request_id.set(self._id)
        offers = PROTOCOL in self._socket.scope.get("subprotocols", ())
        await self._socket.accept(subprotocol=PROTOCOL if offers else None)
        began = asyncio.get_running_loop().time()
        code = 1000
        try:
            await (self._heard() if offers else self._refused())
        except Closed as closed:
            code = closed.code
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(CLOSING):
                    await self._socket.close(closed.code, closed.reason)
        except WebSocketDisconnect as gone:
            code = gone.code
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            self._places.close()
            seconds = asyncio.get_running_loop().time() - began
            log.info("websocket", request_id=self._id, code=code, milliseconds=round(seconds * 1000, 1))

    async def _refused(self) -> None:
        raise Closed(NO_PROTOCOL, "Subprotocol not acceptable")

    async def _heard(self) -> None:
        """What the caller says, until it goes or one of its subscriptions ends it all."""
        listening = asyncio.create_task(self._listen())
        try:
            either: set[asyncio.Future[Any]] = {listening, self._over}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._over.done():
                raise self._over.result()
            await listening
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, Closed, WebSocketDisconnect):
                await listening

    async def _listen(self) -> None:
        try:
            self._places.enter_context(self._admission.listening())
        except Unavailable as full:
            raise Closed(AGAIN_LATER, str(full)) from None
        try:
            async with asyncio.timeout(self._settings.init_seconds):
                while not self._is_known:
                    await self._take(await self._message())
        except TimeoutError:
            raise Closed(LATE, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._message())

    async def _message(self) -> Mapping[str, Any]:
        sent = await self._socket.receive()
        if sent["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(sent.get("code", 1005))
        text = sent.get("text")
        if text is None:
            raise Closed(BAD_REQUEST, "Send messages as text")
        if len(text) > self._settings.body_bytes:
            raise Closed(TOO_LARGE, "The message is too large")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closed(BAD_REQUEST, "A message is JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(BAD_REQUEST, "A message is an object with a type")
        return message

    async def _take(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._introduced(message.get("payload"))
            case "ping":
                await self._say("pong")
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                if (task := self._running.pop(str(message.get("id")), None)) is not None:
                    task.cancel()
            case _:
                raise Closed(BAD_REQUEST, "This type of message is unknown")

    async def _introduced(self, payload: Any) -> None:
        """Who it is: by a token in the first message, or by what the handshake showed."""
        if self._is_known:
            raise Closed(TOO_MANY_INITS, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise Closed(BAD_REQUEST, "The payload is an object")
        if token := _token(payload or {}):
            self._credentials = replace(self._credentials, token=token)
        try:
            viewer, _ = await self._operations.lanes.read_to_tell(
                lambda session: signin.identify(session, self._credentials, anonymous=self._settings.anonymous)
            )
            self._places.enter_context(self._admission.as_one(purse_of(viewer, self._credentials)))
        except UnknownToken:
            raise Closed(FORBIDDEN, "Forbidden") from None
        except Crowded:
            raise Closed(AGAIN_LATER, "You listen by as many connections as one may") from None
        except Unavailable as busy:
            raise Closed(AGAIN_LATER, str(busy)) from None
        self._is_known = True
        await self._say("connection_ack")

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._is_known:
            raise Closed(UNAUTHORISED, "Unauthorized")
        name = message.get("id")
        if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_ID:
            raise Closed(BAD_REQUEST, "A subscription has an id")
        if name in self._running:
            raise Closed(TWICE, f"Subscriber for {name} already exists")
        try:
            asked = asked_in(message.get("payload"))
        except Unreadable as problem:
            raise Closed(BAD_REQUEST, str(problem)[:100]) from None
        if len(self._running) < self._settings.subscriptions:
            self._running[name] = asyncio.create_task(self._run(name, asked))
            return
        said = f"A connection has at most {self._settings.subscriptions} subscriptions."
        await self._ended(name, [failure(said, "LIMIT_EXCEEDED", self._id)])

    async def _run(self, name: str, asked: Asked) -> None:
        """One subscription from its beginning to its end."""
        stream = Stream(self._operations, self._follower, self._id, asked, self._credentials)
        try:
            await stream.open()
            async with aclosing(stream.events()) as events:
                async for told in events:
                    if told.answer is not None:
                        await self._say("next", id=name, payload=told.answer)
        except Unacceptable as refused:
            await self._ended(name, refused.errors)
        except Slower as slower:
            await self._ended(name, [failure(slower.words, "RATE_LIMITED", self._id)])
        except Unavailable as busy:
            await self._ended(name, [failure(str(busy), "UNAVAILABLE", self._id)])
        except (UnknownToken, Over) as over:
            errors = over.errors if isinstance(over, Over) else ()
            if errors and errors[0]["extensions"]["code"] != "UNAUTHENTICATED":
                await self._ended(name, errors)
            else:  # whoever is signed out hears nothing more by any of the connection's subscriptions
                self._end(Closed(UNAUTHORISED, "Unauthorized"))
        except (Closed, WebSocketDisconnect):
            pass  # the connection has ended, or is about to
        except Exception:  # the endpoint is one of the two edges
            log.exception("bug", request_id=self._id)
            await self._ended(name, [failure(MASKED, "INTERNAL", self._id)])

    async def _ended(self, name: str, errors: Sequence[Mapping[str, Any]]) -> None:
        self._running.pop(name, None)
        with suppress(Closed, WebSocketDisconnect):
            said = numbered(Said(errors), self._id)
            await self._say("error", id=name, payload=said.errors)

    async def _say(self, type: str, **more: Any) -> None:
        """Send one message when it is its turn; whoever takes nothing in for long is cut off, and may come back and resume."""
        text = orjson.dumps({"type": type, **more}).decode()
        async with self._turn:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._socket.send_text(text)
            except TimeoutError:
                self._end(Closed(AGAIN_LATER, "Nothing was taken in"))
                raise Closed(AGAIN_LATER, "Nothing was taken in") from None
            except RuntimeError:  # it is closed already
                raise WebSocketDisconnect(1006) from None

    def _end(self, why: Closed) -> None:
        if not self._over.done():
            self._over.set_result(why)


def _token(payload: Mapping[str, Any]) -> str:
    """The token in the payload of the first message: `token`, or `authorization` as the header would have it."""
    named = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    scheme, _, token = named.get("authorization", "").partition(" ")
    return named.get("token", "").strip() or (token.strip() if scheme.lower() == "bearer" else "")
