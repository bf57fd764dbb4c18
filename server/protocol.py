"""HTTP/1.1 as uvicorn speaks it, with a bound on how large the head of a request may be and how long it may take.

The parser itself takes any number of headers of any size, and waits for them for ever: one caller could fill the memory.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.live.sending import ENDING, HANG_UP

HEAD_BYTES = 65_536


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a head beyond `HEAD_BYTES`, and hangs up when one is not there within the time for idle connections."""

    _head = 0
    _in_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """A caller: the first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes: those of an unfinished head are counted."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self.send_400_response("The head of this request is too large.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """A head is complete."""
        self._stop_waiting()
        self._in_head = False
        super().on_headers_complete()
        self.scope["state"][HANG_UP] = self.transport.abort

    def shutdown(self) -> None:
        """The server shuts down: an answer that would go on for ever ends now."""
        super().shutdown()
        if self.cycle is not None and (ending := self.cycle.scope["state"].get(ENDING)) is not None:
            ending.set()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head, self._in_head = 0, True
        self._deadline = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
