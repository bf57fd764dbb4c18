"""One batch of rows in one transaction, each row in a savepoint of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from knowledge.errors import Refusal
from knowledge.people import Viewer
from knowledge.transfer.report import Finding, Outcome, Tally
from knowledge.transfer.sources import Row


@dataclass
class Batch:
    """What the rows of one transaction share: whom they are written for, what they refer to, and what came of them."""

    session: Session
    viewer: Viewer
    known: Any
    prepared: Mapping[str, Any]
    new: list[Any] = field(default_factory=list)  # what is written at the end of the batch, in a few statements
    tally: Tally = field(default_factory=Tally)
    attached: list[Any] = field(default_factory=list)

    def warn(self, row: Row, name: str, message: str) -> None:
        """Note something about a row that is kept."""
        self.tally.warn(row.finding(name, message))


@dataclass(frozen=True)
class Handler:
    """How rows of one type are imported.

    `read` makes values of a row without the database, and raises `Refusal`. `prepare` does what takes long before the transaction
    begins. `known` finds what a batch of rows refers to, `keep` writes one and raises `Refusal`, `finish` ends the batch. `wants`
    chooses rows; a pass that looks at rows again does not count them again. Two rows that say the same to `alike` are of one thing:
    the second waits for the next batch, which knows the first.
    """

    type: str
    read: Callable[[Row], Any]
    known: Callable[[Session, Sequence[Any]], Any]
    keep: Callable[[Batch, Any], Outcome | None]
    wants: Callable[[Row], bool] | None = None
    counts: bool = True
    prepare: Callable[[Session, Sequence[Any]], Mapping[str, Any]] | None = None
    finish: Callable[[Batch], None] | None = None
    alike: Callable[[Any], object] | None = None


RENAMED = {"initiative.changes_from": "initiative.from", "initiative.changes_to": "initiative.to"}
"""What is called differently in a file."""


def findings(row: Row, refusal: Refusal) -> list[Finding]:
    """A refusal's problems, which have the API's names, as findings about a row, which has the file's."""
    return [row.finding(_name(problem.field), problem.message) for problem in refusal.problems]


def _name(field: str) -> str:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field)
    return RENAMED.get(snake, snake)


def keep_one(batch: Batch, handler: Handler, row: Row, incoming: Any) -> None:
    """Keep one row, or leave nothing of it and note why."""
    warnings = len(batch.tally.warnings)
    try:
        with batch.session.begin_nested():
            outcome = handler.keep(batch, incoming)
    except Refusal as refusal:
        del batch.tally.warnings[warnings:]
        batch.tally.refuse(findings(row, refusal))
    else:
        if outcome is not None:
            batch.tally.count(outcome, {"type": row.type, "name": _called(row), "file": row.file, "line": row.line})


def _called(row: Row) -> str:
    """What a row is known by."""
    values = row.values
    return str(
        next((values[key] for key in ("slug", "external_id", "email", "name", "from", "entry") if values.get(key)), "")
    )
