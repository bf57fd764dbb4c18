"""What changed between revisions, and what two changes of the same one come to."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import strawberry

from knowledge.entries import differences, revisions
from knowledge.entries.differences import Part
from knowledge.entries.merging import FieldMerge, Piece
from schema.context import Info
from schema.entries.entry import Revision
from schema.fields import asked, shown
from schema.nodes import id_of
from schema.words import Change, FieldShape


def _path(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


@strawberry.type(description="A piece of text, and what became of it.")
class DifferencePart:
    """A piece."""

    kind: Change = shown("What became of it.")
    text: str = shown("The piece; in a list, one of its items.")
    lines: int | None = shown("How many lines it has, where it is a long unchanged stretch that may be folded away.")


@strawberry.type(description="What changed in one field.")
class FieldDifference:
    """A field that differs."""

    field: str = shown("The path of the input's field, such as practice.do.", lambda row, _: _path(row.field))
    label: str = shown("What people call it.")
    shape: FieldShape = shown("How it is written.")
    parts: list[DifferencePart] = shown(
        "In their order: those that are SAME or REMOVED are the old text, those that are SAME or ADDED the new one."
    )


def _before(parent: strawberry.Parent[Any]):  # type: ignore[no-untyped-def]
    return parent.before


@strawberry.type(description="What changed from one revision to another.")
class Difference:
    """The fields that differ."""

    from_: Revision | None = asked(
        "The earlier one; null where there is none, so that all is new.", _before, name="from"
    )
    to: Revision = shown("The later one.", lambda row, _: row.after)
    fields: list[FieldDifference] = shown("The fields that differ, and no others.")


@strawberry.type(description="Where two people changed the same thing differently.")
class Clash:
    """Three versions of one piece."""

    base: str = shown("What was there.")
    yours: str = shown("What the viewer made of it.")
    theirs: str = shown("What is saved.")


@strawberry.type(description="A piece of a merged text.")
class MergePiece:
    """A piece; together they are the whole."""

    text: str = shown("What it comes to; the viewer's words where both changed it.")
    clash: Clash | None = shown("The versions of it, where both changed it differently.")


@strawberry.type(name="FieldMerge", description="One field that the viewer or somebody else changed.")
class MergedField:
    """A field with the versions that there are of it."""

    name: str = shown("The path of the input's field, such as practice.do.", lambda row, _: _path(row.name))
    label: str = shown("What people call it.")
    shape: FieldShape = shown("How it is written.")
    base: str = shown("What both began from. The items of a LIST stand on lines of their own, groups by id.")
    yours: str = shown("What the viewer sent.")
    theirs: str = shown("What is saved.")
    merged: str = shown("What the two come to, with the viewer's words where they clash.")
    pieces: list[MergePiece] = shown("The same in pieces.")
    clashes: list[Clash] = shown("Where both changed the same thing differently.")
    your_changes: list[DifferencePart] = shown(
        "What the viewer changed.", lambda row, info: _parts(row, row.yours, info)
    )
    their_changes: list[DifferencePart] = shown(
        "What somebody else changed.", lambda row, info: _parts(row, row.theirs, info)
    )


def _parts(field: FieldMerge, value: str, info: Info) -> list[Part]:
    effort = revisions.effort(info.context.session)
    return list(differences.of_values(field.shape, field.base, value, effort))


@strawberry.type(description="What two changes of the same revision come to.")
class Merge:
    """A merge, to be saved over the newer revision once somebody has looked at it."""

    clean: bool = shown("Whether nothing clashes.")
    fields: list[MergedField] = shown(
        "The fields that somebody changed, and no others.", lambda row, _: [_with_ids(field) for field in row.fields]
    )


def _with_ids(field: FieldMerge) -> FieldMerge:
    """The same with groups by their ids."""
    if field.name != "audience_groups":
        return field
    base, yours, theirs, merged = (
        "\n".join(id_of("FunctionalGroup", UUID(uid)) for uid in value.split("\n") if uid)
        for value in (field.base, field.yours, field.theirs, field.merged)
    )
    return replace(field, base=base, yours=yours, theirs=theirs, pieces=(Piece(merged),))
