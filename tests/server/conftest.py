"""The real application over a data folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlmodel import Session

from knowledge import people
from knowledge.database import Database
from knowledge.people import OPERATOR, Act
from server import installation
from server.app import application
from server.settings import Settings
from tests.server.clients import PASSWORD, PEOPLE, Client, Server


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded") / "data"
    database = installation.found(Settings(data=folder))
    populate(database)
    database.close()
    return folder


def populate(database: Database) -> None:
    def add(session: Session) -> None:
        for name, role in PEOPLE.items():
            email, is_sample = f"{name}@example.org", name == "eva"
            people.add(session, OPERATOR, email, name.capitalize(), role, password=PASSWORD, sample=is_sample)

    database.write(add)


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def serve(founded: Path, tmp_path: Path, portal: BlockingPortal) -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:

        def begin(**settings: Any) -> Server:
            shutil.copytree(founded, tmp_path / "data")
            chosen = Settings(data=tmp_path / "data", **settings)
            database = Database(chosen.address)
            stack.callback(database.close)
            app = application(chosen)
            stack.enter_context(portal.wrap_async_context_manager(app.router.lifespan_context(app)))
            return Server(app, chosen, portal, database, stack)

        yield begin


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve()


@pytest.fixture
def server_on_both(database: Database, serve: Callable[..., Server]) -> Server:
    populate(database)
    return serve(database_url=database.url.render_as_string(hide_password=False))


@pytest.fixture
def client(server: Server) -> Client:
    return server.client()


@pytest.fixture
def program(server: Server) -> Client:
    return a_program(server)


@pytest.fixture
def program_on_both(server_on_both: Server) -> Client:
    return a_program(server_on_both)


def a_program(server: Server) -> Client:
    secret = server.token("leo@example.org", *(act for act in Act if act is not Act.ADMIN))
    return server.client(authorization=f"Bearer {secret}")
