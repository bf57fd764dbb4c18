"""GraphQL over HTTP to the letter: what a request says, and how an answer is put."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
EVENTS = "text/event-stream"
RANGES = {MODERN: MODERN, LEGACY: LEGACY, "application/*": LEGACY, "*/*": LEGACY}
"""What each range that a caller may accept gets; where nothing is said it is the older type."""


class Unreadable(Exception):
    """The request is not a GraphQL request: said with a status, whatever the media type."""

    def __init__(self, message: str, *, status: int = 400, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as it was sent."""

    source: str
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. `status` is that of the newer media type; an answer without `data` was never executed."""

    errors: Sequence[Mapping[str, Any]] = ()
    data: Mapping[str, Any] | None = None
    executed: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def accepted(headers: Headers) -> str:
    """The media type that the caller likes best; raises `Unreadable` (406) when it likes none of ours."""
    wanted = [part for line in headers.getlist("accept") for part in line.split(",") if part.strip()]
    if not wanted:
        return LEGACY
    liked = [(quality, media) for part in wanted for quality, media in [_liking(part)] if quality > 0 and media]
    if not liked:
        raise Unreadable(f"Accept {MODERN} or {LEGACY}.", status=406)
    best = max(quality for quality, _ in liked)
    media = {media for quality, media in liked if quality == best}
    return MODERN if MODERN in media else LEGACY


def _liking(part: str) -> tuple[float, str]:
    range, *parameters = (each.strip().lower() for each in part.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return float(quality), RANGES.get(range, "")
    except ValueError:
        return 0.0, ""


async def posted(request: Request, most: int) -> Asked:
    """The operation in a body of JSON of at most `most` bytes; raises `Unreadable`."""
    media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "").removeprefix("charset=")
    if media.strip() != LEGACY or charset not in ("", "utf-8", "utf8") or "content-encoding" in request.headers:
        raise Unreadable(f"Send {LEGACY} in UTF-8.", status=415)
    return asked_in(_parsed(await _body(request, most), "body"))


def queried(request: Request) -> Asked:
    """The operation in the query string of a GET; raises `Unreadable`."""
    asked: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if text := asked.get(name, ""):
            asked[name] = _parsed(text.encode(), name)
        else:
            asked.pop(name, None)
    if not asked.get("operationName"):
        asked.pop("operationName", None)
    return asked_in(asked)


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most:
                raise Unreadable(f"A request has at most {most} bytes.", status=413, code="TOO_LARGE")
    except HTTPException as cut:
        late = cut.status_code == 408
        raise Unreadable(
            "The body did not arrive in time." if late else "The body is too large.",
            status=cut.status_code,
            code="BAD_REQUEST" if late else "TOO_LARGE",
        ) from None
    return bytes(body)


def _parsed(text: bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreadable(f"The {name} is not JSON.") from None


def hears_events(headers: Headers) -> bool:
    """Whether the caller would take server-sent events."""
    wanted = [part for line in headers.getlist("accept") for part in line.split(",")]
    return any(part.partition(";")[0].strip().lower() == EVENTS for part in wanted)


def asked_in(sent: Any) -> Asked:
    """The operation in an object that was sent; raises `Unreadable`."""
    if isinstance(sent, list):
        raise Unreadable("Send one operation to a request: batches are off.")
    if not isinstance(sent, dict) or not isinstance(sent.get("query"), str):
        raise Unreadable('Send an object with a "query", which is a string.')
    if not isinstance(sent.get("operationName"), str | None):
        raise Unreadable('"operationName" is a string or null.')
    for name in ("variables", "extensions"):
        if not isinstance(sent.get(name), dict | None):
            raise Unreadable(f'"{name}" is an object or null.')
    return Asked(sent["query"], sent.get("operationName"), sent.get("variables"))


def put(said: Said, media: str) -> Response:
    """The response. The older media type answers 200 to any request that could be read, as its clients expect."""
    content: dict[str, Any] = {"errors": said.errors} if said.errors else {}
    if said.executed:
        content["data"] = said.data
    if said.extensions:
        content["extensions"] = said.extensions
    status = 200 if media == LEGACY and said.status == 400 else said.status
    headers = {**said.headers, "content-type": f"{media}; charset=utf-8", "vary": "Accept, Authorization, Cookie"}
    return Response(orjson.dumps(content), status, headers)


def unread(problem: Unreadable, request_id: str, media: str) -> Response:
    """The response to what could not be read."""
    error = failure(str(problem), problem.code, request_id)
    headers = {"content-type": f"{media}; charset=utf-8"}
    return Response(orjson.dumps({"errors": [error]}), problem.status, headers)


def failure(message: str, code: str, request_id: str) -> dict[str, Any]:
    """One top-level error."""
    return {"message": message, "extensions": {"code": code, "requestId": request_id}}
