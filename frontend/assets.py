"""The static files under addresses that carry their content's hash, so that a browser keeps each for good."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from frontend.asking import FOLDER

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FOREVER = {"cache-control": "public, max-age=31536000, immutable", "vary": "Accept-Encoding"}


@dataclass(frozen=True)
class Asset:
    """One static file, packed once."""

    url: str
    media_type: str
    plain: bytes
    packed: bytes


Assets = dict[str, Asset]


def read(folder: Path = FOLDER / "static") -> Assets:
    """Every file below the folder by its name there, as `site.css` or `vendor/htmx.min.js`."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in TYPES)
    return {(name := path.relative_to(folder).as_posix()): _asset(name, path) for path in files}


def route(assets: Assets) -> Route:
    """Answers `/static/<hash>/<name>`; an address with an older hash is not found."""
    return Route("/static/{path:path}", partial(_serve, {asset.url: asset for asset in assets.values()}))


def _asset(name: str, path: Path) -> Asset:
    plain = path.read_bytes()
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return Asset(f"/static/{digest}/{name}", TYPES[path.suffix], plain, gzip.compress(plain, 9, mtime=0))


async def _serve(by_url: dict[str, Asset], request: Request) -> Response:
    asset = by_url.get(request.url.path)
    if asset is None:
        raise HTTPException(404)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**FOREVER, "content-encoding": "gzip"})
    return Response(asset.plain, media_type=asset.media_type, headers=FOREVER)
