"""Answers a feed's address: one document and one template, as for a page, in the format that feed readers know (RFC 4287)."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from frontend import addresses, render, words
from frontend.asking import dig, placed, told
from frontend.serving import Desk, SignInFirst, Unfit, ask

MEDIA = "application/atom+xml; charset=utf-8"
BEGINNING = "1970-01-01T00:00:00+00:00"
# What XML 1.0 has no way to say, not even escaped.
UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Variables = Mapping[str, object]


@dataclass(frozen=True)
class Feed:
    """One row of the table: where a feed is, what it asks, where in the answer its entries are, and the page that shows the same."""

    path: str
    name: str
    found: str
    title: str
    page: str
    variables: Callable[[Request], Variables]
    subtitle: str = ""


def kind(request: Request) -> Variables:
    """The entries of one kind, named as in addresses."""
    named = str(request.path_params["kind"]).upper()
    if named not in words.KINDS:
        raise HTTPException(404)
    return {"filter": {"kinds": [named], "status": ["PUBLISHED"]}, **addresses.page_of_list(request)}


def everything(request: Request) -> Variables:
    """All that is published."""
    return {"filter": {"status": ["PUBLISHED"]}, **addresses.page_of_list(request)}


def search(request: Request) -> Variables:
    """A search, as its page's address has it."""
    asked = addresses.search(request)
    if not asked["asked"] or request.query_params.get("scope"):  # only entries have feeds
        raise HTTPException(404)
    return {name: asked[name] for name in ("query", "filter", "after")}


FEEDS = (
    Feed("/feeds/everything.atom", "feeds/entries", "entries", "Everything", "/", everything),
    Feed("/feeds/search.atom", "feeds/search", "search", "Search: {asked}", "/search?{narrowed}", search),
    Feed("/feeds/kinds/{kind}.atom", "feeds/entries", "entries", "{kind}", "/search?kind={path.kind}", kind),
    Feed("/feeds/tags/{slug}.atom", "feeds/tag", "tag.entries", "{tag.name}", "/tags/{tag.slug}", addresses.within, "tag.description"),
    Feed(
        "/feeds/series/{slug}.atom", "feeds/series", "series.entries", "{series.title}", "/series/{series.slug}", addresses.within,
        "series.description",
    ),
)  # fmt: skip


async def show(desk: Desk, feed: Feed, request: Request) -> Response:
    """The feed, or 304 where the reader has it already. Whoever may not read at all is answered 401: a reader signs in nowhere."""
    try:
        data = await _data(desk, feed, request)
    except SignInFirst:
        raise HTTPException(401) from None
    if not desk.site.anonymous and not dig(data, "viewer.role"):
        raise HTTPException(401)
    found = dig(data, feed.found)
    if not isinstance(found, Mapping):
        raise HTTPException(404)
    changed = max((node["updatedAt"] for node in _nodes(found)), default=BEGINNING)
    text = UNSAYABLE.sub("", render.page(desk.site, "feeds/feed.atom", _context(desk, feed, request, data, changed)))
    return _answer(request, text.encode(), datetime.fromisoformat(changed))


async def _data(desk: Desk, feed: Feed, request: Request) -> Mapping[str, object]:
    variables = feed.variables(request)
    try:
        return await ask(desk, feed.name, variables, request)
    except Unfit:
        if not variables.get("after"):
            raise
        return await ask(desk, feed.name, {**variables, "after": None}, request)


def _nodes(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return found["nodes"]  # type: ignore[no-any-return]


def _context(
    desk: Desk, feed: Feed, request: Request, data: Mapping[str, object], changed: str
) -> Mapping[str, object]:
    base = render.base_of(desk.site, request)
    pairs = request.query_params.multi_items()
    plain = [pair for pair in pairs if pair[0] not in ("key", "after")]
    kind = str(request.path_params.get("kind", ""))
    known = {
        **data,
        "path": request.path_params,
        "kind": words.in_words(kind.upper()),
        "asked": request.query_params.get("q", "") or "what was chosen",
    }
    found: Any = dig(data, feed.found)
    cursor = dig(found, "pageInfo.endCursor") if dig(found, "pageInfo.hasNextPage") else None
    here = f"{base}{request.url.path}"
    started = [pair for pair in pairs if pair[0] != "after"]
    return {
        "base": base,
        "found": found,
        "title": told(feed.title, known),
        "subtitle": dig(data, feed.subtitle) if feed.subtitle else "",
        "updated": changed,
        "id": _with(here, plain),
        "itself": _with(here, pairs),
        "first": _with(here, started) if started != pairs else "",
        "next": _with(here, [*started, ("after", str(cursor))]) if cursor else "",
        "page": placed(feed.page.replace("{narrowed}", urlencode(plain)), known),
    }


def _with(address: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _answer(request: Request, body: bytes, changed: datetime) -> Response:
    request.state.is_made_of_answers = True
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    at = format_datetime(changed.astimezone(UTC).replace(microsecond=0), usegmt=True)
    headers = {"etag": etag, "last-modified": at, "cache-control": "private, no-cache", "vary": "Cookie"}
    if _is_known(request, etag, at):
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "content-type": MEDIA})


def _is_known(request: Request, etag: str, at: str) -> bool:
    """Whether the reader has just this. Its tag decides; a date must be the very one that it was given."""
    if (tags := request.headers.get("if-none-match")) is not None:
        wanted = {each.strip().removeprefix("W/") for each in tags.split(",")}
        return "*" in wanted or etag.removeprefix("W/") in wanted
    return request.headers.get("if-modified-since") == at
