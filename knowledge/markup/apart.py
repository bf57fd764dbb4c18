"""Rendering in a process of its own that can be killed, for previews and imports: nobody else waits for a hostile text."""

from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock

from knowledge.errors import TooLarge
from knowledge.markup.checking import check
from knowledge.markup.rendering import Rendered, render

STARTING = 30.0
"""Seconds that a new process may take to import the renderer; they do not count as rendering."""


class Worker:
    """One process that renders one text at a time; started by the first text and again after it was killed."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.process: BaseProcess | None = None
        self.line: Connection | None = None

    def render(self, source: str, field: str, seconds: float) -> Rendered | None:
        """What the text becomes, or nothing if it takes longer than `seconds` or twice ends the process."""
        with self.lock:
            for _ in range(2):
                try:
                    return self.answer(source, field, seconds)
                except (EOFError, OSError):
                    self.stop()
        return None

    def answer(self, source: str, field: str, seconds: float) -> Rendered | None:
        line = self.line if self.line and self.process and self.process.is_alive() else self.start()
        line.send((source, field))
        if not line.poll(seconds):
            self.stop()
            return None
        received = line.recv()
        return received if isinstance(received, Rendered) else None

    def start(self) -> Connection:
        """A new process; spawned, because a fork of a process with threads may inherit locks that nobody releases."""
        context = get_context("spawn")
        self.line, far = context.Pipe()
        self.process = context.Process(target=serve, args=(far,), name="markup", daemon=True)
        self.process.start()
        far.close()
        if not self.line.poll(STARTING):
            raise EOFError
        self.line.recv()
        return self.line

    def stop(self) -> None:
        """End the process at once; the next text starts another."""
        if self.process:
            self.process.kill()
            self.process.join()
        if self.line:
            self.line.close()
        self.process = self.line = None


WORKER = Worker()


def serve(line: Connection) -> None:
    """Say that the process is ready, then answer each text until the other side hangs up."""
    line.send(True)
    while True:
        try:
            source, field = line.recv()
        except EOFError:
            return
        try:
            line.send(render(source, field=field))
        except TooLarge as refused:
            line.send(refused.problems)


def render_apart(source: str, seconds: float = 2.0, *, field: str = "body") -> Rendered:
    """Render as `render` does, but refuse with `TooLarge` on `field` what takes longer than `seconds`.

    Safe from several threads, which wait for one another; a text costs about a millisecond more than here.
    """
    check(source, field=field)
    rendered = WORKER.render(source, field, seconds)
    if rendered is None:
        raise TooLarge("The text takes too long to render.", field)
    return rendered


def stop() -> None:
    """End the process, if there is one; for the end of a server or a test."""
    with WORKER.lock:
        WORKER.stop()
