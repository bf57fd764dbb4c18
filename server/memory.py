"""Answers that are remembered, as many as a number of bytes holds: who was asked for longest ago goes first."""

from collections import Counter, OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from server.grounds import Grounds

SHARE = 16
"""What is larger than such a part of the room is not kept: it would push out all the others."""
APART = 1_000
"""Bytes that each takes beside its own."""

RawHeaders = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A whole answer as it leaves: its headers but for those that are fresh each time, its bytes, and what it rests on."""

    headers: RawHeaders
    body: bytes
    tag: bytes
    grounds: Grounds
    operation: str = ""

    @property
    def size(self) -> int:
        """Bytes in memory, near enough."""
        return APART + len(self.body) + sum(len(name) + len(value) + 100 for name, value in self.headers)


@dataclass(slots=True)
class Memory:
    """The answers of one version of the rows by the digest of what was asked, and how often that was worth it.

    Only the thread of the event loop comes here.
    """

    room: int
    version: Hashable = None
    filled: int = 0
    hits: int = 0
    misses: int = 0
    kept: int = 0
    let_go: int = 0
    moves: int = 0
    unkept: Counter[str] = field(default_factory=Counter)
    _answers: OrderedDict[bytes, Remembered] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._answers)

    def move_on(self, version: Hashable) -> None:
        """Forget everything of another version than this."""
        if version != self.version:
            self.moves += 1
            self.version = version
            self._answers.clear()
            self.filled = 0

    def find(self, key: bytes) -> Remembered | None:
        """The answer, which is now the last to go."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def keep(self, key: bytes, answer: Remembered) -> None:
        """Keep it, and let go of as many others as it takes the room of."""
        size = answer.size
        if size > self.room // SHARE:
            self.unkept["too large"] += 1
            return
        self.forget(key)
        self._answers[key] = answer
        self.filled += size
        self.kept += 1
        while self.filled > self.room:
            _, oldest = self._answers.popitem(last=False)
            self.filled -= oldest.size
            self.let_go += 1

    def forget(self, key: bytes) -> None:
        """Let go of one."""
        if (gone := self._answers.pop(key, None)) is not None:
            self.filled -= gone.size
