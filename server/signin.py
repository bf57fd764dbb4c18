"""Who is asking: sessions in a cookie for people, tokens in a header for programs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from frontend import keeping
from frontend.keeping import Kept
from frontend.pages import Site, render_login
from knowledge import people
from knowledge.errors import RateLimited
from knowledge.people import Act, Viewer, passwords, signing, tokens
from server.lanes import Lanes, Unavailable
from server.settings import Settings

VERIFIERS = 2
PATIENT = 50
FEEDS_ALONE = frozenset({Act.FEEDS_READ})
"""The scopes of a key that stands in addresses: it opens nothing by the header, where a token would be shown."""
NEUTRAL = "That address and password do not belong together."


class UnknownToken(Exception):
    """The token is not one of ours, has expired, or was revoked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows: a token, or a session's cookie, or nothing; and where it comes from."""

    token: str = ""
    cookie: str = ""
    address: str = ""
    key: str = ""  # of a feed reader, which has neither


def is_secure(request: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser speaks https, to us or to the proxy before us."""
    return settings.is_secure or request.url.scheme in ("https", "wss")


def cookie_name(request: HTTPConnection, settings: Settings) -> str:
    """`__Host-` binds the cookie to this very host and to https; without https browsers refuse it, so there it has a plain name.

    Over https the plain name is never read: it can be planted from a neighbouring host.
    """
    return "__Host-loyalty" if is_secure(request, settings) else "loyalty"


def shown(request: HTTPConnection, settings: Settings) -> Credentials:
    """What the request shows. A token wins over a cookie: who sends one means it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Credentials(
        token=token.strip() if scheme.lower() == "bearer" else "",
        cookie=request.cookies.get(cookie_name(request, settings), ""),
        address=address_of(request),
    )


def address_of(request: HTTPConnection) -> str:
    """Where a request comes from, as far as is known."""
    return request.client.host if request.client else ""


def identify(
    session: Session, credentials: Credentials, *, anonymous: bool, tells: bool = False
) -> tuple[Viewer, bool]:
    """The viewer, and whether the visit is worth noting. A session that is over makes a stranger; a wrong token, `UnknownToken`."""
    if credentials.token or credentials.key:
        found = (
            tokens.viewer(session, credentials.token)
            if credentials.token
            else tokens.feed_reader(session, credentials.key)
        )
        if found is None or found[0].scopes == FEEDS_ALONE:
            raise UnknownToken
        return found
    found = signing.viewer(session, credentials.cookie) if credentials.cookie else None
    return found or (Viewer(reads_public=anonymous, tells=tells), False)


def note(session: Session, viewer: Viewer) -> None:
    """Write down that a session or a token is still in use."""
    assert viewer.credential is not None
    (signing.seen if viewer.scopes is None else tokens.used)(session, viewer.credential)


def local(target: str) -> str:
    """The target if it is a path of ours, otherwise the home page: a link must not sign people in to somewhere else."""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not target.startswith("//") and not parts.scheme and not parts.netloc
    return target if is_ours and "\\" not in target and target.isprintable() else "/"


class Gate:
    """Lets two password checks through at a time, and turns people away when too many wait.

    Two at a time is also how many guesses can be under way before one is counted.
    """

    def __init__(self) -> None:
        self._verifiers = ThreadPoolExecutor(VERIFIERS, "password")
        self._places = asyncio.Semaphore(VERIFIERS)
        self._waiting = 0

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """A place among those who are checked; raises `Unavailable` when there is no end to the queue."""
        if self._waiting >= PATIENT:
            raise Unavailable("Too many people are signing in. Try again in a moment.")
        self._waiting += 1
        try:
            async with self._places:
                yield
        finally:
            self._waiting -= 1

    async def matches(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """As `passwords.matches`, in a thread of its own: argon2 takes 30 ms on purpose."""
        return await asyncio.get_running_loop().run_in_executor(self._verifiers, passwords.matches, password, stored)

    async def hashed(self, password: str) -> str:
        """As `passwords.hashed`, in the same threads, so that no writer waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._verifiers, passwords.hashed, password)

    def close(self) -> None:
        """Let what runs finish."""
        self._verifiers.shutdown()


@dataclass(frozen=True)
class Door:
    """The sign-in pages' routes, and what they need."""

    lanes: Lanes
    settings: Settings
    site: Site
    gate: Gate

    def routes(self) -> list[Route]:
        """The addresses; that of the demo exists only in a demo."""
        routes = [
            Route("/login", self.page, methods=["GET"]),
            Route("/login", self.sign_in, methods=["POST"]),
            Route("/logout", self.sign_out, methods=["POST"]),
        ]
        return [*routes, Route("/login/demo", self.be_someone, methods=["POST"])] if self.settings.demo else routes

    async def page(self, request: Request) -> Response:
        """The form."""
        return render_login(self.site, request, target=local(request.query_params.get("next", "/")))

    async def sign_in(self, request: Request) -> Response:
        """Check a password, which takes as long for an unknown account, and open a session."""
        sent = await request.form(max_fields=8, max_files=0)
        email, password, target, words = (str(sent.get(name, "")) for name in ("email", "password", "next", "kept"))
        again = _Again(self.site, request, email[:254], local(target), keeping.unpacked(words))
        try:
            secret = await self._verified(request, email, password)
        except RateLimited as refusal:
            return again.render(str(refusal), 429, {"retry-after": str(refusal.seconds)})
        return await self._enter(request, secret, again.target, again.kept) if secret else again.render(NEUTRAL, 422)

    async def be_someone(self, request: Request) -> Response:
        """In a demo: sign in as one of its sample people."""
        sent = await request.form(max_fields=8, max_files=0)
        email = str(sent.get("person", ""))
        person = await self.lanes.read(lambda session: people.by_email(session, email))
        if person is None or not person.sample or person.disabled_at is not None:
            raise HTTPException(404)
        device, id = _device(request), person.id
        secret = await self.lanes.write(lambda session: signing.open(session, id, device))
        held = keeping.unpacked(str(sent.get("kept", "")))
        return await self._enter(request, secret, local(str(sent.get("next", "/"))), held)

    async def sign_out(self, request: Request) -> Response:
        """End the session at once, here and in the browser."""
        await self._leave(request)
        response = RedirectResponse("/login", 303)
        secure = is_secure(request, self.settings)
        response.delete_cookie(cookie_name(request, self.settings), secure=secure, httponly=True, samesite="lax")
        return response

    async def _verified(self, request: Request, email: str, password: str) -> str | None:
        """The secret of a new session, or None for a wrong password."""
        address = address_of(request)
        async with self.gate.passing():
            asked = await self.lanes.read(lambda session: signing.challenge(session, email, address))
            fits, better = await self.gate.matches(password, asked.stored)
            return await self.lanes.write(_outcome(asked, fits, better, email, address, _device(request)))

    async def _enter(self, request: Request, secret: str, target: str, held: Kept | None) -> Response:
        """To where one wanted to go; with what one was writing when the session ended, by a page that holds it."""
        await self._leave(request)
        response = keeping.onwards(self.site, request, held) if held else RedirectResponse(target, 303)
        response.set_cookie(
            cookie_name(request, self.settings),
            secret,
            max_age=int(signing.ABSOLUTE.total_seconds()),
            secure=is_secure(request, self.settings),
            httponly=True,
            samesite="lax",
        )
        return response

    async def _leave(self, request: Request) -> None:
        if cookie := request.cookies.get(cookie_name(request, self.settings)):
            await self.lanes.write(lambda session: signing.close(session, cookie))


@dataclass(frozen=True)
class _Again:
    """The form once more, with what was typed except for the password."""

    site: Site
    request: Request
    email: str
    target: str
    kept: Kept | None = None

    def render(self, problem: str, status: int, headers: dict[str, str] | None = None) -> Response:
        response = render_login(
            self.site,
            self.request,
            email=self.email,
            target=self.target,
            problem=problem,
            status=status,
            kept=self.kept,
        )
        response.headers.update(headers or {})
        return response


def _outcome(
    asked: signing.Challenge, fits: bool, better: str | None, email: str, address: str, device: str
) -> Callable[[Session], str | None]:
    """What to write after a password was checked: a session, or the failure. Both take one write, so that neither is quicker."""

    def work(session: Session) -> str | None:
        if fits and asked.person_id is not None:
            return signing.open(session, asked.person_id, device, rehashed=better)
        signing.fail(session, email, address)
        return None

    return work


def _device(request: Request) -> str:
    return request.headers.get("user-agent", "")[:200]
