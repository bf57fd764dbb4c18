"""A client that costs little: bytes made beforehand go out over connections that stay open, and one thread serves them all."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

GOOD = b"http/1.1 200"
LEAST = 24
REFUSED = (b'"errors":[{', b'"errors": [{')


@dataclass
class Connection:
    """A socket, and what it has received of an answer."""

    address: str
    held: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self) -> tuple[bytes, bytes] | None:
        """Head and body when they are whole; None while more must come."""
        part = self.socket.recv(262_144)
        if not part:
            raise RuntimeError("The server hung up.")
        self.held += part
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.held[:end]).lower()
        body = _unchunked(self.held, end + 4) if b"chunked" in head else _counted(self.held, end + 4, head)
        if body is not None:
            self.held.clear()
        return None if body is None else (head, body)


def _counted(held: bytearray, start: int, head: bytes) -> bytes | None:
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    return bytes(held[start:]) if len(held) >= start + length else None


def _unchunked(held: bytearray, start: int) -> bytes | None:
    if not held.endswith(b"0\r\n\r\n"):
        return None
    parts = []
    while size := int(held[start : (line := held.index(b"\r\n", start))], 16):
        parts.append(bytes(held[line + 2 : line + 2 + size]))
        start = line + size + 4
    return b"".join(parts)


def request(path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a request."""
    lines = {"host": "localhost", "accept": "application/json" if body else "text/html", **(headers or {})}
    if body is not None:
        lines |= {"content-type": "application/json", "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b"")


def one(address: str, asked: bytes) -> bytes:
    """The body of one answer, which must be a good one."""
    (answer,) = _answers(address, [asked], 1, lambda sent: sent < 1)
    return answer


def many(address: str, requests: Sequence[bytes], clients: int, seconds: float) -> int:
    """How many answers so many clients get, each asking again at once, for so long and until there are enough to divide by."""
    until = time.perf_counter() + seconds
    return sum(
        1 for _ in _answers(address, requests, clients, lambda sent: sent < LEAST or time.perf_counter() < until)
    )


def _answers(address: str, requests: Sequence[bytes], clients: int, more: Callable[[int], bool]) -> Iterator[bytes]:
    asked, sent = cycle(requests), 0
    with selectors.DefaultSelector() as ready:
        waiting = set()
        for _ in range(clients):
            connection = Connection(address)
            if more(sent):
                connection.socket.sendall(next(asked))
                waiting.add(connection.socket)
                sent += 1
            ready.register(connection.socket, selectors.EVENT_READ, connection)
        while waiting:
            for key, _ in ready.select(60):
                answer = key.data.receive()
                if answer is None:
                    continue
                yield _good(*answer)
                if more(sent):
                    key.data.socket.sendall(next(asked))
                    sent += 1
                else:
                    waiting.discard(key.data.socket)
        for key in list(ready.get_map().values()):
            key.data.socket.close()


def _good(head: bytes, body: bytes) -> bytes:
    if not head.startswith(GOOD) or any(each in body for each in REFUSED):
        raise RuntimeError(f"{head.decode()} {body[:500].decode()}")
    return body
