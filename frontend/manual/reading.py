"""What the manual's addresses say, and the pictures that its documents show."""

from collections.abc import Mapping
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from frontend.asking import FOLDER

PICTURES = "/help/pictures/{name}"


def looked_for(request: Request) -> dict[str, object]:
    return {"words": request.query_params.get("q", "").strip()[:200]}


def named(request: Request) -> dict[str, object]:
    return {"name": request.path_params["name"]}


def route() -> Route:
    """Answers with a picture of docs/pictures: of the product, and the same for everybody."""
    found = {path.name: path.read_bytes() for path in (FOLDER.parent / "docs" / "pictures").glob("*.png")}
    return Route(PICTURES, partial(_picture, found))


async def _picture(pictures: Mapping[str, bytes], request: Request) -> Response:
    content = pictures.get(request.path_params["name"])
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type="image/png", headers={"cache-control": "public, max-age=86400"})
