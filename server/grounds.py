"""What an answer rests on: told from inside while it is made, so that it is remembered for as long as it holds, and no longer."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request

from knowledge.clock import Watch
from knowledge.listening.searches import Heard
from knowledge.people import Viewer

NOBODY = "nobody vouched for it"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is heard again whenever the answer is given again."""

    viewer: Viewer
    heard: Sequence[Heard]
    is_watched: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What is paid whenever the answer is given again; without a purse it is paid from the bucket of the caller's address."""

    purse: str | None
    cost: int
    limit: int


@dataclass(slots=True)
class Grounds:
    """Of one request, whose answer is computed at `version` of the rows or at a later one.

    Each operation begins with `ask` and ends with `answer`; one that ends otherwise leaves a `trouble`, and the answer is not kept.
    """

    version: Hashable
    standing: str = ""
    watch: Watch = field(default_factory=Watch)
    prices: list[Price] = field(default_factory=list)
    hearings: list[Hearing] = field(default_factory=list)
    trouble: str = ""
    asked: int = 0
    answered: int = 0

    def refuse(self, trouble: str) -> None:
        """The answer is not kept; the first reason is the one that is counted."""
        self.trouble = self.trouble or trouble

    def stand(self, standing: str) -> None:
        """It rests on the index as it stands."""
        if not standing or self.standing not in ("", standing):
            self.refuse("the index moved")
        self.standing = standing


def of(request: Request) -> Grounds:
    """The grounds of a request's answer; where nobody wants to know them, some that nobody reads."""
    found = request.scope.get("state", {}).get("grounds")
    return found if isinstance(found, Grounds) else Grounds(None, trouble="nobody asked")
