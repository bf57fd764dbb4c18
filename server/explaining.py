"""What went wrong, in words: a page for people, JSON at the address that programs use."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from frontend.pages import Site, error_page
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


@dataclass(frozen=True)
class Explanations:
    """Explains a status. The two handlers are for what rises out of a page."""

    site: Site

    def explain(self, request: Request, status: int, headers: dict[str, str] | None = None) -> Response:
        """The response with this status."""
        id: str = request.state.request_id
        if request.url.path == "/graphql":
            error = failure("This request was refused.", CODES.get(status, "BAD_REQUEST"), id)
            return JSONResponse({"errors": [error]}, status, headers)
        response = error_page(self.site, request, status, id)
        response.headers.update(headers or {})
        return response

    async def refused(self, request: Request, problem: Exception) -> Response:
        """A status that a page or the router asked for."""
        assert isinstance(problem, HTTPException)
        return self.explain(request, problem.status_code, dict(problem.headers or {}))

    async def busy(self, request: Request, problem: Exception) -> Response:
        """Too much is going on."""
        assert isinstance(problem, Unavailable)
        return self.explain(request, 503, {"retry-after": str(problem.seconds)})
