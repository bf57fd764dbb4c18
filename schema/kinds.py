"""The kinds of entry that have nothing but what all share."""

import strawberry

from schema.entries.entry import Entry


@strawberry.type(description="Something that happened.")
class Story(Entry):
    """A story."""


@strawberry.type(description="Something to try.")
class Idea(Entry):
    """An idea."""


@strawberry.type(description="Something somebody wants to know.")
class Question(Entry):
    """A question."""


@strawberry.type(description="What a product must do, for every group of its users.")
class Requirements(Entry):
    """A requirements note."""


@strawberry.type(description="A mistake worth telling.")
class Lesson(Entry):
    """A lesson."""


@strawberry.type(description="How something is done.")
class Guide(Entry):
    """A guide."""
