"""Answers a page's address: asks its one document, checks who may open it, and renders its one template."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from frontend import addresses, render
from frontend.asking import Execute, codes, dig, document, placed, told
from frontend.render import Site

STATUS = {
    "BAD_REQUEST": 400,
    "SYNTAX": 400,
    "VALIDATION": 400,
    "LIMIT_EXCEEDED": 400,
    "BAD_INPUT": 400,
    "INSUFFICIENT_SCOPE": 403,
    "NOT_ALLOWED": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "TOO_LARGE": 413,
    "RATE_LIMITED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}
SIGN_IN = "UNAUTHENTICATED"


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
    open_door: bool = False  # whoever knows the address may come in
    within: str = ""  # what else must be there, or there is no such page
    act: str = ""  # what the viewer must be allowed to do to the entry, or they are told what they may do instead


@dataclass(frozen=True)
class Desk:
    """What it takes to answer: the runner of documents, the installation, and all pages by name."""

    execute: Execute
    site: Site
    pages: Mapping[str, Page]
    places: Sequence[tuple[str, str]]
    homes: Mapping[str, str]


class Unfit(HTTPException):
    """The API cannot read what it was sent; `errors` say what of it, one by one."""

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__(STATUS["BAD_INPUT"])
        self.errors = errors


class SignInFirst(Exception):
    """The page is for people who have signed in."""


async def ask(desk: Desk, name: str, variables: Mapping[str, object], request: Request) -> dict[str, object]:
    """The data of one document. A top-level error becomes the HTTP status that stands for it, or a sign-in."""
    answer = await desk.execute(document(name), variables, request)
    found = codes(answer.errors)
    if SIGN_IN in found:
        raise SignInFirst
    if found == {"BAD_INPUT"}:
        raise Unfit(answer.errors)
    if answer.errors or answer.data is None:
        raise HTTPException(max((STATUS.get(code, 500) for code in found), default=500))
    return answer.data


async def show(
    desk: Desk, page: Page, request: Request, more: Mapping[str, object] | None = None, status: int = 200
) -> Response:
    """The page, with `more` for its template: a form that was sent, a preview, a secret shown once."""
    data = await _from_the_cursor(desk, page, request)
    _let_in(desk, page, data)
    if any(path and dig(data, path) is None for path in (page.needs, page.within)):
        raise HTTPException(404)
    moved = _moved(request, page, data)
    if moved and more is None:
        return RedirectResponse(moved, 301)
    may = dig(data, "entry.may")
    if page.act and more is None and isinstance(may, list) and page.act not in may:
        return rendered(desk, replace(page, template="entries/closed.html"), request, data, 403)
    return rendered(desk, page, request, {**data, **(more or {})}, status)


def rendered(desk: Desk, page: Page, request: Request, data: Mapping[str, object], status: int = 200) -> Response:
    """The page's template filled, or only its fragment where the browser swaps that into what it shows."""
    context = {
        **render.surroundings(request),
        "base": render.base_of(desk.site, request),
        "place": page.place or desk.homes.get(str(dig(data, "entry.kind")), ""),
        **allowed(desk.pages.values(), desk.places, data),
        "title": told(page.title, data) if page.title else "",
        "viewer": None,
        **data,
    }
    request.state.is_made_of_answers = True  # and of the request: whoever remembers answers may remember this
    template = page.template or f"{page.name}.html"
    headers = {"vary": "Cookie, HX-Request", "cache-control": "private, no-cache"}
    if page.fragment and request.headers.get("hx-request"):
        return HTMLResponse(render.fragment(desk.site, template, page.fragment, context), status, headers)
    return Response(render.page(desk.site, template, context), status, headers, media_type=_media_type(template))


def allowed(pages: Iterable[Page], places: Iterable[tuple[str, str]], data: Mapping[str, object]) -> dict[str, object]:
    """Where the viewer of the data may go, and what they may do, for the frame of a page."""
    role, may = str(dig(data, "viewer.role") or ""), dig(data, "viewer.may")
    open_to = {page.path for page in pages if role in page.roles}
    return {
        "places": [(label, path) for label, path in places if path in open_to],
        "opens": open_to.__contains__,
        "writes": isinstance(may, list) and "ENTRIES_WRITE" in may,
        "takes_part": isinstance(may, list) and "COMMUNITY_WRITE" in may,
    }


def sign_in_first(request: Request) -> Response:
    """To the sign-in page, and back here afterwards; a fragment has no room for it, so there the whole window goes."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = target if request.method == "GET" else "/"
    address = f"/login?next={quote(back, safe='/')}"
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"hx-redirect": address, "vary": "Cookie, HX-Request"})
    return RedirectResponse(address, 303)


async def _from_the_cursor(desk: Desk, page: Page, request: Request) -> dict[str, object]:
    """What the page asks for; a cursor that leads nowhere leads to the beginning of the list."""
    variables = page.variables(request)
    try:
        return await ask(desk, page.name, variables, request)
    except Unfit:
        if not variables.get("after"):
            raise
        return await ask(desk, page.name, {**variables, "after": None}, request)


def _let_in(desk: Desk, page: Page, data: Mapping[str, object]) -> None:
    role = str(dig(data, "viewer.role") or "")
    if page.open_door:
        return
    if not role and (not desk.site.anonymous or role not in page.roles):
        raise SignInFirst
    if role not in page.roles:
        raise HTTPException(404)


def _moved(request: Request, page: Page, data: Mapping[str, object]) -> str:
    slug, now = request.path_params.get("slug"), dig(data, f"{page.needs}.slug")
    if not slug or not now or slug == now:
        return ""
    moved = placed(page.path, {**request.path_params, "slug": now})
    return moved + (f"?{request.url.query}" if request.url.query else "")


def _media_type(template: str) -> str:
    kinds = {".md": "text/markdown", ".json": "application/json", ".csv": "text/csv"}
    return kinds.get(template[template.rindex(".") :], "text/html")
