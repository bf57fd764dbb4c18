"""What an operation carries with it: one session, one viewer, one index."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

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


_INDEX = Context.__dict__["index"]


def _noticed(name: str) -> Any:
    slot = Context.__dict__[name]

    def taken(context: "Noticing") -> Any:
        context.taken.add(name)
        return slot.__get__(context)

    return property(taken, slot.__set__)


class Noticing(Context):
    """The same, which notices what is `taken` from it beside rows and viewer, and how the index stood before it was asked first.

    The secret, the bounds and the ways to reach customers stay as they are for as long as the process lives.
    """

    __slots__ = ("standing", "taken")

    def __init__(self, *given: Any) -> None:
        self.taken: set[str] = set()
        self.standing = ""
        super().__init__(*given)

    request_id = _noticed("request_id")
    budget = _noticed("budget")
    caller = _noticed("caller")
    throttle = _noticed("throttle")
    answers = _noticed("answers")

    @property
    def index(self) -> Index:
        """As `Context.index`."""
        found: Index = _INDEX.__get__(self)
        if "index" not in self.taken:
            self.taken.add("index")
            found.refresh()  # it is asked in a moment anyway, and what stands before that can be told
            self.standing = found.standing()
        return found

    @index.setter
    def index(self, index: Index) -> None:
        _INDEX.__set__(self, index)


Info: TypeAlias = strawberry.Info[Context, None]
