"""What is missing at a link of the chain from the vision to its evidence."""

import strawberry

from schema.fields import shown
from schema.words import MissingLink


@strawberry.type(description="What is missing at one place of the chain from the vision to its evidence.")
class Missing:
    """One gap."""

    what: MissingLink = shown("What is missing.")
    words: str = shown("The same in a sentence.")
