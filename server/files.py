"""Files on their way in and out: attached by a form or by a program, and served so that nothing in them ever runs."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, TypeVar
from urllib.parse import quote
from uuid import UUID

import anyio
import structlog
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Scope

from frontend import sharing
from knowledge import attachments, entries
from knowledge.attachments import INLINE, AttachmentRow, Incoming, Limits, Store
from knowledge.attachments.recognising import Recognised
from knowledge.community import shares
from knowledge.database import Unwritable
from knowledge.entries import EntryRow
from knowledge.errors import Code, NotFound, Refusal
from knowledge.people import Act, Viewer, require
from schema.refusals import user_errors
from server import signin
from server.lanes import Lanes, Unavailable
from server.settings import Settings
from server.signin import UnknownToken

T = TypeVar("T")

log = structlog.get_logger()

POLICY = "default-src 'none'; sandbox"
PIECE = 64 * 1024
PATIENT = 20
"""How many files may wait for their turn before more are turned away."""
FORM = re.compile(r"/entries/[^/]+/attachments")
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
STATUS = {Code.NOT_FOUND: 404, Code.NOT_ALLOWED: 403, Code.TOO_LARGE: 413, Code.CONFLICT: 409}


def brings_a_file(scope: Scope) -> bool:
    """Whether a request may have a body as large as a file."""
    path, method = scope["path"], scope["method"]
    return (method == "PUT" and path == "/attachments") or (method == "POST" and FORM.fullmatch(path) is not None)


@dataclass(frozen=True, slots=True)
class Named:
    """A file that wants to be attached: to which entry, what it is called, and what it shows."""

    entry: str
    name: str
    alt: str = ""


@dataclass(frozen=True)
class Files:
    """The addresses of files, and what they need."""

    settings: Settings
    lanes: Lanes
    store: Store
    _turns: asyncio.Semaphore = field(init=False)
    _waiting: list[None] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_turns", asyncio.Semaphore(self.settings.uploads))

    def routes(self) -> list[Route]:
        """The addresses; the form is answered by the page that has it."""
        return [
            Route("/attachments", self.put, methods=["PUT"]),
            Route("/attachments/{uid}/{name:path}", self.by_uid),
            Route("/entries/{slug}/files/{name}", self.by_name),
            Route("/shared/{token}/attachments/{uid:uuid}/{name:path}", self.shared_by_uid),
            Route("/shared/{token}/entries/{slug}/files/{name}", self.shared_by_name),
        ]

    async def by_uid(self, request: Request) -> Response:
        """The bytes of one attachment, whatever its name is by now."""
        try:
            uid = UUID(request.path_params["uid"])
        except ValueError:
            raise HTTPException(404) from None
        return await self._serve(request, lambda session, viewer: attachments.by_uid(session, viewer, uid))

    async def by_name(self, request: Request) -> Response:
        """The bytes of what an entry has under a name: where texts lead, and where they go on leading after a rename."""
        slug, name = request.path_params["slug"], request.path_params["name"]

        def find(session: Session, viewer: Viewer) -> AttachmentRow | None:
            entry = entries.by_slug(session, viewer, slug)
            return attachments.named(session, viewer, entry, name) if entry is not None else None

        return await self._serve(request, find)

    async def shared_by_uid(self, request: Request) -> Response:
        """The bytes of one attachment, for the holder of a share link."""
        token, uid = request.path_params["token"], request.path_params["uid"]
        return await self._share(request, lambda session: shares.file(session, token, uid))

    async def shared_by_name(self, request: Request) -> Response:
        """The bytes of what an entry has under a name, for the holder of a share link."""
        token, slug, name = (request.path_params[each] for each in ("token", "slug", "name"))
        return await self._share(request, lambda session: shares.file_named(session, token, slug, name))

    async def put(self, request: Request) -> Response:
        """A program attaches the body as `name` to `entry`, in the place of what had that name."""
        asked = request.query_params
        wanted = Named(asked.get("entry", ""), asked.get("name", ""), asked.get("alt", ""))
        try:
            row = await self._attached(request, wanted, request.stream(), attachments.replace)
        except Refusal as refusal:
            errors = [
                {"field": each.field, "code": each.code, "message": each.message} for each in user_errors(refusal)
            ]
            return JSONResponse({"attachment": None, "errors": errors}, STATUS.get(refusal.problems[0].code, 422))
        except UnknownToken:
            return JSONResponse({"attachment": None, "errors": [UNKNOWN]}, 401)
        told = {"name": row.name, "mediaType": row.media_type, "size": row.size, "sha256": row.sha256, "url": row.url}
        return JSONResponse({"attachment": told, "errors": []}, 201)

    async def receive(self, request: Request, slug: str, file: UploadFile, alt: str) -> Sequence[Mapping[str, object]]:
        """What a page's form brings; answers all that was wrong, as a mutation's `errors` do."""

        async def pieces() -> AsyncIterator[bytes]:
            while piece := await file.read(PIECE):
                yield piece

        wanted = Named(slug, file.filename or "", alt)
        try:
            await self._attached(request, wanted, pieces(), attachments.attach)
        except Refusal as refusal:
            return [{"field": each.field, "message": each.message} for each in user_errors(refusal)]
        except UnknownToken:
            return [UNKNOWN]
        except Unavailable as problem:  # what else was typed on the page must not be lost with it
            return [{"field": "file", "message": str(problem)}]
        return []

    async def _attached(
        self, request: Request, wanted: Named, pieces: AsyncIterator[bytes], keep: Callable[..., AttachmentRow]
    ) -> AttachmentRow:
        """Whoever may not attach is turned away before the first byte is read, and once more where that ended while they came."""
        shown = signin.shown(request, self.settings)
        request.state.operation = "attach"

        def ask(session: Session) -> tuple[Viewer, EntryRow]:
            viewer, _ = signin.identify(session, shown, anonymous=self.settings.anonymous)
            return viewer, _editable(session, viewer, wanted.entry)

        await self.lanes.read(ask)
        async with self._turn():
            incoming = await _threaded(self.store.incoming, self.settings.file_bytes)
            with incoming:
                async for piece in pieces:
                    await _threaded(incoming.write, piece)
                content = await _threaded(incoming.finish)
                what = await _threaded(self._recognised, incoming, wanted.name)

                def work(session: Session) -> AttachmentRow:
                    viewer, entry = ask(session)
                    limits = self._limits()
                    return keep(
                        session, viewer, entry, content, name=wanted.name, what=what, alt=wanted.alt, limits=limits
                    )

                return await self.lanes.write(work)

    def _recognised(self, incoming: Incoming, name: str) -> Recognised:
        with incoming.path.open("rb") as file:
            return attachments.recognise(file, name, pixels=self.settings.pixels)

    def _limits(self) -> Limits:
        chosen = self.settings
        return Limits(chosen.file_bytes, chosen.entry_files_bytes, chosen.all_files_bytes, chosen.pixels)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if len(self._waiting) >= PATIENT + self.settings.uploads:
            raise Unavailable("Too many files are arriving. Try again in a moment.", seconds=5)
        self._waiting.append(None)
        try:
            async with self._turns:
                yield
        finally:
            self._waiting.pop()

    async def _serve(self, request: Request, find: Callable[[Session, Viewer], AttachmentRow | None]) -> Response:
        shown = signin.shown(request, self.settings)

        def seen(session: Session) -> AttachmentRow | None:
            viewer, _ = signin.identify(session, shown, anonymous=self.settings.anonymous)
            return find(session, viewer) if viewer.may(Act.ENTRIES_READ) else None

        return await self._answer(request, seen)

    async def _share(self, request: Request, find: Callable[[Session], AttachmentRow | None]) -> Response:
        """Whoever holds a link reads by it alone, and nobody keeps or finds what it leads to."""
        answer = await self._answer(request, find)
        answer.headers.update(sharing.HIDDEN)
        return answer

    async def _answer(self, request: Request, find: Callable[[Session], AttachmentRow | None]) -> Response:
        def work(session: Session) -> tuple[AttachmentRow, BinaryIO | None] | None:
            row = find(session)
            if row is None:
                return None
            is_known = f'"{row.sha256}"' in request.headers.get("if-none-match", "")
            return row, None if is_known else self.store.open(session, row.sha256)

        try:
            found = await self.lanes.read(work)
        except UnknownToken:
            raise HTTPException(401) from None
        except NotFound:
            log.error("bytes are missing", name=request.path_params["name"])
            found = None
        if found is None:
            raise HTTPException(404)
        row, file = found
        return Response(status_code=304, headers=_headers(row)) if file is None else _sent(request, row, file)


UNKNOWN = {"field": "", "code": "NOT_ALLOWED", "message": "This token is unknown, has expired or was revoked."}


def _editable(session: Session, viewer: Viewer, slug: str) -> EntryRow:
    entry = entries.by_slug(session, viewer, slug)
    if entry is None:
        raise NotFound("There is no such entry.", "entry")
    require(viewer, Act.ENTRIES_WRITE, doing="attach files")
    attachments.require_editing(viewer, entry)
    return entry


def _headers(row: AttachmentRow) -> dict[str, str]:
    way = "inline" if row.media_type in INLINE else "attachment"
    plain = row.name.encode("ascii", "replace").decode().replace("?", "_")
    return {
        "content-type": row.media_type,
        "content-disposition": f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(row.name, safe='')}",
        "content-security-policy": POLICY,
        "cache-control": "private, no-cache",
        "vary": "Authorization, Cookie",
        "etag": f'"{row.sha256}"',
        "accept-ranges": "bytes",
    }


def _sent(request: Request, row: AttachmentRow, file: BinaryIO) -> Response:
    """The bytes, or the part of them that is asked for; of several parts all are sent."""
    headers, first, last = _headers(row), 0, row.size - 1
    found = RANGE.fullmatch(request.headers.get("range", ""))
    condition = request.headers.get("if-range", headers["etag"])
    if found is not None and found[0] != "bytes=-" and condition == headers["etag"]:
        first, last = _asked(found[1], found[2], row.size)
        if first > last:
            file.close()
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{row.size}"})
        headers["content-range"] = f"bytes {first}-{last}/{row.size}"
    headers["content-length"] = str(last - first + 1)
    if request.method == "HEAD":
        file.close()
        return Response(headers=headers)
    return StreamingResponse(_pieces(file, first, last), 206 if "content-range" in headers else 200, headers)


def _asked(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


async def _pieces(file: BinaryIO, first: int, last: int) -> AsyncIterator[bytes]:
    try:
        await run_in_threadpool(file.seek, first)
        left = last - first + 1
        while left > 0 and (piece := await run_in_threadpool(file.read, min(PIECE, left))):
            left -= len(piece)
            yield piece
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(file.close)


async def _threaded(work: Callable[..., T], *arguments: object) -> T:
    """In a thread of its own, so that a slow disk holds up nobody else; a full one is told like a full database."""
    try:
        return await run_in_threadpool(partial(work, *arguments))
    except Unwritable as full:
        log.error("unwritable", reason=str(full))
        raise Unavailable("Nothing can be written at the moment; reading goes on.", seconds=30) from None
