"""What a revision says, field by field, as differences and merges compare it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.database import table_of
from knowledge.detail import Detail
from knowledge.words import FieldShape

_LABELS = {
    "title": "Title",
    "body": "Text",
    "tags": "Tags",
    "summary": "In one line",
    "source": "Source",
    "licence": "Licence",
    "audience": "Who may read it",
    "audience_groups": "Which groups",
    "language": "Language",
}
_SHAPES = {
    "body": FieldShape.TEXT,
    "tags": FieldShape.LIST,
    "audience_groups": FieldShape.LIST,
    "audience": FieldShape.CHOICE,
    "language": FieldShape.CHOICE,
}


@dataclass(frozen=True, slots=True)
class FieldName:
    """One field: its path in the inputs, what people call it, and how it is written."""

    path: str
    label: str
    shape: FieldShape


Said = Mapping[FieldName, Any]
"""What a revision says in every field; a list holds the names of what it lists."""


def said(written: Mapping[str, Any], detail: Detail | None) -> Said:
    """The fields of what `writing` calls a whole, in the order in which a page shows them: first what the kind has."""
    values = {path: written[path] for path in _LABELS}
    fields = {_named(path): value for path, value in values.items() if path == "title"}
    if detail is not None:
        within = {**detail.fields, **written["detail"]}
        fields |= {_of_detail(detail, name): within[name] for name in detail.fields}
        fields |= dict(_of_parts(detail, written["detail"]))
    return fields | {_named(path): value for path, value in values.items()}


def called(path: str, detail: Detail | None) -> FieldName:
    """One field by its path in the inputs; `detail` is what the entry's kind has."""
    within = path.partition(".")[2]
    if "." in within:
        name = within.partition(".")[2].replace("-", " ").capitalize()
        return FieldName(path, name, FieldShape.TEXT)
    return _of_detail(detail, within) if detail is not None and within else _named(path)


def _of_parts(detail: Detail, values: Mapping[str, Any]) -> Iterator[tuple[FieldName, Any]]:
    """What lies in rows of its own, each thing that it says as a field."""
    for name, value in detail.parts_of(values).items():
        assert detail.parts is not None
        for facet, said in detail.parts.told(name, value):
            yield FieldName(f"{detail.name}.{facet.path}", facet.label, facet.shape), said


def _named(path: str) -> FieldName:
    return FieldName(path, _LABELS[path], _SHAPES.get(path, FieldShape.LINE))


def _of_detail(detail: Detail, name: str) -> FieldName:
    shape = FieldShape.LINE if table_of(detail.table).c[name].type.python_type is str else FieldShape.CHOICE
    shape = FieldShape.TEXT if name in detail.markdown else shape
    return FieldName(f"{detail.name}.{name}", name.replace("_", " ").capitalize(), shape)


def written(shape: FieldShape, value: Any) -> str:
    """A value as one text: nothing is empty, the items of a LIST stand on lines of their own, sorted and each once."""
    if shape is FieldShape.LIST:
        return "\n".join(sorted({str(item) for item in value or ()}))
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
