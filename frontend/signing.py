"""The sign-in page, also for those whose session ended while they were writing."""

from starlette.requests import Request
from starlette.responses import HTMLResponse

from frontend import render
from frontend.keeping import Kept
from frontend.render import Site


def login(
    site: Site,
    request: Request,
    *,
    email: str = "",
    target: str = "/",
    problem: str = "",
    status: int = 200,
    kept: Kept | None = None,
) -> HTMLResponse:
    """The page: posts `email`, `password`, `next` to /login, or in a demo `person`, `next` to /login/demo.

    What was `kept` of a form goes along, packed; the status then is 403, for what was sent has not been done.
    """
    data = {
        "email": email,
        "next": target,
        "problem": problem,
        "kept": kept.packed() if kept else "",
        "title": "Sign in",
        "viewer": None,
        "place": "",
        "places": (),
    }
    status = 403 if kept and status == 200 else status
    whole = render.page(site, "signin/login.html", {**render.surroundings(request), **data})
    return HTMLResponse(whole, status, {"cache-control": "no-store"} if kept else None)
