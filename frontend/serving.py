"""Answers a page's address: asks its one document, checks who may open it, and renders its one template."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from frontend import addresses, render
from frontend.asking import Answer, Execute, codes, dig, document, told
from frontend.render import Site

STATUS = {
    "NOT_FOUND": 404,
    "NOT_ALLOWED": 403,
    "FORBIDDEN": 403,
    "INVALID": 422,
    "CONFLICT": 409,
    "TOO_LARGE": 413,
    "RATE_LIMITED": 429,
}
SIGN_IN = {"UNAUTHENTICATED", "NOT_SIGNED_IN"}


@dataclass(frozen=True)
class Page:
    """One row of the table: where a page is, what it asks, how it looks, and who may open it."""

    path: str
    name: str
    title: str
    place: str
    roles: frozenset[str]
    variables: Callable[[Request], Mapping[str, object]] = addresses.nothing
    needs: str = ""
    fragment: str = ""
    template: str = ""


@dataclass(frozen=True)
class Desk:
    """What it takes to answer: the runner of documents, the installation, and all pages by name."""

    execute: Execute
    site: Site
    pages: Mapping[str, Page]
    places: Sequence[tuple[str, str]]


class SignInFirst(Exception):
    """The page is for people who have signed in."""


async def ask(desk: Desk, name: str, variables: Mapping[str, object], request: Request) -> dict[str, object]:
    """The data of one document. A top-level error becomes the HTTP status that stands for it, or a sign-in."""
    answer = await desk.execute(document(name), variables, request)
    if SIGN_IN & codes(answer.errors):
        raise SignInFirst
    if answer.errors or answer.data is None:
        raise HTTPException(_status(answer))
    return answer.data


async def show(
    desk: Desk, page: Page, request: Request, more: Mapping[str, object] | None = None, status: int = 200
) -> Response:
    """The page, with `more` for its template: a form that was sent, a preview, a secret shown once."""
    data = await ask(desk, page.name, page.variables(request), request)
    _let_in(desk, page, data)
    if page.needs and dig(data, page.needs) is None:
        raise HTTPException(404)
    moved = _moved(request, page, data)
    if moved and more is None:
        return RedirectResponse(moved, 301)
    return rendered(desk, page, request, {**data, **(more or {})}, status)


def rendered(desk: Desk, page: Page, request: Request, data: Mapping[str, object], status: int = 200) -> Response:
    """The page's template filled, or only its fragment where the browser swaps that into what it shows."""
    context = {
        **render.surroundings(request),
        "place": page.place,
        **_allowed(desk, data),
        "title": told(page.title, data) if page.title else "",
        "viewer": None,
        **data,
    }
    template = page.template or f"{page.name}.html"
    headers = {"vary": "Cookie, HX-Request", "cache-control": "private, no-cache"}
    if page.fragment and request.headers.get("hx-request"):
        return HTMLResponse(render.fragment(desk.site, template, page.fragment, context), status, headers)
    return Response(render.page(desk.site, template, context), status, headers, media_type=_media_type(template))


def sign_in_first(request: Request) -> Response:
    """To the sign-in page, and back here afterwards."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = target if request.method == "GET" else "/"
    return RedirectResponse(f"/login?next={quote(back, safe='/')}", 303)


def _let_in(desk: Desk, page: Page, data: Mapping[str, object]) -> None:
    role = str(dig(data, "viewer.role") or "")
    if not role and (not desk.site.anonymous or role not in page.roles):
        raise SignInFirst
    if role not in page.roles:
        raise HTTPException(404)


def _allowed(desk: Desk, data: Mapping[str, object]) -> dict[str, object]:
    role, may = str(dig(data, "viewer.role") or ""), dig(data, "viewer.may")
    open_to = {page.path for page in desk.pages.values() if role in page.roles}
    return {
        "places": [(label, path) for label, path in desk.places if path in open_to],
        "opens": open_to.__contains__,
        "writes": isinstance(may, list) and "ENTRIES_WRITE" in may,
    }


def _moved(request: Request, page: Page, data: Mapping[str, object]) -> str:
    slug, now = request.path_params.get("slug"), dig(data, f"{page.needs}.slug")
    if not slug or not now or slug == now:
        return ""
    return page.path.replace("{slug}", str(now)) + (f"?{request.url.query}" if request.url.query else "")


def _media_type(template: str) -> str:
    return "text/markdown" if template.endswith(".md") else "text/html"


def _status(answer: Answer) -> int:
    return next((STATUS[code] for code in sorted(codes(answer.errors)) if code in STATUS), 500)
