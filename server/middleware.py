"""What happens to every request on its way in and to every answer on its way out: plain ASGI, nothing buffered."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge import activity, clock
from knowledge.database import tallies

log = structlog.get_logger()

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)
ALWAYS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
OVER_HTTPS = (*ALWAYS, (b"strict-transport-security", b"max-age=31536000"))
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FILES = re.compile(r"(?:/shared/[^/]+)?(?:/attachments/|/entries/[^/]+/files/)")
QUIET = ("/static/", "/healthz", "/readyz")
HELD = "/shared/"
"""Below this address whoever knows the rest may read."""
ASKED = "/s/"
"""Below this address whoever knows the rest may answer."""
LEFT = "/letters/"
"""Below this address whoever knows the rest may end letters."""
GONE = 499
"""What the log says where nobody waited for the answer."""

Explain = Callable[[Request, int], Response]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most bytes of a body, and the most seconds that it may take."""

    size: int
    seconds: float


class Protected:
    """Puts the security headers on every answer; HSTS where people come by https; nothing is kept by a cache unasked."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        always = OVER_HTTPS if self.secure or scope["scheme"] == "https" else ALWAYS

        async def protect(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}  # a file has a stricter policy of its own
                message["headers"] = [*message["headers"], *(each for each in always if each[0] not in said)]
            await send(message)

        await self.app(scope, receive, protect)


class Watched:
    """Gives each request an id of our own making, logs one line for it, and turns what nobody caught into a 500.

    The line has the path and never the query, which may hold what only its sender should know.
    """

    def __init__(self, app: ASGIApp, *, explain: Explain) -> None:
        self.app = app
        self.explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = id = clock.uid().hex
        started, status = asyncio.get_running_loop().time(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", id.encode())]
            await send(message)

        token = activity.request_id.set(id)
        with structlog.contextvars.bound_contextvars(request_id=id):
            try:
                await self.app(scope, receive, watch)
            except ClientDisconnect:
                status = GONE
            except Exception:  # the endpoint is one of the two edges
                log.exception("bug", path=_path(scope))
                if not status:
                    await self.explain(Request(scope), 500)(scope, receive, watch)
            finally:
                activity.request_id.reset(token)
                _tell(scope, status, asyncio.get_running_loop().time() - started)


def _path(scope: Scope) -> str:
    """The path as it is logged: that of a share link, of a survey's or of a letter's is itself the secret."""
    path: str = scope["path"]
    return next((start for start in (HELD, ASKED, LEFT) if path.startswith(start)), path)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    say = log.debug if scope["path"].startswith(QUIET) else log.info
    say(
        "request",
        method=scope["method"],
        path=_path(scope),
        status=status,
        milliseconds=round(seconds * 1000, 1),
        operation=scope["state"].get("operation", ""),
    )


class Timed:
    """Says of every answer, in `Server-Timing`, how many milliseconds it took to begin and how many statements it cost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, tally = asyncio.get_running_loop().time(), tallies.Tally()

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                milliseconds = (asyncio.get_running_loop().time() - started) * 1000
                said = f'app;dur={milliseconds:.1f}, db;desc="{tally.statements} statements"'
                MutableHeaders(scope=message)["server-timing"] = said
            await send(message)

        token = tallies.on.set(tally)
        try:
            await self.app(scope, receive, tell)
        finally:
            tallies.on.reset(token)


class SameOrigin:
    """Lets an unsafe method pass only from our own pages, or from what is not a browser.

    Every browser says where a request comes from, by `Sec-Fetch-Site` or by `Origin`, and no page can forge either.
    """

    def __init__(self, app: ASGIApp, *, base_url: str, explain: Explain) -> None:
        self.app = app
        self.own = base_url
        self.explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not self._is_ours(scope):
            await self.explain(Request(scope), 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        return is_ours(scope, self.own)


def is_ours(scope: Scope, base_url: str) -> bool:
    """Whether a request or a WebSocket is of one of our own pages, or of what is not a browser."""
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return True
    if site in ("same-origin", "none"):
        return True
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    here = f"{scheme}://{headers.get('host', '')}"
    return origin is not None and origin.lower() in {_origin(here), _origin(base_url)} - {""}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


class Packed(GZipMiddleware):
    """Packs what is long, files apart: a part of a file, and its strong tag, are those of its very bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        is_file = scope["type"] == "http" and FILES.match(scope["path"]) is not None
        await (self.app(scope, receive, send) if is_file else super().__call__(scope, receive, send))


class Bounded:
    """How much a body may have and how long it may take: little for most, more where `is_larger` says that a file comes.

    What says from the start that it is too large is refused in words.
    """

    def __init__(
        self, app: ASGIApp, *, usual: Bounds, larger: Bounds, is_larger: Callable[[Scope], bool], explain: Explain
    ) -> None:
        self.usual, self.larger = (usual, _within(app, usual)), (larger, _within(app, larger))
        self.is_larger, self.explain = is_larger, explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        is_request = scope["type"] == "http"
        bounds, app = self.larger if is_request and self.is_larger(scope) else self.usual
        said = Headers(scope=scope).get("content-length", "") if is_request else ""
        if said.isdecimal() and int(said[:20]) > bounds.size:
            await self.explain(Request(scope), 413)(scope, receive, send)
        else:
            await app(scope, receive, send)


def _within(app: ASGIApp, bounds: Bounds) -> ASGIApp:
    return RequestBodyLimitMiddleware(Patient(app, seconds=bounds.seconds), max_body_size=bounds.size)


class Patient:
    """Waits for a body only so long: whoever sends a byte a second is answered 408."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self.seconds
        complete = False

        async def hurry() -> Message:
            nonlocal complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"connection": "close"}) from None
            complete = not message.get("more_body", False)
            return message

        await self.app(scope, hurry, send)
