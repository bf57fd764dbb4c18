"""What an operation carries with it: one session, one viewer, one index."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import strawberry

from knowledge.contacts import Contact
from knowledge.database import Session
from knowledge.feedback.spam import Throttle
from knowledge.listening.searches import Heard
from knowledge.people import Viewer
from knowledge.privacy.looks import Looked
from knowledge.search.index import Index
from schema.limits import Limits


@dataclass(frozen=True, slots=True)
class Budget:
    """What the viewer's bucket held before this operation."""

    cost: int = 0
    limit: int = 0
    remaining: int = 0
    reset_at: datetime | None = None


@dataclass(slots=True)
class Counts:
    """How many operations were run in which way since the process began."""

    planned: int = 0
    replayed: int = 0  # by the stock executor, after their plan gave up
    stock: int = 0


@dataclass(slots=True)
class Context:
    """Handed to every resolver of one operation, and to nothing after it."""

    session: Session
    viewer: Viewer
    index: Index
    request_id: str = ""
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    secret: bytes = b""  # what forms are signed with
    caller: str = ""  # from where it comes, as nobody can read back; counted in memory and never kept
    throttle: Throttle | None = None
    answers: Throttle | None = None  # the same for answers to surveys, of which there are more
    contact: Contact = field(default_factory=Contact)  # how customers may be reached here
    plans: bool = True  # whether queries may run by their plans
    counts: Counts = field(default_factory=Counts)
    heard: list[Heard] = field(default_factory=list)  # what was searched for, to be counted when all is done
    looked: dict[Looked, None] = field(
        default_factory=dict
    )  # looks that are written down before the answer leaves [G5]


Info: TypeAlias = strawberry.Info[Context, None]
