"""The whole interface on one screen: routes, middleware, and what starts and stops with the process."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from frontend import pages
from frontend.pages import DemoPerson, Site
from knowledge import attachments, people
from knowledge.database import Page, engine_version, tallies, versions
from knowledge.database.versions import Versions
from knowledge.people import OPERATOR
from schema.context import Counts
from server import files, installation, logs, working
from server.explaining import Explanations
from server.graphql import Endpoint
from server.health import RISK, Health, is_risky
from server.installation import Installation
from server.lanes import Lanes, Unavailable
from server.listening import Listening
from server.live.follower import Follower
from server.live.listening import Live
from server.memory import Memory
from server.metrics import Figure, Measured, Metrics
from server.middleware import Bounded, Bounds, Packed, Protected, SameOrigin, Timed, Watched
from server.operations import Operations
from server.passwords import PasswordForm
from server.rates import Rates
from server.remembering import Remembering
from server.secrets import secret_of
from server.settings import Settings
from server.signin import Door, Gate

log = structlog.get_logger()


def application(settings: Settings) -> Starlette:
    """The application over the installation that the settings name; raises `NotReady` where there is none."""
    home = installation.ready(settings)
    site = Site(
        name=settings.name, people=_sample_people(home), anonymous=settings.anonymous, base_url=settings.base_url
    )
    lanes = Lanes(home.database, seconds=settings.operation_seconds, most=settings.queue)
    worker = working.over(home)
    gate = Gate()
    listening = Listening(lanes, secret_of(settings))
    operations = Operations(settings, home.index, lanes, Rates(settings.refill), worker, listening, secret_of(settings))
    memory, version = Memory(settings.cache_bytes), versions.of(home.database)
    live = Live(operations, Follower(home.database))
    endpoint = Endpoint(settings, operations, live)
    metrics = Metrics(settings, lanes, home.index, endpoint.own, _figures(operations.counts, memory))
    kept = files.Files(settings, lanes, attachments.store_at(home.database.url))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        worker.start()
        live.start()
        engine = engine_version(home.database)
        log.info("started", engine=engine, data=str(settings.data))
        if is_risky(engine):
            log.warning(RISK)
        try:
            yield
        finally:
            await live.stop()
            worker.stop()
            gate.close()
            listening.write()
            lanes.close()
            version.close()
            home.close()

    says = Explanations(site, endpoint.execute)
    app = Starlette(
        routes=[
            *endpoint.routes(),
            *Door(lanes, settings, site, gate).routes(),
            *PasswordForm(lanes, settings, site, gate).routes(),
            *Health(home.database, home.index, lanes, lambda: worker.keeper.trouble).routes(),
            *metrics.routes(),
            *kept.routes(),
            *pages.routes(endpoint.execute, site, kept.receive),
        ],
        middleware=[
            Middleware(Protected, secure=settings.is_secure),
            Middleware(Watched, explain=says.explain),
            *([Middleware(Measured, count=metrics.count)] if metrics.is_on else []),
            *_timed(home),
            *_remembering(settings, memory, version, operations),
            Middleware(SameOrigin, base_url=settings.base_url, explain=says.explain),
            Middleware(Packed, minimum_size=1_000, compresslevel=5),
            Middleware(
                Bounded,
                usual=Bounds(settings.form_bytes, settings.body_seconds),
                larger=Bounds(settings.form_bytes + settings.file_bytes, settings.file_seconds),
                is_larger=files.brings_a_file,
                explain=says.explain,
            ),
        ],
        exception_handlers={HTTPException: says.refused, Unavailable: says.busy},
        lifespan=lifespan,
    )
    app.state.memory = memory
    return app


def serving() -> Starlette:
    """The application for a worker process: its settings are in the environment."""
    settings = Settings()
    logs.begin(settings)
    app = application(settings)
    gc.freeze()
    return app


def _figures(counts: Counts, memory: Memory) -> dict[str, Figure]:
    """What is told at /metrics of how operations were run and answers remembered."""
    return {
        "operations_planned": lambda: counts.planned,
        "operations_replayed": lambda: counts.replayed,
        "operations_stock": lambda: counts.stock,
        "remembered_hits": lambda: memory.hits,
        "remembered_misses": lambda: memory.misses,
        "remembered_bytes": lambda: memory.filled,
    }


def _timed(home: Installation) -> list[Middleware]:
    if not home.settings.timings:
        return []
    tallies.keep(home.database)
    return [Middleware(Timed)]


def _remembering(settings: Settings, memory: Memory, versions: Versions, operations: Operations) -> list[Middleware]:
    if not settings.cache_bytes:
        return []
    return [
        Middleware(
            Remembering,
            memory=memory,
            versions=versions,
            index=operations.index,
            rates=operations.rates,
            listening=operations.listening,
            longest=settings.body_bytes,
            patience=settings.body_seconds,
        )
    ]


def _sample_people(home: Installation) -> tuple[DemoPerson, ...]:
    if not home.settings.demo:
        return ()
    with home.database.reading() as session:
        rows = people.listing(session, OPERATOR, Page(first=100)).rows
        return tuple(
            DemoPerson(row.email, row.name, _line(row)) for row in rows if row.sample and row.disabled_at is None
        )


def _line(person: people.PersonRow) -> str:
    group = people.group_of(person)
    return ", ".join(filter(None, [person.role.capitalize(), group.name if group else ""]))
