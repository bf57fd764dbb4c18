"""Gives an answer again to whoever asks the same, as long as it is what would be computed: on the loop's thread, and no other."""

import asyncio
import marshal
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge import clock
from knowledge.database.versions import Versions
from knowledge.search.index import Index
from server.grounds import NOBODY, Grounds, Price
from server.listening import Listening
from server.memory import Memory, RawHeaders, Remembered
from server.rates import Charge, Rates

QUIET = ("/static/", "/healthz", "/readyz", "/metrics")
"""Below these addresses nothing is remembered."""
MEANINGLESS = frozenset(
    {
        b"cache-control",
        b"connection",
        b"content-length",  # the body itself counts
        b"date",
        b"dnt",
        b"if-none-match",  # compared here
        b"keep-alive",
        b"pragma",
        b"priority",
        b"sec-ch-ua",
        b"sec-ch-ua-mobile",
        b"sec-ch-ua-platform",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-user",
        b"sec-gpc",
        b"traceparent",
        b"tracestate",
        b"upgrade-insecure-requests",
        b"user-agent",  # noted when somebody signs in, and never else
    }
)
"""Headers that no answer to a GET or a query depends on. Any other, known or not, makes another question."""
FRESH = (b"x-ratelimit-", b"x-request-id")
OF_THE_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})
CHANGEABLE = b"private, no-cache"


class Remembering:
    """Remembers whole answers of status 200 to GET and HEAD, and to queries by POST; everything else passes.

    Whoever makes the answer says what it rests on, in the request's `Grounds`; where nobody does, it is not kept. A hit is paid for
    and heard like any other answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        memory: Memory,
        versions: Versions,
        index: Index,
        rates: Rates,
        listening: Listening,
        longest: int,
        patience: float,
    ) -> None:
        self.app = app
        self.memory = memory
        self._versions, self._index = versions, index
        self._rates, self._listening = rates, listening
        self._longest, self._patience = longest, patience
        self._secret = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http" or not _is_question(scope, self._longest):
            await self.app(scope, receive, send)
            return
        body = b""
        if scope["method"] == "POST":
            body, receive, is_whole = await self._read(receive)
            if not is_whole:
                await self.app(scope, receive, send)
                return
        version = self._versions.newest()
        if version is None:
            self.memory.unkept["the version is unknown"] += 1
            await self.app(scope, receive, send)
            return
        self.memory.move_on(version)
        key = self._key(scope, body)
        found = self.memory.find(key)
        if found is not None and (paid := self._holds(found, key, scope)) is not None:
            await self._again(found, paid, scope, send)
        else:
            self.memory.misses += 1
            await self._learn(key, Grounds(version), scope, receive, send)

    async def _read(self, receive: Receive) -> tuple[bytes, Receive, bool]:
        """The body, what hands it on, and whether it came whole, in time and not too long: where not, the application sees to that."""
        came: list[Message] = []
        length, is_whole = 0, False
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while not is_whole and length <= self._longest:
                    came.append(await receive())
                    if came[-1]["type"] != "http.request":
                        break
                    length += len(came[-1].get("body", b""))
                    is_whole = not came[-1].get("more_body", False)
        waiting = iter(came)

        async def again() -> Message:
            return next(waiting, None) or await receive()

        return b"".join(message.get("body", b"") for message in came), again, is_whole

    def _key(self, scope: Scope, body: bytes) -> bytes:
        said: list[bytes | str] = [scope["method"], scope["scheme"], scope.get("raw_path") or scope["path"]]
        said.append(scope["query_string"])
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                said += name, b"gzip" if b"gzip" in value else b""
            elif name not in MEANINGLESS:
                said += name, value
        said.append(body)
        # Each part with its length before it, so that no two questions look alike; the digest hides what is secret.
        return blake2b(marshal.dumps(said, 2), digest_size=20, key=self._secret).digest()

    def _holds(self, found: Remembered, key: bytes, scope: Scope) -> list[Charge] | None:
        """What was paid for the answer; None where it does not hold any more, or where somebody has to wait."""
        grounds = found.grounds
        if (until := grounds.watch.until) is not None and clock.now() >= until:
            self.memory.forget(key)
            return None
        if grounds.standing and self._index.standing() != grounds.standing:
            return None
        charges = [self._taken(price, scope) for price in grounds.prices]
        return None if any(charge.seconds for charge in charges) else charges

    def _taken(self, price: Price, scope: Scope) -> Charge:
        purse = price.purse
        if purse is None:
            client = scope.get("client")
            purse = f"address {client[0] if client else ''}"
        return self._rates.take(purse, price.cost, price.limit)

    async def _again(self, found: Remembered, charges: list[Charge], scope: Scope, send: Send) -> None:
        self.memory.hits += 1
        scope["state"]["operation"] = found.operation
        for hearing in found.grounds.hearings:
            self._listening.hear(hearing.viewer, hearing.heard, is_watched=hearing.is_watched)
        fresh = [(name.encode(), value.encode()) for charge in charges for name, value in charge.headers.items()]
        await _send(scope, [*fresh, *found.headers], found, send)

    async def _learn(self, key: bytes, grounds: Grounds, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        state["grounds"] = grounds
        begun: list[Message] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                trouble = next(_troubles(message, state, grounds), "")
                if not trouble:
                    begun.append(message)
                    return
                self.memory.unkept[trouble] += 1
            elif begun:
                start = begun.pop()
                if not message.get("more_body", False):
                    await self._finish(key, start, message.get("body", b""), grounds, scope, send)
                    return
                await send(start)
            await send(message)

        await self.app(scope, receive, keep)

    async def _finish(
        self, key: bytes, start: Message, body: bytes, grounds: Grounds, scope: Scope, send: Send
    ) -> None:
        """Keep the answer, and give it with its tag for the first time."""
        headers: RawHeaders = start["headers"]
        lasting: RawHeaders = [(name, value) for name, value in headers if not name.startswith(FRESH)]
        tag = b""
        if scope["method"] != "POST":
            tag = next((value for name, value in headers if name == b"etag"), b"") or _tag_of(body, headers)
            lasting = _tagged(lasting, tag)
        answer = Remembered(lasting, body, tag, grounds, scope["state"].get("operation", ""))
        if grounds.version == self.memory.version:
            self.memory.keep(key, answer)
        fresh = [(name, value) for name, value in headers if name.startswith(FRESH)]
        await _send(scope, [*fresh, *lasting], answer, send)


def _is_question(scope: Scope, longest: int) -> bool:
    path, method = scope["path"], scope["method"]
    if method in ("GET", "HEAD"):
        return not path.startswith(QUIET)
    if method != "POST" or path != "/graphql":
        return False
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return length.isdigit() and int(length[:20]) <= longest


def _troubles(start: Message, state: dict[str, object], grounds: Grounds) -> Iterator[str]:
    """Why an answer is not kept, if there is a reason."""
    if start["status"] != HTTPStatus.OK:
        yield "another status"
    if grounds.trouble:
        yield grounds.trouble
    if grounds.asked != grounds.answered or not state.get("is_made_of_answers"):
        yield NOBODY
    if grounds.watch.until is not None and clock.now() >= grounds.watch.until:
        yield "the time was read"
    if any(name == b"set-cookie" for name, _ in start["headers"]):
        yield "it sets a cookie"
    if any(name == b"cache-control" and b"no-store" in value for name, value in start["headers"]):
        yield "nobody is to keep it"


def _tag_of(body: bytes, headers: RawHeaders) -> bytes:
    # The head of what is packed says when that was done; what follows depends on the content alone.
    is_packed = (b"content-encoding", b"gzip") in headers
    return b'W/"%s"' % blake2b(body[10:] if is_packed else body, digest_size=16).hexdigest().encode()


def _tagged(headers: Iterable[tuple[bytes, bytes]], tag: bytes) -> RawHeaders:
    tagged = [*headers]
    names = {name for name, _ in tagged}
    if b"etag" not in names:
        tagged.append((b"etag", tag))
    if b"cache-control" not in names:
        tagged.append((b"cache-control", CHANGEABLE))
    return tagged


async def _send(scope: Scope, headers: RawHeaders, answer: Remembered, send: Send) -> None:
    """The answer, or 304 to whoever has it already."""
    if answer.tag and _is_known(scope, answer.tag):
        less = [(name, value) for name, value in headers if name not in OF_THE_BODY]
        await send({"type": "http.response.start", "status": 304, "headers": less})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [*headers]})
    await send({"type": "http.response.body", "body": answer.body})


def _is_known(scope: Scope, tag: bytes) -> bool:
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            wanted = {each.strip().removeprefix(b"W/") for each in value.split(b",")}
            return b"*" in wanted or tag.removeprefix(b"W/") in wanted
    return False
