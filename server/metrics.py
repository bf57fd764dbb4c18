"""What the process tells a collector of figures at `/metrics`, where an operator has switched it on."""

import asyncio
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge import jobs
from knowledge.database import table_of
from knowledge.jobs import Job
from knowledge.search.index import Index
from server.health import lag
from server.lanes import Lanes, Unavailable
from server.settings import Settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

EXTRA = "pip install 'loyalty-commons[metrics]'"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NAMED = re.compile(r"\b(?:query|mutation|subscription)\s+(\w+)")
KINDS = {
    "/graphql": "graphql",
    "/static/": "static",
    "/feeds/": "feed",
    "/attachments/": "file",
    "/healthz": "watch",
    "/readyz": "watch",
    "/metrics": "watch",
}

Figure = Callable[[], float]


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("prometheus_client") is not None


@dataclass
class Metrics:
    """The figures of this process alone; `own` are the documents of our pages, whose operations are told by name.

    `figures` are read when somebody asks: the name of each, and how it is found.
    """

    settings: Settings
    lanes: Lanes
    index: Index
    own: frozenset[str]
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        """Whether it is wanted, and can be had."""
        return self.settings.metrics and is_installed()

    def routes(self) -> list[Route]:
        """The address, where it is on; elsewhere there is none, which answers 404."""
        return [Route("/metrics", self.answer)] if self.is_on else []

    async def answer(self, request: Request) -> Response:
        """The figures as text; a caller without the token that is set finds nothing."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        if not _may(request, self.settings.metrics_token):
            return PlainTextResponse("Not found.\n", 404)
        try:
            self._behind, self._failed = await self.lanes.read(
                lambda session: (lag(session, self.index), failed(session))
            )
        except Unavailable as problem:
            return PlainTextResponse(f"{problem}\n", 503, headers={"retry-after": str(problem.seconds)})
        return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """One answer that is done."""
        kind = next((kind for start, kind in KINDS.items() if scope["path"].startswith(start)), "page")
        self._requests.labels(kind, f"{status // 100}xx").inc()
        self._seconds.labels(kind).observe(seconds)
        what, _, name = scope.get("state", {}).get("operation", "").partition(" ")
        if what:
            self._operations.labels(what, name if name in self._names else "other").inc()

    @cached_property
    def registry(self) -> "CollectorRegistry":
        """What is told, anew for every application."""
        from prometheus_client import CollectorRegistry, Gauge, ProcessCollector

        self._behind = self._failed = 0
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        told: dict[str, Figure] = {
            "reads_waiting": lambda: self.lanes.waiting,
            "index_lag": lambda: self._behind,
            "jobs_failed": lambda: self._failed,
            **self.figures,
        }
        for name, figure in told.items():
            Gauge(f"loyalty_{name}", HELP.get(name, name.replace("_", " ")), registry=registry).set_function(figure)
        return registry

    @cached_property
    def _requests(self) -> "Counter":
        from prometheus_client import Counter

        return Counter("loyalty_requests", "Answers by kind and class", ["kind", "status"], registry=self.registry)

    @cached_property
    def _operations(self) -> "Counter":
        from prometheus_client import Counter

        return Counter("loyalty_operations", "Operations that ran", ["operation", "name"], registry=self.registry)

    @cached_property
    def _seconds(self) -> "Histogram":
        from prometheus_client import Histogram

        said = "How long answers took"
        return Histogram("loyalty_request_seconds", said, ["kind"], buckets=SECONDS, registry=self.registry)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for source in self.own for name in NAMED.findall(source))


HELP = {
    "reads_waiting": "Reads that wait or run",
    "index_lag": "Changes that the index has not seen, counted up to a thousand",
    "jobs_failed": "Jobs that failed for good",
    "operations_planned": "Queries that ran by their plan",
    "operations_replayed": "Queries whose plan gave up, so that they ran one value after the other",
    "operations_stock": "Operations for which no plan is made",
    "remembered_hits": "Answers given again from memory",
    "remembered_misses": "Questions whose answer was not in memory",
    "remembered_bytes": "Bytes of the answers in memory",
}


class Measured:
    """Counts every answer and how long it took."""

    def __init__(self, app: ASGIApp, *, count: Callable[[Scope, int, float], None]) -> None:
        self.app = app
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = asyncio.get_running_loop().time(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            self.count(scope, status, asyncio.get_running_loop().time() - started)


def failed(session: Session) -> int:
    """How many jobs were given up."""
    counted = select(func.count()).select_from(table_of(Job)).where(table_of(Job).c.tries >= jobs.TRIES)
    return int(session.connection().execute(counted).scalar_one())


def _may(request: Request, token: str) -> bool:
    said = request.headers.get("authorization", "").encode()
    return not token or hmac.compare_digest(said, f"Bearer {token}".encode())
