"""Answers the link at the end of a letter: whoever has it says there, without signing in, that they want no more of them."""

from starlette.requests import Request
from starlette.responses import Response

from frontend import serving
from frontend.addresses import Variables
from frontend.asking import dig
from frontend.serving import Desk

PATH = "/letters/{token}"
DOCUMENT = "letters/stop"
HIDDEN = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


def token(request: Request) -> Variables:
    return {"token": str(request.path_params["token"])[:80]}


async def leave(desk: Desk, request: Request) -> Response:
    """Take them off, whether a button on our page or one of a mail program was pressed, and say so."""
    done = await serving.ask(desk, DOCUMENT, {"input": token(request)}, request)
    left = not dig(done, "leaveDigest.errors")
    page = await serving.show(desk, desk.pages["letters/leave"], request, {"left": left}, 200 if left else 404)
    page.headers.update(HIDDEN)
    return page
