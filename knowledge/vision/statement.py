"""What one revision of a vision says: the statement, its horizon, the what and the why."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Field

from knowledge.database import Row, Table
from knowledge.detail import Detail, too_long
from knowledge.errors import Problem
from knowledge.vision import answers


class Vision(Table, table=True):
    """The vision's own words in one revision."""

    __tablename__ = "vision"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    statement: str = ""
    horizon: str | None = None
    what: str = ""
    why: str = ""
    what_html: str = ""
    why_html: str = ""


class VisionRow(Row):
    """The vision's own words as they are read."""

    statement: str
    horizon: str | None
    what: str
    why: str
    what_html: str
    why_html: str


def _faults(values: Mapping[str, Any]) -> Iterable[Problem]:
    yield from too_long(values, "vision", {"statement": 500, "horizon": 100})
    yield from answers.faults(values)


def _gaps(values: Mapping[str, Any]) -> Iterable[Problem]:
    needed = {
        "statement": "Say the vision in a sentence.",
        "what": "Say what will be different; a vision is not published without it.",
        "why": "Say why; a vision is not published without it.",
    }
    for field, message in needed.items():
        if not values[field].strip():
            yield Problem(f"vision.{field}", message)


DETAIL = Detail(
    "vision",
    Vision,
    VisionRow,
    {"statement": "", "horizon": None, "what": "", "why": ""},
    markdown=("what", "why"),
    faults=_faults,
    gaps=_gaps,
    parts=answers.PARTS,
)
