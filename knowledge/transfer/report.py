"""What came of an import: how many rows, and what was wrong with which."""

from dataclasses import dataclass, field
from enum import StrEnum

LISTED = 10_000
"""How many problems and warnings are kept in words; the rest is counted, so that memory stays flat."""


class Outcome(StrEnum):
    """What an import did with one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one row: its file within what was imported, its line from 1, the field as it is spelt there, and why."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: " + (f"{self.field}: " if self.field else "") + self.message


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by what came of them. `refused` counts rows with one or more problems, one that was
    created and could not be published too; `warnings` refuse nothing."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.created + self.updated + self.unchanged + self.refused

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.problems + other.problems,
            self.warnings + other.warnings,
        )


@dataclass
class Tally:
    """A report in the making."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    refused: int = 0
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)  # slugs of what reaches its state after everything else

    @property
    def rows(self) -> int:
        """How many rows have been dealt with."""
        return sum(self.counts.values()) + self.refused

    def refuse(self, findings: list[Finding]) -> None:
        """Count a row as refused, for these reasons."""
        self.refused += 1
        self.problems += findings[: LISTED - len(self.problems)]

    def warn(self, finding: Finding) -> None:
        """Note something that refuses nothing."""
        if len(self.warnings) < LISTED:
            self.warnings.append(finding)

    def add(self, other: "Tally") -> None:
        """Take over what one transaction did."""
        for outcome, count in other.counts.items():
            self.counts[outcome] += count
        self.refused += other.refused
        self.problems += other.problems[: LISTED - len(self.problems)]
        self.warnings += other.warnings[: LISTED - len(self.warnings)]
        self.waiting |= other.waiting

    def report(self, *, kept: bool = True) -> Report:
        """The finished report; what was rolled back is not reported as done."""
        created, updated, unchanged = (self.counts[outcome] if kept else 0 for outcome in Outcome)
        return Report(created, updated, unchanged, self.refused, tuple(self.problems), tuple(self.warnings))
