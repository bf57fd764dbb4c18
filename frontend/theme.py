"""The theme switch: a cookie that the next page is rendered with."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from frontend.render import THEMES

A_YEAR = 365 * 24 * 60 * 60


async def choose(request: Request) -> Response:
    """Keep the choice for a year and go back; any other word means "as the system does"."""
    sent = await request.form(max_fields=4, max_files=0)
    response = RedirectResponse(_own(str(sent.get("next", "/"))), 303)
    if sent.get("theme") in THEMES:
        response.set_cookie(
            "theme", str(sent["theme"]), max_age=A_YEAR, samesite="lax", secure=request.url.scheme == "https"
        )
    else:
        response.delete_cookie("theme")
    return response


def _own(target: str) -> str:
    parts = urlsplit(target.replace("\\", "/"))
    return target if target.startswith("/") and not parts.netloc and not parts.scheme else "/"
