"""The expected ways to say no, each carrying everything that is wrong at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, auto


class Code(StrEnum):
    """Why something was refused; the same words reach the GraphQL payload."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name

    INVALID = auto()
    NOT_FOUND = auto()
    NOT_ALLOWED = auto()
    CONFLICT = auto()
    TOO_LARGE = auto()
    RATE_LIMITED = auto()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `field` is a dotted path in the input's names, empty for the whole."""

    field: str
    message: str
    code: Code = Code.INVALID


class Refusal(Exception):
    """An expected no. Whatever the operation wrote so far is rolled back by whoever opened the savepoint."""

    code = Code.INVALID

    def __init__(self, message: str = "", field: str = "", *, problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems or (Problem(field, message, self.code),)
        super().__init__(
            "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in self.problems)
        )


class Invalid(Refusal):
    """The input breaks a rule that its sender can mend."""


class NotFound(Refusal):
    """There is no such thing, or the viewer may not know of it; both look the same."""

    code = Code.NOT_FOUND


class NotAllowed(Refusal):
    """The viewer sees the thing and may not do this to it."""

    code = Code.NOT_ALLOWED


class Conflict(Refusal):
    """Someone else was faster; `current` is the newer row."""

    code = Code.CONFLICT

    def __init__(self, message: str, field: str = "", *, current: object = None) -> None:
        super().__init__(message, field)
        self.current = current


class TooLarge(Refusal):
    """The input is over a bound that protects everyone."""

    code = Code.TOO_LARGE


class RateLimited(Refusal):
    """Too many tries; `seconds` is when the next may succeed."""

    code = Code.RATE_LIMITED

    def __init__(self, message: str, field: str = "", *, seconds: int = 1) -> None:
        super().__init__(message, field)
        self.seconds = seconds


def refuse(problems: Iterable[Problem]) -> None:
    """Raise one `Refusal` with all the problems, if there are any."""
    if found := tuple(problems):
        raise Invalid(problems=found)
