"""What was answered is answered again from memory as long as it is what would be computed."""

from knowledge.people import OPERATOR
from knowledge.words import Kind
from server.memory import Memory
from tests.factories import an_entry
from tests.server.clients import Client, Server

LIST = "{ entries(first: 50) { nodes { slug title author { name } tags { name } } } }"


def memory_of(server: Server) -> Memory:
    memory = server.app.state.memory
    assert isinstance(memory, Memory)
    return memory


def reader(server: Server, name: str = "eva") -> Client:
    """Somebody whose visit was noted, so that nothing about it waits to be written."""
    browser = server.client()
    assert browser.sign_in(f"{name}@example.org").status_code == 303
    return browser


def test_a_query_is_answered_again_from_memory(server: Server) -> None:
    browser = reader(server)
    first = browser.ask(LIST)

    again = browser.ask(LIST)

    assert memory_of(server).hits == 1
    assert again.content == first.content


def test_what_was_written_is_in_the_next_answer(server: Server) -> None:
    browser = reader(server)
    browser.ask(LIST)
    server.database.write(lambda session: an_entry(session, OPERATOR, kind=Kind.GUIDE, title="Refunds"))

    again = browser.ask(LIST)

    assert memory_of(server).hits == 0
    assert [node["title"] for node in again.json()["data"]["entries"]["nodes"]] == ["Refunds"]
