"""A mail server of our own for the tests: it speaks SMTP over a real socket, keeps what it is given, and refuses when told to."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Mailbox:
    """What has arrived; each answer in `replies` is given to one recipient instead of taking them, and an empty one hangs up.

    `meanwhile` is done whenever a letter has arrived, before that is said.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box = cast(_Server, self.server).box
        self.say(b"220 here")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say(b"221 goodbye")
                return
            if verb == b"RCPT" and box.replies:
                if not (reply := box.replies.pop(0)):
                    return
                self.say(reply)
            elif verb == b"DATA":
                self.say(b"354 go on")
                box.letters.append(self.letter())
                if box.meanwhile is not None:
                    box.meanwhile()
                self.say(b"250 kept")
            else:
                self.say(b"250 well")

    def letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, box: Mailbox) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.box = box


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A running mail server, and what it has been given."""
    box = Mailbox()
    with _Server(box) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
