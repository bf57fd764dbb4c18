"""A running application and clients for it, spoken to without a network."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from starlette.applications import Starlette

from knowledge.database import Database
from knowledge.people import Act, tokens
from knowledge.words import Role
from server.settings import Settings

PASSWORD = "a sentence is a good password"
PEOPLE = {"eva": Role.EMPLOYEE, "leo": Role.LEADER, "ada": Role.ADMIN}


@dataclass
class Client:
    """A browser or a program: keeps cookies, follows nothing."""

    portal: BlockingPortal
    http: httpx.AsyncClient

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.portal.call(partial(self.http.get, path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.portal.call(partial(self.http.post, path, **options))

    def ask(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.post("/graphql", json={"query": query, "variables": variables}, headers=names)

    def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return self.post("/login", data={"email": email, "password": password, **fields})


@dataclass
class Server:
    """A running application, its database, and clients for it."""

    app: Starlette
    settings: Settings
    portal: BlockingPortal
    database: Database
    stack: ExitStack = field(repr=False)

    def client(self, address: str = "http://testserver", *, from_: str = "127.0.0.1", **headers: str) -> Client:
        transport = httpx.ASGITransport(self.app, client=(from_, 50000))
        http = httpx.AsyncClient(transport=transport, base_url=address, headers=headers)
        self.stack.callback(lambda: self.portal.call(http.aclose))
        return Client(self.portal, http)

    def written(self) -> None:
        """Wait for what nobody waited for: writes are done in their order, so one more goes through the same door."""
        self.client().sign_in("ada@example.org")

    def token(self, email: str, *scopes: Act) -> str:
        def create(session: Any) -> str:
            owner = tokens.owner(session, email)
            assert owner is not None
            return tokens.create(session, owner, "a program", scopes)[0]

        return self.database.write(create)
