"""A remembered answer is never wrong: two processes write, and each answer is what an application that remembers nothing says."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from knowledge import entries, people
from knowledge.database import Database, Page, versions
from knowledge.entries import listing, publishing, writing
from knowledge.errors import Refusal
from knowledge.people import OPERATOR, Act, signing, tokens
from knowledge.search.index import Index
from knowledge.words import Audience, Kind, Role
from server.app import application
from tests.factories import a_customer, an_entry, some_feedback
from tests.server.clients import Client, Server

LONG = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
COMPARED = 10_000 if LONG else 300
PATIENCE = 3_600 if LONG else 120
"""Seconds, after which nobody can say that both were asked at the same version often enough."""
READERS = ("eva", "leo", "ada", "rosa", "token", "stranger")
MOVED = (Role.EMPLOYEE, Role.STEWARD, Role.LEADER)
LIST = "{ entries(first: 20) { totalCount nodes { slug title audience status author { name } tags { name } } } }"
SAID = "{ feedback(first: 10) { totalCount nodes { verbatim status } } viewer { role may } }"
FOUND = '{ search(query: "valve") { totalCount nodes { ... on Entry { slug title } } facets { field values { value count } } } }'
PAGES = ("/", "/practices", "/search?q=valve", "/voices", "/community", "/feedback", "/vision", "/me", "/notifications")
PASSING = {
    "content-length",
    "x-request-id",
    "etag",
    "cache-control",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "date",
}


def act(session: Session, chance: Random, name: str) -> object:
    """One thing that changes what somebody reads."""
    title = f"The valve, {name}"
    found = listing.listing(session, OPERATOR, Page(first=20)).rows
    audience = chance.choice(list(Audience)[:3])
    match chance.randrange(6):
        case 0:
            return some_feedback(session, OPERATOR, verbatim=f"{title} leaks.")
        case 1 if found:
            return publishing.archive(session, OPERATOR, chance.choice(found).uid)
        case 2 if found:
            return _told_to_others(session, chance.choice(found), audience)
        case 3:
            return people.set_role(session, OPERATOR, "eva@example.org", chance.choice(MOVED))
        case 4:
            return people.set_role(session, OPERATOR, "leo@example.org", chance.choice(MOVED))
        case _:
            return an_entry(session, OPERATOR, kind=Kind.GUIDE, title=title, audience=audience, tags=["valve"])


def _told_to_others(session: Session, row: entries.EntryRow, audience: Audience) -> object:
    writing.update(session, OPERATOR, row.uid, row.revision, {"audience": audience})
    return publishing.publish(session, OPERATOR, row.uid)


def write_on(address: str, name: str, stopping: Any) -> None:
    """Write until one is told to stop, some of it at once; what is refused is left."""
    database, chance = Database(address), Random(name)
    for number in count():
        if stopping.wait(chance.choice((0.0, 0.5, 1.0))):
            break
        with suppress(Refusal):
            database.write(partial(act, chance=chance, name=f"{name} {number}"))
    database.close()


@contextmanager
def two_processes_writing(server: Server) -> Iterator[None]:
    """Another process, and a thread of this one with a database of its own."""
    context = get_context("spawn")
    stopping, here = context.Event(), threading.Event()
    arguments = (server.settings.address, "elsewhere", stopping)
    other = context.Process(target=write_on, args=arguments)
    mine = threading.Thread(target=write_on, args=(server.settings.address, "here", here))
    other.start()
    mine.start()
    try:
        yield
    finally:
        stopping.set()
        here.set()
        mine.join()
        other.join()


@dataclass
class Pair:
    """The same reader before two applications on the same data: one remembers, and one does not."""

    name: str
    remembering: Client
    forgetful: Client

    def come_in(self, server: Server) -> None:
        """With the same cookie or token for both; a browser that was signed out comes in again."""
        if self.name == "stranger":
            return
        email = f"{self.name}@example.org"
        headers = server.database.write(lambda session: _credentials(session, self.name, email))
        for each in (self.remembering, self.forgetful):
            each.http.headers.update(headers)


def _credentials(session: Session, name: str, email: str) -> dict[str, str]:
    if name == "token":
        owner = tokens.owner(session, "ada@example.org")
        assert owner is not None
        return {"authorization": f"Bearer {tokens.create(session, owner, 'a program', [*Act])[0]}"}
    person = people.by_email(session, email)
    assert person is not None
    return {"cookie": f"loyalty={signing.open(session, person.id, 'a browser')}"}


def asked(client: Client, question: str) -> httpx.Response:
    return client.get(question) if question.startswith("/") else client.ask(question)


def told(answer: httpx.Response) -> object:
    headers = {name: value for name, value in answer.headers.items() if name not in PASSING}
    return answer.status_code, headers, answer.content if answer.status_code == 200 else b""


@dataclass
class Now:
    """At which version of everything something was asked."""

    versions: versions.Versions
    index: Index

    def __call__(self) -> object:
        return self.versions.newest(), self.index.refresh(), datetime.now(UTC).replace(second=0, microsecond=0)


@pytest.fixture
def forgetful(server: Server) -> Iterator[Server]:
    chosen = server.settings.model_copy(update={"cache_bytes": 0})
    app = application(chosen)
    with (
        ExitStack() as stack,
        server.portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        yield Server(app, chosen, server.portal, server.database, stack)


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    server = serve(anonymous=True, refill=1_000_000)

    def furnish(session: Session) -> None:
        customer = a_customer(session, name="Rosa's")
        people.add(session, OPERATOR, "rosa@example.org", "Rosa", Role.CUSTOMER, customer_id=customer.id)

    server.database.write(furnish)
    return server


@pytest.mark.slow
def test_a_remembered_answer_is_never_wrong(server: Server, forgetful: Server) -> None:
    readers = [Pair(name, server.client(), forgetful.client()) for name in READERS]
    for reader in readers:
        reader.come_in(server)
    now = Now(versions.of(server.database), _index_of(server))
    chance, compared, given_up = Random(9), 0, monotonic() + PATIENCE
    wrong: list[object] = []
    memory = server.app.state.memory

    with two_processes_writing(server):
        while compared < COMPARED and not wrong and monotonic() < given_up:
            reader, question = chance.choice(readers), chance.choice((LIST, SAID, FOUND, *PAGES))
            if chance.random() < 0.02:
                _sign_out(server.database, reader)
            asked(reader.remembering, question)
            before, remembered = now(), told(asked(reader.remembering, question))
            computed = told(asked(reader.forgetful, question))
            if before == now():
                compared += 1
                wrong += [(reader.name, question, remembered, computed)] if remembered != computed else []
            if remembered[0] in (303, 401):  # type: ignore[index]
                reader.come_in(server)

    assert wrong == []
    assert compared >= COMPARED
    assert memory.hits > compared / 10


def _sign_out(database: Database, reader: Pair) -> None:
    if cookie := reader.remembering.http.headers.get("cookie", "").removeprefix("loyalty="):
        database.write(lambda session: signing.close(session, cookie))


def _index_of(server: Server) -> Index:
    from knowledge.search.embedded import EmbeddedIndex

    return EmbeddedIndex(Path(server.settings.data) / "index")
