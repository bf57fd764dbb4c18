"""Ways of saying something: of what stands in braces one is taken, so that one line is many, no two of them alike."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SLOT = re.compile(r"\{([^{}|]+(?:\|[^{}|]+)+)\}")
_TAKEN = re.compile(r"\{(\d)\}")
_END = re.compile(r"(?<=[.!?])\s+")
TRIES = 90


@dataclass(frozen=True, slots=True)
class Wording:
    """What was said, and what was taken from each pair of braces."""

    words: str
    taken: tuple[str, ...]
    opens: bool
    """Whether the words begin with what was taken first, so that it has a capital."""

    def into(self, text: str, language: str) -> str:
        """A text that speaks of the same: {1} is what was taken first."""

        def put(found: re.Match[str]) -> str:
            part = self.taken[int(found[1]) - 1]
            small = found[1] == "1" and self.opens and language != "de" and text[: found.start()].strip()[-1:] != "."
            return part[:1].lower() + part[1:] if small else part

        filled = _TAKEN.sub(put, text).replace(" de el ", " del ").replace(" a el ", " al ")
        return filled[:1].upper() + filled[1:]


@dataclass(frozen=True, slots=True)
class Way:
    """One line: what always stands there, and between it what may."""

    fixed: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(line: str) -> "Way":
        """A way as it is written."""
        parts = _SLOT.split(line)
        return Way(tuple(parts[::2]), tuple(tuple(each.split("|")) for each in parts[1::2]))

    def wordings(self, lot: random.Random) -> Iterator[Wording]:
        """What it may become; those that follow one another have as little in common as there is."""
        shuffled = [lot.sample(each, len(each)) for each in self.choices]
        first = len(shuffled[0]) if shuffled else 1
        for turn in range(TRIES if shuffled else 1):
            taken = tuple(each[(turn + turn // first * place) % len(each)] for place, each in enumerate(shuffled))
            between = (*taken, "")
            words = "".join(part for pair in zip(self.fixed, between, strict=True) for part in pair)
            yield Wording(words, taken, not self.fixed[0])


def sentences(words: str) -> list[str]:
    """The sentences of a text, as one compares them."""
    return [each.strip().lower() for each in _END.split(words) if each.strip()]


def fresh(ways: Iterator[Wording], said: set[str]) -> Wording | None:
    """The next wording none of whose sentences was said before; what it says is added."""
    for each in ways:
        parts = sentences(each.words)
        if not said.intersection(parts):
            said.update(parts)
            return each
    return None
