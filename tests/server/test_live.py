from collections.abc import Callable
from typing import Any

import pytest

from knowledge import changes
from knowledge.database import Session
from knowledge.people import OPERATOR, Act, Viewer, persons, tokens
from knowledge.words import Role
from tests import factories
from tests.server.clients import Client, Server
from tests.server.hearing import Ended, Events, Socket, hearing

ENTRIES = "subscription($after: String) { entryChanged(after: $after) { cursor id deleted entry { title } } }"
RECEIVED = "subscription { feedbackReceived { cursor feedback { verbatim } } }"
PROGRESS = "subscription { initiativeProgressed { cursor progress { summary initiative { title } } } }"
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
        socket.subscribe(ENTRIES)
        socket.settled()
        began = program.ask("{ cursor }").json()["data"]["cursor"]
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
