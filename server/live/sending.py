"""Server-sent events: one subscription to a connection, each event with its place in the log, so that a browser resumes by itself."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

import orjson
import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.live.stream import Over, Stream, Told
from server.wire import EVENTS

log = structlog.get_logger()

HEADERS = {"content-type": f"{EVENTS}; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no"}
RETRY = b"retry: 2000\n\n"
PATIENCE = 60.0
"""How long a reader may take to take in what was sent; what comes after that it reads when it comes back."""
ENDING = "ending"
"""Where in a request's state the server finds how to end it when it shuts down, ..."""
HANG_UP = "hang_up"
"""... and where it leaves how to cut off a reader who takes nothing in."""


def event(name: str, data: Mapping[str, Any] | None, cursor: str = "") -> bytes:
    """One event on the wire."""
    id = f"id: {cursor}\n".encode() if cursor else b""
    return id + f"event: {name}\n".encode() + b"data: " + (orjson.dumps(data) if data else b"") + b"\n\n"


def beat(cursor: str) -> bytes:
    """What says that the connection lives; a browser notes how far it is and tells nobody."""
    return f":\nid: {cursor}\n\n".encode()


def refusal(errors: Any) -> Response:
    """What is wrong with a subscription, as the one answer that it gets: browsers see nothing of a status."""
    return Response(event("next", {"errors": errors}) + event("complete", None), headers=HEADERS)


class Events(Response):
    """The answer that goes on for as long as somebody listens."""

    def __init__(self, stream: Stream, ended: Callable[[], None]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._stream, self._ended = stream, ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        ending = scope["state"][ENDING] = asyncio.Event()
        tasks = [
            asyncio.create_task(each)
            for each in (self._send(send, scope["state"].get(HANG_UP)), _gone(receive), ending.wait())
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks[1:]:
                task.cancel()
            tasks[0].cancel()
            with suppress(asyncio.CancelledError):
                await tasks[0]
            if tasks[2] in done:  # the server lets go of those who listen: they come back to another, and resume
                await send({"type": "http.response.body", "body": b""})
        finally:
            for task in tasks:
                task.cancel()
            self._ended()

    async def _send(self, send: Send, hang_up: Callable[[], None] | None) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async with aclosing(self._said()) as said:
                async for piece in said:
                    async with asyncio.timeout(PATIENCE):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            log.info("a listener took nothing in, and is cut off")
            if hang_up is not None:
                hang_up()
            return
        await send({"type": "http.response.body", "body": b""})

    async def _said(self) -> AsyncGenerator[bytes, None]:
        yield RETRY
        try:
            async with aclosing(self._stream.events()) as events:
                async for told in events:
                    yield _put(told)
        except Over as over:
            yield event("next", {"errors": over.errors})
            yield event("complete", None)


def _put(told: Told) -> bytes:
    return beat(told.cursor) if told.answer is None else event("next", told.answer, told.cursor)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
