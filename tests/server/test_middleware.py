import asyncio
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
import structlog
from starlette.exceptions import HTTPException

from server.middleware import CSP, Patient
from tests.server.clients import Client, Server

PAGES = ("/login", "/nowhere", "/healthz", "/graphql?query={__typename}")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers

    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "no-store" in headers["cache-control"] or "private" in headers["cache-control"]


def test_the_policy_of_content_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert CSP.startswith("default-src 'none'; ")
    assert "unsafe" not in CSP
    assert "http" not in CSP


def test_hsts_is_said_over_https_only(server: Server) -> None:
    plain, secure = server.client(), server.client("https://testserver")

    assert "strict-transport-security" not in plain.get("/login").headers
    assert "strict-transport-security" in secure.get("/login").headers


def test_each_request_has_an_id_of_our_own_making(client: Client) -> None:
    answers = [client.get("/login", headers={"x-request-id": "forged\tid"}) for _ in range(2)]

    ids = [answer.headers["x-request-id"] for answer in answers]

    assert "forged" not in "".join(ids)
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "https://testserver"},
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    ],
)
def test_a_page_of_another_site_may_not_post(client: Client, headers: dict[str, str]) -> None:
    for path in ("/graphql", "/login", "/logout"):
        assert client.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://testserver"},
        {"sec-fetch-site": "same-origin", "origin": "http://testserver"},
    ],
)
def test_our_own_pages_and_programs_may_post(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/logout", headers=headers).status_code == 303


def test_behind_a_proxy_the_address_that_people_type_is_ours_too(serve: Callable[..., Server]) -> None:
    client = serve(base_url="https://commons.example.org").client()

    answer = client.post("/logout", headers={"origin": "https://commons.example.org"})

    assert answer.status_code == 303


def test_a_link_from_another_site_may_be_followed(client: Client) -> None:
    assert client.get("/login", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_large_answers_are_packed_where_the_caller_unpacks(client: Client) -> None:
    packed = client.get("/login", headers={"accept-encoding": "gzip"})
    plain = client.get("/login", headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


def test_answers_say_what_they_cost_where_that_is_asked_for(serve: Callable[..., Server]) -> None:
    client = serve(timings=True, anonymous=True).client()

    cheap, dear = (client.get(path).headers["server-timing"] for path in ("/healthz", "/search?q=refund"))

    told = re.compile(r'app;dur=[\d.]+, db;desc="(\d+) statements"')
    counts = [int(found[1]) for said in (cheap, dear) if (found := told.fullmatch(said))]
    assert counts[0] == 0
    assert 1 < counts[1] <= 12


def test_answers_say_nothing_of_their_cost_unasked(client: Client) -> None:
    assert "server-timing" not in client.get("/login").headers


def test_a_form_that_is_too_large_is_refused(serve: Callable[..., Server]) -> None:
    client = serve(form_bytes=2_000).client()

    answer = client.post("/login", data={"email": "x" * 3_000})

    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "too much at once" in answer.text


def test_a_missing_page_says_so_with_the_number_of_the_request(client: Client) -> None:
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_the_log_has_one_line_for_a_request_and_never_its_query(client: Client) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = client.get("/login?next=/secret", headers={"authorization": "Bearer loyalty_secret"})

    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/login", 200)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in str(lines)


def test_a_bug_is_logged_once_and_masked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT secret FROM table")

    monkeypatch.setattr("server.signin.render_login", broken)
    client = server.client()

    with structlog.testing.capture_logs() as lines:
        answer = client.get("/login")

    assert answer.status_code == 500
    assert "SELECT" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["content-security-policy"] == CSP
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["bug"]


def test_a_body_that_never_ends_is_not_waited_for() -> None:
    async def reads(_: object, receive: Any, __: object) -> None:
        while (await receive()).get("more_body"):
            pass

    dripped: list[bytes] = []

    async def drips() -> MutableMapping[str, Any]:
        if dripped:
            await asyncio.Event().wait()
        dripped.append(b"x")
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def run() -> None:
        await Patient(reads, seconds=0.05)({"type": "http"}, drips, drips)  # type: ignore[arg-type]

    with pytest.raises(HTTPException) as refused:
        asyncio.run(run())

    assert refused.value.status_code == 408
