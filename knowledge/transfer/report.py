"""What came of an import: how many rows, and what was wrong with which."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

LISTED = 10_000
"""How many problems and warnings are kept in words; the rest is counted, so that memory stays flat."""


Event: TypeAlias = Mapping[str, Any]
"""One line of a report by rows: its `outcome`, and where in what file."""


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

    @property
    def parts(self) -> Event:
        """The finding as a line of a report has it."""
        return {"file": self.file, "line": self.line, "field": self.field, "message": self.message}

    def __str__(self) -> str:
        words = f"{self.file}:{self.line}: " + (f"{self.field}: " if self.field else "") + self.message
        return "".join(
            letter if letter.isprintable() else " " for letter in words
        )  # a terminal obeys some of the others


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by what came of them. `refused` counts rows with one or more problems, one that was
    created and could not be published too; `warnings` refuse nothing.

    `read_as` counts files by the tool they were read as from, `links` those that were `rewritten` and among them the
    `ambiguous`, and those whose target is `missing`; `attachments` the files that pages refer to, `found` and `kept`.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    read_as: Mapping[str, int] = field(default_factory=Counter)
    links: Mapping[str, int] = field(default_factory=Counter)
    attachments: Mapping[str, int] = field(default_factory=Counter)

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
            Counter(self.read_as) + Counter(other.read_as),
            Counter(self.links) + Counter(other.links),
            Counter(self.attachments) + Counter(other.attachments),
        )


@dataclass
class Tally:
    """A report in the making."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    refused: int = 0
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)  # slugs of what reaches its state after everything else
    read_as: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    attachments: Counter[str] = field(default_factory=Counter)
    events: list[Event] | None = None  # what to tell row by row; nothing where nobody listens

    @property
    def rows(self) -> int:
        """How many rows have been dealt with."""
        return sum(self.counts.values()) + self.refused

    def count(self, outcome: Outcome, place: Mapping[str, Any]) -> None:
        """Count a row that was kept or need not be; `place` says which it is."""
        self.counts[outcome] += 1
        if self.events is not None:
            self.events.append({"outcome": outcome, **place})

    def refuse(self, findings: list[Finding]) -> None:
        """Count a row as refused, for these reasons."""
        self.refused += 1
        if self.events is not None:
            self.events += [{"outcome": "refused", **each.parts} for each in findings]
        self.problems += findings[: LISTED - len(self.problems)]

    def warn(self, finding: Finding) -> None:
        """Note something that refuses nothing."""
        if self.events is not None:
            self.events.append({"outcome": "warning", **finding.parts})
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
        self.attachments.update(other.attachments)
        if self.events is not None:
            self.events += other.events or ()

    def report(self, *, kept: bool = True) -> Report:
        """The finished report; what was rolled back is not reported as done."""
        created, updated, unchanged = (self.counts[outcome] if kept else 0 for outcome in Outcome)
        return Report(
            created,
            updated,
            unchanged,
            self.refused,
            tuple(self.problems),
            tuple(self.warnings),
            self.read_as,
            self.links,
            self.attachments,
        )
