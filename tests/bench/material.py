"""Ten thousand entries that read like ours: their words come from the starter library, as often as it uses them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

LIBRARY = Path(__file__).parents[2] / "knowledge" / "library"
FUNCTIONS = ("marketing", "sales", "service", "support", "engineering", "product", "operations")
STAGES = ("prospect", "first_time", "repeat", "client", "advocate", "inactive")
PARTS = ("problem", "when", "do", "say", "avoid", "measure")
PEOPLE = 40
TAIL = 20_000
ASKED_FOR = 300


class Words:
    """Draws words as often as the library has them, and one in five from a long tail of compounds, as a company's own terms are.

    The same seed draws the same words.
    """

    def __init__(self, seed: int) -> None:
        texts = (path.read_text(encoding="utf-8") for path in sorted(LIBRARY.glob("*/*.md")))
        counts = Counter(word for text in texts for word in re.findall(r"[a-z]{2,}", text.lower()))
        self.chance = Random(seed)
        self.words = sorted(counts)
        self.weights = list(accumulate(counts[word] for word in self.words))
        self.telling = [word for word in self.words if len(word) > 4 and 2 <= counts[word] <= 6]
        compounds = Random(0)
        self.rare = ["".join(compounds.sample(self.telling, 2)) for _ in range(TAIL)]
        self.rarity = list(accumulate(1 / (rank + 20) for rank in range(TAIL)))

    def some(self, count: int) -> list[str]:
        """So many words."""
        drawn = self.chance.choices(self.words, cum_weights=self.weights, k=count)
        return [self.term() if self.chance.random() < 0.2 else word for word in drawn]

    def term(self) -> str:
        """A word of the long tail, as often as it is used."""
        return self.chance.choices(self.rare, cum_weights=self.rarity)[0]

    def wanted(self, count: int) -> list[str]:
        """Words that tell something, as people search for them: every other one is a term."""
        return [self.term() if place % 2 else self.chance.choice(self.telling) for place in range(count)]

    def sentence(self, least: int = 6, most: int = 18) -> str:
        """Words with a capital and a full stop."""
        return " ".join(self.some(self.chance.randint(least, most))).capitalize() + "."

    def paragraph(self) -> str:
        """A few sentences."""
        return " ".join(self.sentence() for _ in range(self.chance.randint(2, 5)))

    def steps(self) -> str:
        """A numbered list."""
        return "\n".join(f"{number}. {self.sentence()}" for number in range(1, self.chance.randint(4, 8)))


def write(path: Path, count: int) -> None:
    """People, then entries of which most are practices, a row each."""
    words = Words(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(PEOPLE):
            person = {"type": "person", "email": address(number), "name": f"Person {number}", "role": "employee"}
            file.write(json.dumps(person) + "\n")
        for number in range(count):
            file.write(json.dumps(_entry(words, number)) + "\n")


def address(number: int) -> str:
    """Whom the entry of this number is by."""
    return f"person{number % PEOPLE}@example.org"


def _entry(words: Words, number: int) -> dict[str, Any]:
    chance = words.chance
    entry: dict[str, Any] = {
        "type": "entry",
        "kind": "best_practice" if number % 10 < 6 else "story",
        "slug": f"entry-{number}",
        "title": " ".join(words.some(chance.randint(3, 8))).capitalize(),
        "summary": words.sentence(6, 14)[:160],
        "tags": chance.sample(words.telling[:200], 4),
        "author": address(number),
        "status": "published",
        "functions": sorted({chance.choice(FUNCTIONS), chance.choice(FUNCTIONS)}),
        "stages": [chance.choice(STAGES)],
        "body": "\n\n".join(words.paragraph() for _ in range(chance.randint(1, 4))),
    }
    if entry["kind"] == "best_practice":
        entry["practice"] = {part: words.steps() if part in ("do", "avoid") else words.paragraph() for part in PARTS}
    return entry


def pairs() -> Iterator[str]:
    """Two words, as people search."""
    words = Words(2)
    for _ in range(ASKED_FOR):
        yield " ".join(words.wanted(2))


def questions() -> Iterator[str]:
    """A question of eight to twelve words, common ones among them."""
    words = Words(3)
    for _ in range(ASKED_FOR):
        telling = words.wanted(4)
        yield f"how do we {telling[0]} the {telling[1]} when a customer is {telling[2]} about {telling[3]}?"
