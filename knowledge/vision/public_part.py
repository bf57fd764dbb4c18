"""The public part of a vision: an entry of its own, for customers or everybody, in words that are meant for them.

So that whoever sees it sees nothing else: it is found, read, indexed, approved and followed like any other entry.
"""

from sqlmodel import Field

from knowledge.database import Table


class VisionPart(Table, table=True):
    """Which entry is the public part of which vision."""

    __tablename__ = "vision_part"

    part_id: int = Field(foreign_key="entry.id", primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", unique=True)
