"""What is missing at a link of the chain from the vision to its evidence, in words that say it and blame nobody."""

from dataclasses import dataclass

from knowledge.words import MissingLink


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing at one place."""

    what: MissingLink
    words: str
