"""Nothing that was typed is lost: what a form held goes along to the sign-in and back, or stays on a page that says what failed.

The words stay in the browser, as hidden fields. The server keeps nothing for strangers, and saves nothing on the way: whoever
has signed in is shown the form again and presses its button themselves.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse

from frontend import render
from frontend.render import Site

RESUME = "resume"
"""The button that shows a form again without sending it."""
UNKEPT = frozenset({RESUME, "preview"})
FIELDS = 2_000
"""How many fields a form has at most: a merge has a handful for each of up to fifty choices in a text."""


@dataclass(frozen=True)
class Kept:
    """What was sent, and to which address of ours."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def packed(self) -> str:
        """As one text, for one hidden field."""
        return json.dumps([self.path, self.fields], ensure_ascii=False, separators=(",", ":"))


def kept(request: Request, sent: FormData) -> Kept:
    """What this form held."""
    return Kept(_address(request), tuple(_words(sent.multi_items())))


def unpacked(text: str) -> Kept | None:
    """What was packed; None for anything else, and for what would be sent elsewhere than to us."""
    try:
        path, fields = json.loads(text)
        if not isinstance(path, str) or not path.startswith("/") or path.startswith(("//", "/\\")):
            return None
        return Kept(path, tuple(_words((name, value) for name, value in fields[:FIELDS])))
    except (ValueError, TypeError, RecursionError):
        return None


def failed(site: Site, request: Request, sent: FormData, status: int) -> HTMLResponse:
    """Says what failed, with every word to send again or to go on with."""
    return _page(site, request, kept(request, sent), status, "That was not saved yet")


def onwards(site: Site, request: Request, held: Kept) -> HTMLResponse:
    """Leads back to a form after a sign-in."""
    return _page(site, request, held, 200, "You are signed in again")


def _page(site: Site, request: Request, held: Kept, status: int, title: str) -> HTMLResponse:
    data = {"kept": held, "status": status, "title": title, "viewer": None, "place": "", "places": ()}
    whole = render.page(site, "errors/kept.html", {**render.surroundings(request), **data})
    return HTMLResponse(whole, status, {"cache-control": "no-store"})


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _words(pairs: Iterable[tuple[object, object]]) -> Iterable[tuple[str, str]]:
    return ((str(name), str(value)) for name, value in pairs if name not in UNKEPT)
