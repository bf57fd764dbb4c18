"""Takes in one entry: read from its fields, compared with what is there, written only where it differs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from knowledge.detail import Detail
from knowledge.entries.kinds import DETAILS
from knowledge.entries.writing import Changes
from knowledge.errors import Problem
from knowledge.practices import PARTS
from knowledge.transfer.fields import Fields
from knowledge.transfer.parts import parts_from_markdown
from knowledge.transfer.sources import Row
from knowledge.words import (
    Audience,
    Contribution,
    GroupKind,
    Horizon,
    InitiativeKind,
    InitiativeStatus,
    InsightKind,
    InsightState,
    Kind,
    Stage,
    Status,
)

RENAMED = {"changes_from": "from", "changes_to": "to"}
"""Columns of a detail whose field in a file is called differently."""


@dataclass(frozen=True)
class Incoming:
    """What a row says of an entry. What it omits is not in `changes`, and None elsewhere."""

    row: Row
    slug: str
    kind: Kind | None
    changes: Changes
    status: Status | None = None
    author: str | None = None
    owner: str | None = None
    verified_by: str | None = None
    groups: Sequence[str] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    published_at: datetime | None = None
    verified_until: datetime | None = None
    submitted_at: datetime | None = None
    scheduled_for: datetime | None = None
    sample: bool = False
    unknown: Sequence[Problem] = field(default=())

    @property
    def emails(self) -> Iterable[str | None]:
        """Whom the row names."""
        return (self.author, self.owner, self.verified_by)


def read(row: Row) -> Incoming:
    """The entry that a row describes; refuses with everything that is wrong with it by itself."""
    fields = Fields(row.values)
    kind = fields.word("kind", Kind)
    changes = cast(Changes, {**written(fields, kind), **_placed(fields)})
    status = fields.word("status", Status)
    if status is Status.SCHEDULED and "scheduled_for" not in fields:
        fields.wrong("scheduled_for", "What is scheduled has a moment.")
    incoming = Incoming(
        row,
        fields.needed("slug", fields.text("slug"), ""),
        kind,
        changes,
        status,
        fields.email("author"),
        fields.email("owner"),
        fields.email("verified_by"),
        fields.texts("audience_groups"),
        created_at=fields.moment("created_at"),
        updated_at=fields.moment("updated_at"),
        published_at=fields.moment("published_at"),
        verified_until=fields.moment("verified_until"),
        submitted_at=fields.moment("submitted_at"),
        scheduled_for=fields.moment("scheduled_for"),
        sample=fields.flag("sample") or False,
        unknown=fields.unknown,
    )
    fields.finish()
    return incoming


def written(fields: Fields, kind: Kind | None) -> dict[str, Any]:
    """What a revision holds, as far as the row says it."""
    texts = ("title", "summary", "body", "language", "source", "licence")
    readers: Mapping[str, Any] = {
        **dict.fromkeys(texts, fields.text),
        "tags": fields.tags,
        "audience": lambda name: fields.word(name, Audience),
    }
    found = {name: reader(name) for name, reader in readers.items() if name in fields}
    _divide(fields, kind, found)
    return found


def _placed(fields: Fields) -> dict[str, Any]:
    """Whom an entry concerns, which lies beside its revisions."""
    readers: Mapping[str, Any] = {
        "functions": lambda name: fields.words(name, GroupKind),
        "stages": lambda name: fields.words(name, Stage),
        "principles": fields.numbers,
    }
    return {name: reader(name) for name, reader in readers.items() if name in fields}


def _divide(fields: Fields, kind: Kind | None, changes: dict[str, Any]) -> None:
    """The part that only the kind has: nested under its key, and for a best practice also as sections of the body."""
    nested = fields.nested(DETAILS[kind].name) if kind is not None and kind in DETAILS else None
    if nested is not None and kind is not None:
        changes["detail"] = _detail(nested, kind)
        nested.note_unknown()
    elif kind is Kind.BEST_PRACTICE and (sections := parts_from_markdown(changes.get("body") or "")).parts:
        changes["body"] = sections.body
        changes["detail"] = {name: sections.parts.get(name, "") for name in PARTS}


def _detail(fields: Fields, kind: Kind) -> Mapping[str, Any]:
    readers: Mapping[Kind, Mapping[str, Any]] = {
        Kind.BEST_PRACTICE: dict.fromkeys(PARTS, fields.text),
        Kind.INSIGHT: {
            "claim": fields.text,
            "kind": lambda name: fields.word(name, InsightKind),
            "state": lambda name: fields.word(name, InsightState),
            "review_by": fields.day,
        },
        Kind.PRINCIPLE: {"number": fields.number},
        Kind.VISION: dict.fromkeys(("statement", "horizon", "what", "why"), fields.text),
        Kind.INITIATIVE: {
            "kind": lambda name: fields.word(name, InitiativeKind),
            "status": lambda name: fields.word(name, InitiativeStatus),
            **dict.fromkeys(("planned_launch", "planned_completion", "launched_on", "completed_on"), fields.day),
            **dict.fromkeys((*RENAMED, "trade_off"), fields.text),
            **dict.fromkeys(("reach", "impact", "cadence_days"), fields.number),
            "effort": fields.decimal,
            "horizon": lambda name: fields.word(name, Horizon),
            "contribution": lambda name: fields.word(name, Contribution),
        },
    }
    found: dict[str, Any] = {}
    for column, reader in readers[kind].items():
        name = RENAMED.get(column, column)
        if name in fields:
            value = reader(name)
            found[column] = DETAILS[kind].fields[column] if value is None else value
    return {**found, **_parts(fields, DETAILS[kind])}


def _parts(fields: Fields, detail: Detail) -> Mapping[str, Any]:
    """What lies in rows of its own, by its name among the values; what is empty is taken away."""
    if detail.parts is None or (within := fields.nested(detail.parts.name)) is None:
        return {}
    found: dict[str, Any] = {}
    for key, value in within.values.items():
        try:
            found[f"{detail.parts.name}.{key}"] = detail.parts.read(value)
        except (ValueError, TypeError):
            within.wrong(str(key), "This is a text, or has text, degree, links, not_yet and customers_view.")
    return found


def rests_on_evidence(kind: Kind | None, changes: Mapping[str, Any]) -> bool:
    """Whether it can only be published once its evidence is there: an insight [N1], and a vision that says how customers see it [V2]."""
    answers = (value for name, value in changes.get("detail", {}).items() if "." in name and value is not None)
    return kind is Kind.INSIGHT or (kind is Kind.VISION and any(answer.customers_view for answer in answers))
