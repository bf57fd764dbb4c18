from typing import Any

from knowledge import changes
from knowledge.database import Session
from knowledge.entries import writing
from knowledge.initiatives import progress
from knowledge.people import Act, Viewer, tokens
from knowledge.people.permissions import ACTS
from knowledge.words import Audience, Health, Kind, Role
from tests import factories
from tests.server.clients import Client, Server
from tests.server.hearing import Events, Socket, hearing

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
