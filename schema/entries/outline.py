"""The headings of a text, as a page lists them beside it."""

from typing import Any

import strawberry

from knowledge.markup.rendering import Reading
from schema.fields import shown


@strawberry.type(description="A heading in a text.")
class Heading:
    """One line of an outline."""

    level: int = shown("2 for a main heading, up to 6.")
    anchor: str = shown("The id of the heading in the HTML.")
    text: str = shown("The heading without markup.")


def outlined(row: Any, _: object) -> Any:
    """The headings of what is shown of an entry."""
    reading = Reading()
    reading.feed(row.body_html)
    return reading.outline
