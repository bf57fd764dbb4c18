"""Answers the address of a share link: whoever holds it reads, and nobody keeps or finds the page."""

from starlette.requests import Request
from starlette.responses import Response

from frontend import serving
from frontend.serving import Desk, Page

PATH = "/shared/{token}"
HIDDEN = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


def token(request: Request) -> dict[str, object]:
    return {"token": request.path_params["token"]}


SHARED = Page(PATH, "following/shared", "{shared.title}", "", frozenset(), token, "shared", open_door=True)


async def show(desk: Desk, request: Request) -> Response:
    """The page, for whoever knows its address."""
    page = await serving.show(desk, SHARED, request)
    page.headers.update(HIDDEN)
    return page
