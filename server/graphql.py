"""POST /graphql, and GET for queries; and the same door from within for our own pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from frontend import asking
from server import signin
from server.live.listening import Live
from server.operations import Operations, Terms
from server.settings import Settings
from server.wire import LEGACY, Asked, Unreadable, accepted, hears_events, posted, put, queried, unread


def _pages() -> frozenset[str]:
    return frozenset(asking.document(name) for name in asking.names())


def _key(request: Request) -> str:
    """What a feed reader shows instead of a cookie; it opens feeds and nothing else."""
    return request.query_params.get("key", "")[:200] if request.url.path.startswith("/feeds/") else ""


@dataclass(frozen=True)
class Endpoint:
    """The one way in to the schema. `own` are the documents of our pages, which are not charged."""

    settings: Settings
    operations: Operations
    live: Live
    own: frozenset[str] = field(default_factory=_pages)

    def routes(self) -> list[BaseRoute]:
        """The endpoint's address, for requests and for WebSockets."""
        return [Route("/graphql", self.answer, methods=["GET", "POST"]), WebSocketRoute("/graphql", self.live.socket)]

    async def answer(self, request: Request) -> Response:
        """An operation in a body of JSON, or a query in the query string; a subscription goes on as events."""
        media, only_asks, hears = LEGACY, request.method != "POST", hears_events(request.headers)
        try:
            media = LEGACY if hears else accepted(request.headers)
            asked = queried(request) if only_asks else await posted(request, self.settings.body_bytes)
            if hears and self.live.is_for(request, asked):
                return await self.live.events(request, asked)
            media = accepted(request.headers)
        except Unreadable as problem:
            return unread(problem, request.state.request_id, media)
        waits = request.headers.get("loyalty-await-index", "").lower() == "true"
        shown = signin.shown(request, self.settings)
        request.state.is_made_of_answers = True
        return put(await self.operations.perform(request, asked, shown, Terms(only_asks=only_asks, waits=waits)), media)

    async def execute(self, source: str, variables: Mapping[str, object], request: Request) -> asking.Answer:
        """What a page asks as whoever is signed in. What someone typed into the explorer is bounded like any other."""
        shown = replace(signin.shown(request, self.settings), token="", key=_key(request))
        terms = Terms(is_trusted=source in self.own, waits=True)
        said = await self.operations.perform(request, Asked(source, None, variables), shown, terms)
        if said.status in (429, 503):
            raise HTTPException(said.status, headers=dict(said.headers))
        data = None if said.data is None else dict(said.data)
        return asking.Answer(data, [dict(error) for error in said.errors])
