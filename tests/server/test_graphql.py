import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from knowledge import clock
from knowledge.people import Act
from schema import documents
from schema.root import SCHEMA
from server.wire import LEGACY, MODERN
from tests.server.clients import Client, Server

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CREATE = (
    """mutation ($input: CreateEntryInput!) { createEntry(input: $input) { entry { slug } errors { field code } } }"""
)
TWICE = """mutation ($one: CreateEntryInput!, $two: CreateEntryInput!) {
  one: createEntry(input: $one) { entry { slug } errors { code } }
  two: createEntry(input: $two) { entry { slug } errors { code } }
}"""


def an_idea(slug: str, **more: Any) -> dict[str, Any]:
    return {"kind": "IDEA", "title": f"An idea called {slug}", "slug": slug, "body": "Say why.", **more}


def slugs(client: Client) -> list[str]:
    return [
        entry["slug"]
        for entry in client.ask("{ viewer { drafts { nodes { slug } } } }").json()["data"]["viewer"]["drafts"]["nodes"]
    ]


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


# What is answered, and how it is put.


def test_a_query_is_answered(program: Client) -> None:
    answer = program.ask("{ __typename viewer { role } }")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"__typename": "Query", "viewer": {"role": "LEADER"}}


def test_a_query_may_come_by_get(program: Client) -> None:
    answer = program.get(
        "/graphql",
        params={
            "query": "query Kind($name: String!) { __type(name: $name) { name } }",
            "variables": '{"name": "Entry"}',
        },
    )

    assert answer.json()["data"] == {"__type": {"name": "Entry"}}


@pytest.mark.parametrize("media", [LEGACY, MODERN])
def test_the_media_type_that_was_asked_for_is_given(program: Client, media: str) -> None:
    answer = program.ask("{ __typename }", accept=media)

    assert answer.headers["content-type"] == f"{media}; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "SYNTAX"),
        ("{ nothing }", None, "VALIDATION"),
        ("query One { __typename } query Two { __typename }", None, "BAD_REQUEST"),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": None}, "BAD_INPUT"),
        ("{ " + " ".join(f"a{number}: __typename" for number in range(40)) + " }", None, "LIMIT_EXCEEDED"),
    ],
)
def test_what_is_never_executed_is_400_in_the_newer_type_and_200_in_the_older(
    program: Client, query: str, variables: dict[str, Any] | None, code: str
) -> None:
    newer, older = (program.ask(query, variables, accept=media) for media in (MODERN, LEGACY))

    assert (newer.status_code, older.status_code) == (400, 200)
    assert set(codes(newer)) == set(codes(older)) == {code}
    assert "data" not in newer.json()
    assert all(error["extensions"]["requestId"] == newer.headers["x-request-id"] for error in newer.json()["errors"])


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '[{"query": "{ __typename }"}]', "{}", '{"query": 1}', '{"query": "{ __typename }", "variables": []}',
     '{"query": "{ __typename }", "operationName": 1}', '{"query": "{ __typename }", "extensions": "x"}'],
)  # fmt: skip
def test_a_body_that_is_no_request_is_400_in_both_types(program: Client, body: str) -> None:
    for media in (LEGACY, MODERN):
        answer = program.post("/graphql", content=body, headers={"content-type": LEGACY, "accept": media})

        assert (answer.status_code, codes(answer)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_only_json_in_utf8_is_taken(program: Client, headers: dict[str, str]) -> None:
    answer = program.post("/graphql", content='{"query": "{ __typename }"}', headers=headers)

    assert answer.status_code == 415


def test_a_caller_who_accepts_nothing_of_ours_is_told_so(program: Client) -> None:
    assert program.ask("{ __typename }", accept="text/html").status_code == 406


def test_a_get_never_changes_anything(program: Client) -> None:
    mutation = 'mutation { createEntry(input: {kind: IDEA, title: "By a link", slug: "by-a-link"}) { entry { slug } } }'

    answer = program.get("/graphql", params={"query": mutation}, headers={"accept": MODERN})

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert slugs(program) == []


def test_a_body_is_bounded_while_it_is_read(serve: Callable[..., Server]) -> None:
    server = serve(body_bytes=2_000)
    client = server.client()

    answer = client.post("/graphql", content=b" " * 2_001, headers={"content-type": LEGACY})

    assert (answer.status_code, codes(answer)) == (413, ["TOO_LARGE"])


# Who asks.


def test_a_token_acts_for_its_person(server: Server) -> None:
    secret = server.token("eva@example.org", Act.ENTRIES_READ, Act.PEOPLE_READ)

    answer = server.client(authorization=f"Bearer {secret}").ask("{ viewer { person { name } } }")

    assert answer.json()["data"]["viewer"]["person"]["name"] == "Eva"


@pytest.mark.parametrize("token", ["loyalty_unknown", "x"])
def test_an_unknown_token_is_401_with_a_challenge(server: Server, token: str) -> None:
    answer = server.client(authorization=f"Bearer {token}").ask("{ __typename }")

    assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_an_unknown_token_does_not_fall_back_on_the_cookie(client: Client) -> None:
    client.sign_in("leo@example.org")

    assert client.ask("{ __typename }", authorization="Bearer loyalty_unknown").status_code == 401


def test_a_missing_scope_is_403_and_named(server: Server) -> None:
    secret = server.token("leo@example.org", Act.ENTRIES_READ)

    answer = server.client(authorization=f"Bearer {secret}").ask(CREATE, {"input": an_idea("without-a-scope")})

    assert (answer.status_code, codes(answer)) == (403, ["INSUFFICIENT_SCOPE"])
    assert "entries:write" in answer.json()["errors"][0]["message"]


def test_the_use_of_a_token_is_noted(server: Server) -> None:
    secret = server.token("eva@example.org", Act.ENTRIES_READ)
    client = server.client()
    client.sign_in("eva@example.org")

    server.client(authorization=f"Bearer {secret}").ask("{ __typename }")
    server.written()

    tokens = client.ask("{ viewer { tokens { lastUsedAt } } }").json()["data"]["viewer"]["tokens"]
    assert tokens[0]["lastUsedAt"] is not None


# What is written, and what is not.


def test_a_mutation_is_kept(program_on_both: Client) -> None:
    answer = program_on_both.ask(CREATE, {"input": an_idea("kept")})

    assert answer.json()["data"]["createEntry"] == {"entry": {"slug": "kept"}, "errors": []}
    assert slugs(program_on_both) == ["kept"]


def test_what_is_refused_leaves_nothing_and_the_other_stays(program_on_both: Client) -> None:
    answer = program_on_both.ask(TWICE, {"one": an_idea("stays"), "two": an_idea("refused", title="")})

    assert answer.json()["data"]["two"]["errors"] == [{"code": "INVALID"}]
    assert slugs(program_on_both) == ["stays"]


def test_a_bug_in_the_second_leaves_nothing_of_the_first(
    program_on_both: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_at_second(monkeypatch)

    with structlog.testing.capture_logs() as lines:
        answer = program_on_both.ask(TWICE, {"one": an_idea("first"), "two": an_idea("second")})

    assert slugs(program_on_both) == []
    assert answer.json()["data"] is None
    assert codes(answer) == ["INTERNAL"]
    assert "secret" not in answer.text
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["bug"]


def broken_at_second(monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.entries import writing

    create, calls = writing.create, []

    def second_time_broken(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise RuntimeError("SELECT secret FROM table")
        return create(*args, **options)

    monkeypatch.setattr(writing, "create", second_time_broken)


def test_a_bug_in_a_query_is_masked_and_numbered(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    field = SCHEMA.query_type.fields["groups"]  # type: ignore[union-attr]

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT secret FROM table")

    monkeypatch.setattr(field, "resolve", broken)
    documents._parsed.cache_clear()  # what was planned before knows the one before
    documents._own.cache_clear()

    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = program.ask("{ groups { name } }")

    assert "secret" not in answer.text
    assert codes(answer) == ["INTERNAL"]
    assert answer.json()["errors"][0]["extensions"]["requestId"] == answer.headers["x-request-id"]
    (line,) = [line for line in lines if line["event"] == "bug"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "secret" in repr(line["exc_info"])


def test_a_write_can_wait_until_it_is_found(program: Client) -> None:
    created = an_idea("findable", title="Zebra crossings for parcels")
    program.ask(
        CREATE,
        {"input": {**created, "publish": True}},
        loyalty_await_index="true",
    )

    found = program.ask('{ search(query: "zebra parcels") { totalCount } }')

    assert found.json()["data"]["search"]["totalCount"] == 1


# How much.


def test_the_cost_and_what_is_left_are_told(program: Client) -> None:
    with clock.held(NOON):
        answer = program.ask("{ entries(first: 10) { nodes { slug } } }")

    cost = answer.json()["extensions"]["cost"]
    assert cost >= 10
    assert answer.headers["x-ratelimit-limit"] == "20000"
    assert answer.headers["x-ratelimit-remaining"] == str(20_000 - cost)


def test_too_much_at_once_is_429_and_says_when(serve: Callable[..., Server]) -> None:
    server = serve(cost_signed_in=100)
    client = server.client()
    client.sign_in("eva@example.org")
    query = "{ entries(first: 40) { nodes { slug } } }"

    with clock.held(NOON):
        answers = [client.ask(query) for _ in range(4)]
    with clock.held(NOON + timedelta(seconds=int(answers[-1].headers["retry-after"]))):
        later = client.ask(query)

    assert answers[0].status_code == 200
    assert (answers[-1].status_code, codes(answers[-1])) == (429, ["RATE_LIMITED"])
    assert later.status_code == 200


def test_our_own_pages_are_not_charged(serve: Callable[..., Server]) -> None:
    client = serve(cost_signed_in=2).client()
    client.sign_in("eva@example.org")

    pages = [client.get("/practices").status_code for _ in range(3)]

    assert pages == [200, 200, 200]


def test_what_is_typed_into_the_explorer_is_bounded_like_any_other(serve: Callable[..., Server]) -> None:
    client = serve(cost_signed_in=20).client()
    client.sign_in("eva@example.org")

    page = client.post("/api", data={"document": "{ entries(first: 100) { nodes { slug } } }"})

    assert "LIMIT_EXCEEDED" in page.text


def test_a_heavy_query_runs_in_the_slow_lane(serve: Callable[..., Server]) -> None:
    server = serve(slow_cost=1)
    client = server.client()
    client.sign_in("eva@example.org")

    answer = client.ask("{ entries(first: 5) { totalCount } }")

    assert answer.json()["data"]["entries"]["totalCount"] == 0


def test_what_renders_runs_in_the_slow_lane(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = listened(monkeypatch, "preview")

    answer = program.ask('{ principles { number } preview(markdown: "# Head") { html } }')

    assert answer.json()["data"]["preview"]["html"]
    assert lanes == ["slow"]


def test_our_own_pages_render_in_the_slow_lane_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = listened(monkeypatch, "preview")
    client.sign_in("eva@example.org")

    page = client.post("/entries/new", data={"kind": "IDEA", "title": "Head", "body": "# Head", "preview": "yes"})

    assert page.status_code == 200
    assert lanes == ["slow"]


def listened(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """The lanes in which a field at the root is answered."""
    field = SCHEMA.query_type.fields[name]  # type: ignore[union-attr]
    answer, lanes = field.resolve, []

    def heard(*args: Any, **options: Any) -> Any:
        lanes.append(threading.current_thread().name.partition("_")[0])
        return answer(*args, **options)

    monkeypatch.setattr(field, "resolve", heard)
    documents._parsed.cache_clear()  # what was planned before knows the one before
    documents._own.cache_clear()
    return lanes


def test_what_takes_too_long_is_503(serve: Callable[..., Server]) -> None:
    client = serve(operation_seconds=0.000_001).client()

    answer = client.ask("{ __typename }")

    assert (answer.status_code, codes(answer)) == (503, ["UNAVAILABLE"])
    assert re.fullmatch(r"\d+", answer.headers["retry-after"])


def test_the_log_names_the_operation(program: Client) -> None:
    with structlog.testing.capture_logs() as lines:
        program.ask("query Roles { viewer { role } }")

    assert [line["operation"] for line in lines if line["event"] == "request"] == ["query Roles"]
