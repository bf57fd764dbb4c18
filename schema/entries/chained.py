"""The chain at an entry: where it is evidence itself, which answers name it, and how many customers those reached."""

from typing import Any

from knowledge import estimates, evidence, standing
from knowledge.database import NOTHING, Page
from knowledge.loop import tracing
from schema.context import Info
from schema.estimates import Estimate, estimated


def citing(row: Any, info: Info, page: Page) -> Any:
    """The evidence elsewhere that it is, for colleagues."""
    viewer = info.context.viewer
    is_there = viewer.is_inside and standing.may_have(row, viewer, "citing")
    return evidence.citing(row, viewer, page) if is_there else NOTHING


def answers(row: Any, info: Info, page: Page) -> Any:
    """The answers that name it."""
    viewer = info.context.viewer
    return tracing.of_entry(row, viewer, page) if standing.may_have(row, viewer, "responses") else NOTHING


def told(row: Any, info: Info) -> Estimate:
    """How many customers those reached."""
    viewer = info.context.viewer
    has = standing.may_have(row, viewer, "responses")
    return estimated(tracing.reached(row, viewer) if has else estimates.count(0))
