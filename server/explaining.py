"""What went wrong, in words: a page for people, JSON at the address that programs use."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from frontend.pages import Execute, Site, error_page, reader
from server.lanes import Unavailable
from server.wire import failure

CODES = {
    403: "NOT_ALLOWED",
    404: "NOT_FOUND",
    413: "TOO_LARGE",
    429: "RATE_LIMITED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
CALM = frozenset({400, 403, 404, 405, 409, 422})
"""Where there is time to ask who reads it, so that the page names the places that are theirs."""


@dataclass(frozen=True)
class Explanations:
    """Explains a status. The two handlers are for what rises out of a page."""

    site: Site
    execute: Execute

    def explain(
        self,
        request: Request,
        status: int,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, object] | None = None,
    ) -> Response:
        """The response with this status; `data` say whose browser it is, where that is known."""
        id: str = request.state.request_id
        if request.url.path == "/graphql":
            error = failure("This request was refused.", CODES.get(status, "BAD_REQUEST"), id)
            return JSONResponse({"errors": [error]}, status, headers)
        response = error_page(self.site, request, status, id, data)
        response.headers.update(headers or {})
        return response

    async def refused(self, request: Request, problem: Exception) -> Response:
        """A status that a page or the router asked for."""
        assert isinstance(problem, HTTPException)
        known = await self._reader(request) if problem.status_code in CALM else None
        return self.explain(request, problem.status_code, problem.headers, known)

    async def busy(self, request: Request, problem: Exception) -> Response:
        """Too much is going on."""
        assert isinstance(problem, Unavailable)
        return self.explain(request, 503, {"retry-after": str(problem.seconds)})

    async def _reader(self, request: Request) -> Mapping[str, object] | None:
        if request.url.path == "/graphql":
            return None
        try:
            return await reader(self.execute, request)
        except (Unavailable, HTTPException):
            return None
