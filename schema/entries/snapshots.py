"""Named snapshots of a vision."""

from datetime import datetime

import strawberry

from knowledge import people
from knowledge.database import neighbours
from schema.fields import shown
from schema.nodes import Node
from schema.people import Person


@strawberry.type(description="A revision of a vision under a name.")
class Snapshot(Node):
    """A snapshot."""

    name: str = shown("Its name, unlike that of any other snapshot of the vision.")
    note: str = shown("What is worth knowing of it; may be empty.")
    number: int = shown("The number of the revision.")
    version: int | None = shown(
        "Which published version that is; null where it was not published.", lambda row, _: row.version or None
    )
    author: Person | None = shown("Who named it.", lambda row, _: neighbours(row, people.loaded, "created_by_id"))
    created_at: datetime = shown("When it was named.")
