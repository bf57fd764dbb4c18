"""Whether the process is alive, and whether it is ready for work."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from knowledge import changes, migrations
from knowledge.database import Database, engine_version
from knowledge.search.index import Index
from server.lanes import Lanes, Unavailable
from server.version import product_version

MOST = 1_000
SAFE_SQLITE = (3, 51, 3)
RISK = "This SQLite may corrupt a database; install the package pysqlite3."


def is_risky(engine: str) -> bool:
    """Whether the engine is an SQLite that may corrupt a database when its log is reset: all up to 3.51.2."""
    version = re.fullmatch(r"SQLite (\d+)\.(\d+)\.(\d+)", engine)
    return version is not None and tuple(map(int, version.groups())) < SAFE_SQLITE


def lag(session: Session, index: Index) -> int:
    """How many changes the index has not seen yet; counted up to a thousand."""
    return len(changes.since(session, index.cursor(), most=MOST))


@dataclass(frozen=True)
class Health:
    """Two addresses for whoever watches: neither tells more than it must, and neither needs a sign-in."""

    database: Database
    index: Index
    lanes: Lanes
    trouble: Callable[[], str]
    """Why this process cannot keep the index; empty while it can, or leaves that to another."""

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route("/healthz", self.alive), Route("/readyz", self.ready)]

    async def alive(self, _: Request) -> Response:
        """The process answers; no thread and no row is asked."""
        engine = engine_version(self.database) if self.database.is_sqlite else "PostgreSQL"
        told = {"status": "alive", "version": product_version(), "engine": engine}
        return JSONResponse({**told, "warning": RISK} if is_risky(engine) else told)

    async def ready(self, _: Request) -> Response:
        """The database answers, its tables are current, and the index follows; 503 while one of them does not."""
        try:
            is_current = await self.lanes.read(lambda _: migrations.is_current(self.database))
            behind = await self.lanes.read(lambda session: lag(session, self.index))
            building = await self.lanes.read(lambda _: self.index.building())
        except Unavailable as problem:
            return JSONResponse({"status": "busy", "reason": str(problem)}, 503)
        is_ready = is_current and behind < MOST
        told: dict[str, Any] = {
            "status": "ready" if is_ready else "not ready",
            "migrations": is_current,
            "indexLag": behind,
        }
        if building:
            told["indexBuilding"] = dict(zip(("read", "entries"), building, strict=True))
        if trouble := self.trouble():
            told["indexTrouble"] = trouble
        return JSONResponse(told, 200 if is_ready else 503)
