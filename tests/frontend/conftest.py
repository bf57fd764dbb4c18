"""A browser without a network: pages of a frontend whose API is made up from the printed schema."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from frontend import pages
from frontend.pages import DemoPerson, Execute, Site
from tests.frontend import pretending

PERSON = {"__typename": "Person", "id": "p1", "name": "Ines Duarte"}
ACTS = ["ENTRIES_READ", "ENTRIES_WRITE", "FEEDBACK_READ", "FEEDBACK_WRITE", "INITIATIVES_WRITE", "COMMUNITY_WRITE"]
CREATED = {"entry": {"__typename": "BestPractice", "slug": "call-back", "status": "DRAFT"}, "errors": []}


def viewer(role: str | None, **more: Any) -> dict[str, Any]:
    return {
        "role": role,
        "may": ACTS if role and role != "CUSTOMER" else [],
        "person": PERSON if role else None,
        "email": "ines@example.test",
        **more,
    }


class Browser:
    def __init__(self, execute: Execute, site: Site) -> None:
        async def went_wrong(request: Request, problem: Exception) -> Response:
            assert isinstance(problem, HTTPException)
            return pages.error_page(
                site, request, problem.status_code, "request-7", await pages.reader(execute, request)
            )

        async def sign_in(request: Request) -> Response:
            return pages.render_login(site, request, target=request.query_params.get("next", "/"))

        routes = [Route("/login", sign_in), *pages.routes(execute, site)]
        self.app = Starlette(routes=routes, exception_handlers={HTTPException: went_wrong})
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._send("GET", path, None, headers))

    def post(self, path: str, form: Mapping[str, Sequence[str]], **headers: str) -> httpx.Response:
        return asyncio.run(self._send("POST", path, form, headers))

    async def _send(
        self, method: str, path: str, form: Mapping[str, Sequence[str]] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies=self.cookies) as client:
            return await client.request(method, path, data=form, headers=named)


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.found if tag in tags]

    def named(self, name: str) -> dict[str, str]:
        return next(attributes for _, attributes in self.found if attributes.get("name") == name)


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return pretending.schema()


@pytest.fixture(scope="session")
def site() -> Site:
    return Site(people=(DemoPerson("ines@example.test", "Ines", "takes the calls"),))


Open = Callable[..., Browser]


@pytest.fixture(scope="session")
def browser(schema: GraphQLSchema, site: Site) -> Open:
    def opened(role: str | None = "ADMIN", made_up: pretending.Made = pretending.full, **world: Any) -> Browser:
        return Browser(pretending.executor(schema, {"viewer": viewer(role), **world}, made_up), site)

    return opened


def on_entry(open_: Open, **world: Any) -> Browser:
    return open_(entry=lambda **_: {"__typename": "BestPractice", "slug": "slug", "id": "e1"}, **world)
