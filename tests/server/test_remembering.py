"""What was answered is answered again from memory as long as it is what would be computed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge import clock, jobs
from knowledge.database import table_of
from knowledge.people import OPERATOR, signing
from knowledge.search.embedded import EmbeddedIndex
from knowledge.words import Kind
from server.lanes import Lanes
from server.listening import Listening
from server.memory import Memory
from tests.factories import a_customer, an_entry
from tests.server.clients import Client, Server
from tests.server.conftest import a_program

LIST = "{ entries(first: 50) { nodes { slug title author { name } tags { name } } } }"
FOUND = '{ search(query: "refunds") { totalCount } }'
BUDGET = "{ rateLimit { remaining } }"
PERSONAL = "query ($id: ID!) { customer(ref: {id: $id}) { personal(purpose: ANSWERING) { email } } }"


def memory_of(server: Server) -> Memory:
    memory = server.app.state.memory
    assert isinstance(memory, Memory)
    return memory


@pytest.fixture(autouse=True)
def as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOYALTY_CACHE_BYTES", raising=False)  # the suite runs with the memory switched off as well


@pytest.fixture
def serve(serve: Callable[..., Server]) -> Callable[..., Server]:
    """A server whose worker has done what it begins with, each job of which is a commit."""

    def begin(**settings: Any) -> Server:
        server = serve(**settings)
        calm(server)
        return server

    return begin


def calm(server: Server) -> None:
    """Every job that is due is done."""
    while not _is_calm(server):
        pass


def _is_calm(server: Server) -> bool:
    with server.database.reading() as session:
        due = jobs.next_due(session)
    return due is not None and due > clock.now()


def known(server: Server, program: Client) -> Client:
    """A program whose use was noted just now, and is not again for a minute."""
    program.ask("{ __typename }")
    server.written()
    return program


def reader(server: Server, name: str = "eva", **headers: str) -> Client:
    browser = server.client(**headers)
    assert browser.sign_in(f"{name}@example.org").status_code == 303
    return browser


def caught_up(server: Server, client: Client) -> None:
    """What follows from what was written is done, and the index has followed."""
    calm(server)
    client.post("/graphql", json={"query": "mutation { __typename }"}, headers={"loyalty-await-index": "true"})


def customer_id(program: Client) -> str:
    found = program.ask("{ customers { nodes { id } } }").json()["data"]["customers"]["nodes"]
    return str(found[0]["id"])


def a_guide(server: Server, title: str = "Refunds") -> Any:
    return server.database.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, title=title))


def test_a_query_is_answered_again_from_memory(server: Server) -> None:
    browser = reader(server)
    first = browser.ask(LIST)

    again = browser.ask(LIST)

    assert memory_of(server).hits == 1
    assert again.content == first.content
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/", "/practices", "/entries/refunds", "/entries/refunds.md", "/help", "/me"])
def test_a_page_is_answered_again_from_memory_byte_for_byte(path: str, server: Server) -> None:
    a_guide(server)
    browser = reader(server)
    caught_up(server, browser)
    first = browser.get(path)

    again = browser.get(path)

    assert (first.status_code, memory_of(server).hits) == (200, 1), memory_of(server).unkept
    assert again.content == first.content
    assert dict(again.headers) == {**first.headers, "x-request-id": again.headers["x-request-id"]}


def test_a_hit_asks_no_thread_and_no_row(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(timings=True)
    browser = reader(server)
    browser.get("/")
    asked: list[object] = []
    with monkeypatch.context() as counted:
        counted.setattr(Lanes, "_queued", lambda *given: asked.append(given))
        again = browser.get("/")

    assert (memory_of(server).hits, asked) == (1, [])
    assert again.headers["server-timing"].endswith('desc="0 statements"')


def test_nothing_is_remembered_where_that_is_off(serve: Callable[..., Server]) -> None:
    server = serve(cache_bytes=0)
    browser = reader(server)

    answers = [browser.get("/practices") for _ in range(2)]

    assert (memory_of(server).hits, memory_of(server).misses) == (0, 0)
    assert "etag" not in answers[1].headers


# What was written, and what moves without a commit.


def test_what_was_written_is_in_the_next_answer(server: Server) -> None:
    browser = reader(server)
    browser.ask(LIST)
    a_guide(server)

    again = browser.ask(LIST)

    assert [node["title"] for node in again.json()["data"]["entries"]["nodes"]] == ["Refunds"]


def test_who_is_signed_out_is_nobody_at_once(server: Server) -> None:
    browser = reader(server)
    browser.get("/practices")
    assert browser.get("/practices").status_code == 200
    secret = browser.http.cookies["loyalty"]
    server.database.write(lambda session: signing.close(session, secret))

    assert browser.get("/practices").status_code == 303


def test_a_search_follows_the_index_which_moves_without_a_commit(server: Server) -> None:
    entry = a_guide(server)
    browser = reader(server)
    caught_up(server, browser)
    found = [browser.ask(FOUND).json()["data"]["search"]["totalCount"] for _ in range(2)]
    index = EmbeddedIndex(server.settings.data / "index")
    index.apply((), [entry.uid], index.cursor())

    after = browser.ask(FOUND).json()["data"]["search"]["totalCount"]

    assert (found, after) == ([1, 1], 0)


def test_a_session_ends_when_it_is_over_whatever_is_remembered(server: Server) -> None:
    browser = reader(server)
    begun = clock.now()
    with clock.held(begun + timedelta(minutes=5)):
        browser.get("/help")
        assert browser.get("/help").status_code == 200
        assert memory_of(server).hits == 1

    with clock.held(begun + signing.IDLE + timedelta(minutes=1)):
        assert browser.get("/help").status_code == 303


def test_a_visit_is_noted_again_though_the_answer_is_remembered(server: Server) -> None:
    browser = reader(server)
    begun = clock.now()
    for _ in range(2):
        browser.get("/help")

    with clock.held(begun + timedelta(minutes=11)):
        browser.get("/help")
        server.written()

    with server.database.reading() as session:
        seen = select(func.max(table_of(signing.SignIn).c.seen_at)).where(table_of(signing.SignIn).c.person_id == 1)
        at = session.connection().execute(seen).scalar_one()
    assert at == begun + timedelta(minutes=11)


def test_what_depends_on_the_minute_is_computed_in_the_next(server: Server) -> None:
    browser = reader(server)
    noon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    with clock.held(noon + timedelta(seconds=1)):
        browser.get("/")
    with clock.held(noon + timedelta(seconds=59)):
        browser.get("/")
    assert memory_of(server).hits == 1

    with clock.held(noon + timedelta(seconds=60)):
        browser.get("/")

    assert memory_of(server).hits == 1


# What makes another question, and what does not.


def test_a_header_that_is_not_known_makes_another_question(server: Server) -> None:
    browser = reader(server)
    browser.get("/practices", headers={"x-anything": "one"})

    browser.get("/practices", headers={"x-anything": "two"})

    assert memory_of(server).hits == 0


def test_the_name_of_a_browser_makes_none(server: Server) -> None:
    browser = reader(server)
    browser.get("/practices", headers={"user-agent": "one", "sec-ch-ua": "one"})

    browser.get("/practices", headers={"user-agent": "two", "sec-ch-ua": "two"})

    assert memory_of(server).hits == 1


def test_two_people_never_share_an_answer(server: Server) -> None:
    eva, leo = reader(server), reader(server, "leo")
    eva.get("/me")

    page = leo.get("/me")

    assert memory_of(server).hits == 0
    assert "Leo" in page.text


def test_strangers_share_what_is_public(serve: Callable[..., Server]) -> None:
    server = serve(anonymous=True)
    server.client(from_="10.0.0.1").get("/practices")

    server.client(from_="10.0.0.2").get("/practices")

    assert memory_of(server).hits == 1


def test_what_is_packed_is_not_given_to_whoever_cannot_unpack_it(server: Server) -> None:
    browser = reader(server)
    packed = browser.get("/practices", headers={"accept-encoding": "br, gzip"})

    plain = browser.get("/practices", headers={"accept-encoding": "identity"})

    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert packed.content == plain.content


# What is not kept.


def test_an_answer_that_reads_the_time_is_not_kept(serve: Callable[..., Server]) -> None:
    server = serve(tell=True, anonymous=True)
    stranger = server.client()

    for _ in range(2):
        assert stranger.get("/tell").status_code == 200

    assert (memory_of(server).hits, memory_of(server).unkept["the time was read"]) == (0, 2)


def test_what_is_left_in_the_bucket_is_told_anew(server: Server) -> None:
    program = known(server, a_program(server))

    told = [program.ask(BUDGET).json()["data"]["rateLimit"]["remaining"] for _ in range(2)]

    assert told[1] < told[0]
    assert memory_of(server).unkept["it rests on budget"] == 2


def test_every_look_is_written_down(server: Server) -> None:
    server.database.write(lambda session: a_customer(session, name="Rosa", email="rosa@example.org"))
    program = known(server, a_program(server))

    answer = program.ask(PERSONAL, {"id": customer_id(program)}).json()
    assert "errors" not in answer, answer

    assert memory_of(server).unkept["each look is written down"] == 1, (memory_of(server).unkept, answer)


def test_an_answer_with_errors_is_not_kept(server: Server) -> None:
    browser = reader(server)

    ids = [browser.ask("{ nothing }").headers["x-request-id"] for _ in range(2)]

    assert (memory_of(server).hits, len(set(ids))) == (0, 2)


# What a hit owes.


def test_a_hit_is_paid_for_and_says_so(server: Server) -> None:
    program = known(server, a_program(server))
    program.ask(LIST)

    left = [int(program.ask(LIST).headers["x-ratelimit-remaining"]) for _ in range(2)]

    assert memory_of(server).hits == 2
    assert left[1] < left[0]


def test_whoever_has_nothing_left_waits_though_the_answer_is_remembered(serve: Callable[..., Server]) -> None:
    server = serve(cost_token=400, refill=1)
    program = known(server, a_program(server))

    statuses = [program.ask(LIST).status_code for _ in range(4)]

    assert memory_of(server).hits >= 1
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_a_search_that_is_remembered_is_heard_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    eva, heard = reader(server), []
    a_guide(server)
    caught_up(server, eva)
    eva.get("/search?q=refunds")
    hear = Listening.hear

    def counted(listening: Listening, *said: Any, **how: Any) -> None:
        heard.append((said[1][0].query, how["is_watched"]))
        hear(listening, *said, **how)

    with monkeypatch.context() as listens:
        listens.setattr(Listening, "hear", counted)
        eva.get("/search?q=refunds")

    assert (memory_of(server).hits, heard) == (1, [("refunds", True)])


# Tags.


def test_whoever_has_a_page_already_is_told_so(server: Server) -> None:
    browser = reader(server)
    tag = browser.get("/practices").headers["etag"]

    again = browser.get("/practices", headers={"if-none-match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "content-length" not in again.headers
    assert again.headers["cache-control"] == "private, no-cache"


def test_a_page_that_came_to_the_same_has_the_same_tag(server: Server) -> None:
    browser = reader(server)
    tag = browser.get("/help").headers["etag"]
    a_guide(server)

    again = browser.get("/help", headers={"if-none-match": tag})

    assert (again.status_code, memory_of(server).hits) == (304, 0)


def test_a_page_that_is_another_has_another_tag(server: Server) -> None:
    browser = reader(server)
    tag = browser.get("/practices").headers["etag"]
    server.database.write(lambda session: an_entry(session, OPERATOR, title="Call back the same day"))

    again = browser.get("/practices", headers={"if-none-match": tag})

    assert (again.status_code, again.headers["etag"] != tag) == (200, True)


def test_a_query_by_get_has_a_tag_and_one_by_post_has_none(server: Server) -> None:
    browser = reader(server)
    by_get = browser.get("/graphql", params={"query": LIST})

    again = browser.get("/graphql", params={"query": LIST}, headers={"if-none-match": by_get.headers["etag"]})

    assert (by_get.headers["cache-control"], again.status_code) == ("private, no-cache", 304)
    assert "etag" not in browser.ask(LIST).headers


def test_the_head_of_a_page_is_that_of_the_page(server: Server) -> None:
    browser = reader(server)
    page = browser.get("/practices")

    heads = [browser.portal.call(browser.http.head, "/practices") for _ in range(2)]

    assert [head.headers["etag"] for head in heads] == [page.headers["etag"]] * 2
    assert heads[1].headers["content-length"] == page.headers["content-length"]
