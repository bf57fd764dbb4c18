from collections.abc import Callable
from typing import Any

import pytest

from knowledge import changes, clock, people
from knowledge.database import Session
from knowledge.entries import EntryRow, publishing, writing
from knowledge.initiatives import progress
from knowledge.people import OPERATOR, Act, Viewer, tokens
from knowledge.people.permissions import ACTS
from knowledge.words import Audience, Health, Kind, Role
from schema.nodes import id_of
from server.live.stream import TOGETHER
from tests import factories
from tests.server.clients import PASSWORD, Client, Server
from tests.server.hearing import Ended, Events, Socket, hearing

ENTRIES = "subscription($after: String) { entryChanged(after: $after) { cursor id deleted entry { title } } }"
RECEIVED = "subscription($after: String) { feedbackReceived(after: $after) { cursor feedback { verbatim } } }"
PROGRESS = """subscription($after: String) { initiativeProgressed(after: $after) {
  cursor progress { summary initiative { title } } } }"""
NODES = (
    "subscription($ids: [ID!]!, $after: String) { nodeChanged(ids: $ids, after: $after) { id deleted node { id } } }"
)
WRITE = """mutation($title: String!, $slug: String!) { createEntry(input: {kind: IDEA, title: $title, slug: $slug}) {
  entry { id } errors { message } } }"""


def bearer(server: Server, name: str = "leo", *but: Act) -> str:
    given = [act for act in Act if act is not Act.ADMIN and act not in but]
    return f"Bearer {server.token(f'{name}@example.org', *given)}"


def wrote(program: Client, *titles: str) -> None:
    for title in titles:
        answer = program.ask(WRITE, {"title": title, "slug": title.lower().replace(" ", "-")}).json()
        assert answer["data"]["createEntry"]["errors"] == [], answer


def titles(line: Socket | Events, count: int) -> list[str]:
    return [line.told()["entry"]["title"] for _ in range(count)]


def test_both_ways_hear_of_a_change_when_it_is_committed_and_resume_after_a_cut_without_a_gap_or_a_double(
    server_on_both: Server,
) -> None:
    token = bearer(server_on_both)
    program = server_on_both.client(authorization=token)
    socket = Socket(server_on_both).begin(token=token.partition(" ")[2])
    events = Events(server_on_both, ENTRIES, authorization=token)
    with hearing(socket, events):
        began = program.ask("{ cursor }").json()["data"]["cursor"]
        socket.subscribe(ENTRIES, {"after": began})
        wrote(program, "First", "Second")

        heard = [socket.told(), socket.told()]
        assert [each["entry"]["title"] for each in heard] == titles(events, 2) == ["First", "Second"]
        assert not any(each["deleted"] for each in heard)

        socket.close()
        events.close()
        wrote(program, "Third", "Fourth")
        again = Socket(server_on_both, authorization=token).begin()
        resumed = Events(server_on_both, ENTRIES, authorization=token, last_event_id=events.cursor)
        with hearing(again, resumed):
            again.subscribe(ENTRIES, {"after": heard[-1]["cursor"]})
            wrote(program, "Fifth")

            assert titles(again, 3) == titles(resumed, 3) == ["Third", "Fourth", "Fifth"]

            again.subscribe(ENTRIES, {"after": began}, id="2")
            assert titles(again, 5) == ["First", "Second", "Third", "Fourth", "Fifth"]


def test_everyone_hears_of_what_they_may_read_and_of_nothing_else(server_on_both: Server) -> None:
    worlds: dict[str, Viewer] = {}

    def people_of(session: Session) -> dict[str, str]:
        customer = factories.a_customer(session)
        worlds["ines"] = factories.a_viewer(session)
        worlds["leo"] = factories.a_viewer(session, role=Role.LEADER)
        worlds["rosa"] = factories.a_viewer(session, role=Role.CUSTOMER, customer=customer)
        return {name: tokens.create(session, worlds[name], "a program", _acts(worlds[name]))[0] for name in worlds}

    secrets = server_on_both.database.write(people_of)
    lines = {name: Socket(server_on_both).begin(token=secret) for name, secret in secrets.items()}
    began = {"after": place(server_on_both)}
    with hearing(*lines.values()):
        lines["rosa"].subscribe(RECEIVED, began)
        assert lines["rosa"].take()["payload"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"
        for name, line in lines.items():
            for query in (ENTRIES, PROGRESS, RECEIVED)[: 2 if name == "rosa" else 3]:
                line.subscribe(query, began, id=query)

        def lived(session: Session) -> None:
            ines, leo = worlds["ines"], worlds["leo"]
            factories.a_draft(session, ines, title="A draft of hers", kind=Kind.IDEA)
            within = factories.an_entry(session, leo, title="Within", kind=Kind.INITIATIVE)
            progress.post(session, leo, within, Health.ON_TRACK, "Half is done.")
            factories.some_feedback(session, leo, verbatim="It leaks.")
            writing.update(session, leo, within.uid, within.revision, {"title": "Rewritten and not yet out"})
            factories.an_entry(session, leo, title="For all", kind=Kind.STORY, audience=Audience.CUSTOMERS)

        server_on_both.database.write(lived)
        everyone = {"Within", "Half is done.", "It leaks.", "For all"}
        for name, expected in {"ines": {"A draft of hers", *everyone}, "leo": everyone, "rosa": {"For all"}}.items():
            assert heard_by(lines[name], expected) == expected, name
        for line in lines.values():
            line.subscribe(ENTRIES, {"after": place(server_on_both)}, id="last")
        server_on_both.database.write(lambda session: factories.an_entry(session, worlds["leo"], **LAST))
        for line in lines.values():
            assert [heard(line.take()), heard(line.take())] == ["The last", "The last"]  # by either subscription, once
            assert line.sent.empty()


LAST: dict[str, Any] = {"title": "The last", "kind": Kind.STORY, "audience": Audience.CUSTOMERS}


def place(server: Server) -> str:
    with server.database.reading() as session:
        return changes.head(session).cursor


def heard(message: dict[str, Any]) -> str:
    """What an event is about, in a word."""
    (told,) = message["payload"]["data"].values()
    thing = told.get("entry") or told.get("progress") or told["feedback"]
    return str(thing.get("title") or thing.get("summary") or thing["verbatim"])


def heard_by(line: Socket, expected: set[str]) -> set[str]:
    """All that is heard until all that is expected has been."""
    found = set[str]()
    while not expected <= found:
        found.add(heard(line.take()))
    return found


def _acts(viewer: Viewer) -> set[Act]:
    assert viewer.role is not None
    return {*ACTS[viewer.role]} - {Act.ADMIN}


def test_a_right_that_is_withdrawn_in_between_ends_what_one_hears(server_on_both: Server) -> None:
    database = server_on_both.database
    leo = database.write(lambda session: factories.a_viewer(session, role=Role.LEADER))
    ines = database.write(lambda session: factories.a_viewer(session, role=Role.STEWARD, password=PASSWORD))
    first, second = (
        database.write(lambda s: tokens.create(s, ines, "a program", [Act.ENTRIES_READ])) for _ in range(2)
    )
    entry = database.write(lambda session: factories.an_entry(session, leo, title="Here and gone", kind=Kind.GUIDE))
    ids = [id_of("Entry", entry.uid)]
    one, two = (Socket(server_on_both).begin(token=secret) for secret, _ in (first, second))
    browser = server_on_both.client()
    browser.sign_in(database.write(lambda session: people.by_ids(session, [ines.id])[ines.id].email))
    page = Events(server_on_both, NODES, {"ids": ids}, cookie=f"loyalty={browser.http.cookies['loyalty']}")
    began = {"after": place(server_on_both)}
    with hearing(one, two, page):
        one.subscribe(NODES, {"ids": ids, **began}, id="named")
        one.subscribe(ENTRIES, began, id="all")
        one.subscribe(NODES, {"ids": [*ids, id_of("Entry", clock.uid())]}, id="unseen")
        unseen = one.take()
        two.subscribe(ENTRIES, began)
        assert (unseen["id"], unseen["payload"]["data"]["nodeChanged"]["deleted"]) == ("unseen", True)

        database.write(lambda session: only_for_group(session, leo, entry))
        gone = {"id": ids[0], "deleted": True, "node": None}
        assert page.told() == gone
        assert sorted(told["payload"]["data"]["nodeChanged"]["id"] for told in (one.take(), one.take())) == 2 * ids
        assert one.sent.empty()  # by the third it was never told of anything

        database.write(lambda session: tokens.revoke(session, ines, second[1].uid))
        database.write(lambda session: factories.an_entry(session, leo, title="After that", kind=Kind.IDEA))
        with pytest.raises(Ended) as ended:
            two.take()
        assert ended.value.code == 4401
        assert one.take()["payload"]["data"]["entryChanged"]["entry"]["title"] == "After that"

        browser.post("/logout")
        name, said = page.event()
        assert (name, said["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
        assert page.event() == ("complete", None)


def only_for_group(session: Session, leo: Viewer, entry: EntryRow) -> None:
    """It goes out anew for a group to which hardly anybody belongs."""
    group = factories.a_group(session)
    writing.update(
        session, leo, entry.uid, entry.revision, {"audience": Audience.GROUP, "audience_groups": [group.uid]}
    )
    publishing.publish(session, OPERATOR, entry.uid)


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"])
def test_what_a_slower_commit_adds_is_heard_though_it_was_begun_before(server_on_both: Server) -> None:
    token = bearer(server_on_both)
    database = server_on_both.database
    leo = database.write(lambda session: factories.a_viewer(session, role=Role.LEADER))
    socket = Socket(server_on_both, authorization=token).begin()
    with hearing(socket):
        socket.subscribe(ENTRIES, {"after": place(server_on_both)})
        with Session(database.engine, expire_on_commit=False) as slow:
            factories.an_entry(slow, leo, title="Slow", kind=Kind.IDEA)
            slow.flush()
            database.write(lambda session: factories.an_entry(session, leo, title="Quick", kind=Kind.IDEA))
            slow.commit()

        assert titles(socket, 2) == ["Slow", "Quick"]


def test_a_slow_reader_hears_everything_in_its_time_and_holds_up_nobody(server: Server) -> None:
    token = bearer(server)
    leo = server.database.write(lambda session: factories.a_viewer(session, role=Role.LEADER))
    slow, quick = (Events(server, ENTRIES, authorization=token) for _ in range(2))
    names = [f"Idea {number}" for number in range(2 * TOGETHER + 5)]
    with hearing(slow, quick):
        slow.hold()

        def all_at_once(session: Session) -> None:
            for name in names:
                factories.an_entry(session, leo, title=name, kind=Kind.IDEA)

        server.database.write(all_at_once)
        assert titles(quick, len(names)) == names
        assert slow.sent.qsize() <= 1  # the start, which it has taken in

        slow.flow()
        assert titles(slow, len(names)) == names


def test_a_websocket_keeps_to_its_protocol(serve: Callable[..., Server]) -> None:
    server = serve(init_seconds=0.2, subscriptions=3, listeners_each=2, body_bytes=2_000)
    token = bearer(server)

    def ends(*messages: dict[str, Any], raw: dict[str, Any] | None = None, known: bool = False) -> int:
        socket = Socket(server, authorization=token)
        with hearing(socket):
            if known:
                socket.begin()
            for message in messages:
                socket.put(**message)
            if raw:
                socket.say({"type": "websocket.receive", **raw})
            while True:
                try:
                    socket.take()
                except Ended as ended:
                    return ended.code

    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": ENTRIES}}
    assert ends() == 4408
    assert ends({"type": "ping"}) == 4408
    assert ends(subscribe) == 4401
    assert ends({"type": "connection_init", "payload": {"token": "loyalty_none"}}) == 4403
    assert ends({"type": "connection_init"}, known=True) == 4429
    assert ends(subscribe, subscribe, known=True) == 4409
    assert ends({"type": "start"}, known=True) == 4400
    assert ends({"type": "subscribe", "id": "1", "payload": {}}, known=True) == 4400
    assert ends({"type": "subscribe", "id": 1, "payload": {"query": ENTRIES}}, known=True) == 4400
    assert ends(raw={"text": "{"}) == 4400
    assert ends(raw={"bytes": b"{}"}) == 4400
    assert ends(raw={"text": " " * 2_001}) == 1009

    for refused in (Socket(server, protocols=("graphql-ws",)), Socket(server, protocols=())):
        with pytest.raises(Ended) as ended:
            refused.take()
        assert ended.value.code == 4406
    foreign = Socket(server, origin="https://elsewhere.example")
    assert foreign.next() == {"type": "websocket.close", "code": 1000, "reason": ""}  # before it is accepted: 403


def test_what_cannot_be_subscribed_to_is_said_and_the_connection_goes_on(serve: Callable[..., Server]) -> None:
    server = serve(subscriptions=2, listeners_each=2)
    token = bearer(server)
    program = server.client(authorization=token)
    socket = Socket(server, authorization=token, origin="http://testserver").begin()
    with hearing(socket):

        def refused(query: str, variables: dict[str, Any] | None = None) -> str:
            socket.subscribe(query, variables, id="no")
            message = socket.take()
            assert (message["type"], message["id"]) == ("error", "no"), message
            return str(message["payload"][0]["extensions"]["code"])

        assert refused("{ __typename }") == "BAD_REQUEST"
        assert refused(f"mutation {{ x: {WRITE} }}") == "SYNTAX"
        assert refused("subscription { nothing }") == "VALIDATION"
        assert refused("subscription { entryChanged { id } feedbackReceived { cursor } }") == "VALIDATION"
        assert refused(NODES) == "BAD_INPUT"
        assert refused(NODES, {"ids": []}) == "BAD_INPUT"
        assert refused(NODES, {"ids": ["nonsense"]}) == "BAD_INPUT"
        assert refused(ENTRIES, {"after": "yesterday"}) == "BAD_INPUT"
        assert refused(ENTRIES, {"after": "9.999999"}) == "BAD_INPUT"

        for id in ("1", "2"):
            socket.subscribe(ENTRIES, {"after": place(server)}, id=id)
        assert refused(ENTRIES) == "LIMIT_EXCEEDED"
        socket.put("complete", id="2")
        socket.settled()
        socket.subscribe(ENTRIES, {"after": place(server)}, id="3")
        wrote(program, "Still there")
        assert {socket.take()["id"], socket.take()["id"]} == {"1", "3"}


def test_a_stream_is_refused_as_a_browser_can_see_it(serve: Callable[..., Server]) -> None:
    server = serve(listeners_each=1)
    token = bearer(server)
    narrow = bearer(server, "leo", Act.FEEDBACK_READ)

    def code(query: str, **headers: str) -> tuple[int, str]:
        stream = Events(server, query, None, **headers)
        body = stream.next()["body"].decode()
        return stream.start["status"], body.partition('"code":"')[2].partition('"')[0]

    assert code(ENTRIES) == (401, "UNAUTHENTICATED")
    assert code(ENTRIES, authorization="Bearer loyalty_none") == (401, "UNAUTHENTICATED")
    assert code(RECEIVED, authorization=narrow) == (403, "INSUFFICIENT_SCOPE")
    assert code("{ __typename }", authorization=token) == (200, "BAD_REQUEST")
    assert code(ENTRIES, authorization=token, origin="https://elsewhere.example") == (403, "NOT_ALLOWED")
    elsewhere = {"accept": "text/event-stream", "origin": "https://elsewhere.example", "authorization": token}
    assert server.client().get("/graphql", params={"query": ENTRIES}, headers=elsewhere).status_code == 403
    listening = Events(server, ENTRIES, authorization=token)
    with hearing(listening):
        assert code(ENTRIES, authorization=token) == (429, "LIMIT_EXCEEDED")
    again = Events(server, ENTRIES, authorization=token)
    with hearing(again):
        assert again.start["status"] == 200

    by_post = server.client(authorization=token).ask(ENTRIES).json()
    assert by_post["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_whoever_asks_for_much_is_told_to_wait_as_with_any_question(serve: Callable[..., Server]) -> None:
    server = serve(cost_token=30, refill=1)
    token = bearer(server)
    socket = Socket(server, authorization=token).begin()
    with hearing(socket):
        for id in ("1", "2", "3"):
            socket.subscribe(ENTRIES, {"after": place(server)}, id=id)
        refused = socket.take()
        stream = Events(server, ENTRIES, authorization=token)

        assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"  # which of the three is up to the threads
        assert stream.start["status"] == 429
        assert b"retry-after" in dict(stream.start["headers"])
