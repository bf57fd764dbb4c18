"""Those who listen to a running application: a WebSocket or a stream of events, spoken to without a network or a clock."""

import asyncio
import json
import queue
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.server.clients import Server

PATIENCE = 10
"""Seconds after which a test gives up on something that is to come."""


class Ended(Exception):
    """The other side has closed the connection, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Line:
    """One connection to the application: what it sends is kept, and may be held up as a slow reader would."""

    def __init__(self, server: Server, scope: Mapping[str, Any], first: Mapping[str, Any]) -> None:
        self.portal = server.portal
        self.sent: queue.Queue[dict[str, Any]] = queue.Queue()
        self.said: asyncio.Queue[Any] = self.portal.call(asyncio.Queue)
        self.flows: asyncio.Event = self.portal.call(asyncio.Event)
        self.flow()
        self.say(first)

        async def send(message: dict[str, Any]) -> None:
            await self.flows.wait()
            self.sent.put(message)

        app: Any = server.app
        self.running = self.portal.start_task_soon(app, {"state": {}, **scope}, self.said.get, send)

    def say(self, message: Mapping[str, Any]) -> None:
        self.portal.call(self.said.put, dict(message))

    def flow(self) -> None:
        self.portal.call(self.flows.set)

    def hold(self) -> None:
        """Take nothing in from now on."""
        self.portal.call(self.flows.clear)

    def next(self) -> dict[str, Any]:
        return self.sent.get(timeout=PATIENCE)

    def cut(self, type: str) -> None:
        """Be gone, as when a cable is pulled."""
        self.flow()
        self.say({"type": type, "code": 1006})
        self.running.result(PATIENCE)


class Socket(Line):
    """A WebSocket that speaks `graphql-transport-ws`."""

    def __init__(
        self, server: Server, *, protocols: tuple[str, ...] = ("graphql-transport-ws",), **headers: str
    ) -> None:
        scope = {"type": "websocket", "scheme": "ws", "subprotocols": [*protocols], **_scope(headers)}
        super().__init__(server, scope, {"type": "websocket.connect"})

    def put(self, type: str, **more: Any) -> None:
        self.say({"type": "websocket.receive", "text": json.dumps({"type": type, **more})})

    def take(self) -> dict[str, Any]:
        """The next message; raises `Ended` where there is none any more."""
        while (message := self.next())["type"] == "websocket.accept":
            pass
        if message["type"] == "websocket.close":
            raise Ended(message.get("code", 1000))
        told: dict[str, Any] = json.loads(message["text"])
        return told

    def begin(self, **payload: str) -> "Socket":
        self.put("connection_init", payload=payload)
        assert self.take() == {"type": "connection_ack"}
        return self

    def subscribe(self, query: str, variables: Mapping[str, Any] | None = None, *, id: str = "1") -> None:
        self.put("subscribe", id=id, payload={"query": query, "variables": variables})

    def told(self) -> dict[str, Any]:
        """The data of the next event, as the one root field has it."""
        message = self.take()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (data,) = message["payload"]["data"].values()
        return dict(data)

    def settled(self) -> None:
        """Wait until all that was said is heard: it is answered in its order."""
        self.put("ping")
        assert self.take() == {"type": "pong"}

    def close(self) -> None:
        self.cut("websocket.disconnect")


class Events(Line):
    """A stream of server-sent events, as a browser opens it."""

    def __init__(self, server: Server, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> None:
        body = json.dumps({"query": query, "variables": variables}).encode()
        shown = {"content-type": "application/json", "accept": "text/event-stream", **headers}
        scope = {"type": "http", "method": "POST", "scheme": "http", "http_version": "1.1", **_scope(shown)}
        super().__init__(server, scope, {"type": "http.request", "body": body})
        self.start = self.next()
        self.cursor = ""

    def event(self) -> tuple[str, Any]:
        """The next event's name and what it says; what only keeps the connection is passed over."""
        while True:
            message = self.next()
            if not message.get("more_body") and not message.get("body"):
                raise Ended(0)
            for piece in filter(None, message["body"].decode().split("\n\n")):
                fields = dict(line.split(": ", 1) for line in piece.splitlines() if ": " in line)
                self.cursor = fields.get("id", self.cursor)
                if "event" in fields:
                    return fields["event"], json.loads(fields.get("data") or "null")

    def told(self) -> dict[str, Any]:
        name, payload = self.event()
        assert name == "next", payload
        assert "errors" not in payload, payload
        (data,) = payload["data"].values()
        return dict(data)

    def close(self) -> None:
        self.cut("http.disconnect")


def _scope(headers: Mapping[str, str]) -> dict[str, Any]:
    shown = {"host": "testserver", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in shown.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("testserver", 80),
    }


@contextmanager
def hearing(*lines: Socket | Events) -> Iterator[None]:
    """Those who listen, until the test is done with them."""
    try:
        yield
    finally:
        for line in lines:
            if not line.running.done():
                line.close()
