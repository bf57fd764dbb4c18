"""Memory is bounded by bytes, and an answer comes in only whole, plain, and at the version it was begun at."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from server.grounds import Grounds
from server.listening import Listening
from server.memory import APART, Memory, Remembered
from server.rates import Rates
from server.remembering import Remembering

KEY = b"key"


def an_answer(size: int = 10) -> Remembered:
    return Remembered([], b"x" * size, b"", Grounds(1))


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    memory = Memory(40 * (APART + 100))
    for number in range(40):
        memory.keep(b"%d" % number, an_answer(100))
    memory.find(b"0")

    memory.keep(b"new", an_answer(100))

    assert [key for key in (b"0", b"1", b"2", b"new") if memory.find(key)] == [b"0", b"2", b"new"]
    assert (memory.filled, memory.let_go) == (40 * (APART + 100), 1)


def test_what_is_too_large_pushes_nothing_out() -> None:
    memory = Memory(16 * (APART + 100))
    memory.keep(KEY, an_answer(100))

    memory.keep(b"large", an_answer(101))

    assert (len(memory), memory.unkept["too large"]) == (1, 1)


def test_the_same_question_takes_its_room_once() -> None:
    memory = Memory(1_000_000)

    for _ in range(3):
        memory.keep(KEY, an_answer(100))

    assert (len(memory), memory.filled) == (1, APART + 100)


def test_another_version_empties_it() -> None:
    memory = Memory(1_000_000, version=1)
    memory.keep(KEY, an_answer())

    memory.move_on(2)

    assert (len(memory), memory.filled) == (0, 0)


@dataclass
class House:
    """Whatever stands behind, which answers `headers` and `pieces` and vouches for them; its rows are at `version`."""

    version: Hashable = 1
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: tuple[bytes, ...] = (b"answer",)
    status: int = 200
    vouches: bool = True
    writes: bool = False
    answered: int = 0

    def newest(self) -> Hashable:
        return self.version

    def close(self) -> None:
        pass

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.answered += 1
        if self.vouches:
            scope["state"]["is_made_of_answers"] = True
        if self.writes:
            self.version = (self.version, "and one more")
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        last = len(self.pieces) - 1
        for at, piece in enumerate(self.pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": at < last})


def ask(house: House, times: int = 2, **scope: Any) -> tuple[Memory, list[Message]]:
    """Ask the same several times; what there is in memory, and what came last."""
    memory, came = Memory(1_000_000), list[Message]()
    listening: Any = Listening
    index: Any = None
    remembering = Remembering(
        house,
        memory=memory,
        versions=house,
        index=index,
        rates=Rates(50),
        listening=listening,
        longest=1_000,
        patience=1,
    )
    asked = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": [],
        **scope,
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        came.append(message)

    async def all_of_them() -> None:
        for _ in range(times):
            came.clear()
            await remembering({**asked, "state": {}}, receive, send)

    asyncio.run(all_of_them())
    return memory, came


def test_a_plain_answer_is_kept() -> None:
    memory, came = ask(house := House())

    assert (memory.hits, house.answered, came[1]["body"]) == (1, 1, b"answer")


@pytest.mark.parametrize(
    ("house", "reason"),
    [
        (House(headers=[(b"set-cookie", b"a=b")]), "it sets a cookie"),
        (House(headers=[(b"cache-control", b"no-store")]), "nobody is to keep it"),
        (House(status=404), "another status"),
        (House(vouches=False), "nobody vouched for it"),
    ],
)
def test_an_answer_that_is_not_plain_is_not_kept(house: House, reason: str) -> None:
    memory, _ = ask(house)

    assert (memory.hits, house.answered, memory.unkept) == (0, 2, {reason: 2})


def test_what_comes_in_pieces_passes_as_it_comes() -> None:
    memory, came = ask(house := House(pieces=(b"one", b"two")))

    assert (memory.hits, house.answered) == (0, 2)
    assert [message.get("body") for message in came] == [None, b"one", b"two"]


def test_an_answer_counts_for_the_version_at_which_it_was_begun() -> None:
    memory, _ = ask(house := House(writes=True))

    assert (memory.hits, house.answered) == (0, 2)


def test_while_the_version_is_unknown_nothing_is_kept() -> None:
    memory, _ = ask(house := House(version=None))

    assert (memory.hits, house.answered, memory.unkept) == (0, 2, {"the version is unknown": 2})
