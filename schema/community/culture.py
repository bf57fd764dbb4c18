"""How a company treats its own people, in figures that tell of no one: thanks by group and value, and who takes part."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge.community import culture
from knowledge.people import Act
from schema.atomic import query
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.people import FunctionalGroup
from schema.words import CultureValue


@strawberry.type(description="How often a group and its people were thanked within 90 days.")
class GroupThanks:
    """Thanks of one group."""

    group: FunctionalGroup = shown("The group.")
    thanks: Estimate = shown(
        "How often; suppressed unless five people at least gave thanks.", lambda row, _: estimated(row.thanks)
    )


@strawberry.type(description="How often people were thanked by one of the values within 90 days.")
class ValueThanks:
    """Thanks by one value."""

    value: CultureValue = shown("The value.")
    thanks: Estimate = shown(
        "How often; suppressed unless five people at least gave thanks.", lambda row, _: estimated(row.thanks)
    )


@strawberry.type(
    description="Which share of a group's people took part lately; groups of fewer than five are not among them."
)
class Participation:
    """Who takes part, of one group or of all."""

    group: FunctionalGroup | None = shown("The group; null for all who work here.")
    took_part: Estimate = shown("Those who did any of it.", lambda row, _: estimated(row.took_part))
    wrote: Estimate = shown("Those who wrote an entry, or changed one.", lambda row, _: estimated(row.wrote))
    recorded: Estimate = shown("Those who wrote down what a customer said.", lambda row, _: estimated(row.recorded))
    answered: Estimate = shown("Those who answered customers.", lambda row, _: estimated(row.answered))
    met: Estimate = shown("Those who logged a meeting with a customer.", lambda row, _: estimated(row.met))


@strawberry.type(description="The viewer's own last direct contact with a customer.")
class DirectContact:
    """When somebody last met a customer in person."""

    at: datetime = shown("When.")
    days: int = shown("How many whole days ago.")


Span = Annotated[int, strawberry.argument(description="Over how many days: 30 or 90.")]


@query("How often each group was thanked, by name of the group.", list[GroupThanks], needs=Act.PEOPLE_READ)
def thanks_by_group(info: Info) -> Any:
    return culture.thanks_by_group(info.context.session, info.context.viewer)


@query("How often people were thanked by each of the three values.", list[ValueThanks], needs=Act.PEOPLE_READ)
def thanks_by_value(info: Info) -> Any:
    return culture.thanks_by_value(info.context.session, info.context.viewer)


@query(
    "Who takes part: first of all who work here, then of each group of five or more.",
    list[Participation],
    needs=Act.PEOPLE_READ,
)
def participation(info: Info, days: Span = 90) -> Any:
    return culture.participation(info.context.session, info.context.viewer, days=days)


QUERIES = [thanks_by_group, thanks_by_value, participation]
