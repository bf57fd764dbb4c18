"""The ladder as a whole: how many stand where, who moved in a period, and what share of them went on."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from knowledge import estimates
from knowledge.ladder.moving import REVIEW
from knowledge.ladder.watching import Ladder as Watched
from knowledge.ladder.watching import Period
from knowledge.people import Act
from knowledge.words import Basis
from schema.atomic import query
from schema.context import Info
from schema.customers import CustomerFilter, filtered
from schema.estimates import Estimate, estimated
from schema.fields import shown
from schema.words import Stage


def _counted(number: int) -> Estimate:
    return estimated(estimates.count(number, basis=Basis.CENSUS))


@strawberry.type(description="How many customers stand on a stage.")
class LadderStage:
    """A column of the ladder."""

    stage: Stage = shown("The stage.", lambda row, _: row[0])
    customers: Estimate = shown("How many stand there now.", lambda row, _: _counted(row[1]))


@strawberry.type(description="How many customers came from one stage to another in the period.")
class LadderMovement:
    """A flow between two stages; a jump over stages is one."""

    from_stage: Stage | None = shown("From where; null for those who are new.", lambda row, _: row.came_from)
    to_stage: Stage = shown("To where.", lambda row, _: row.to)
    climbs: bool | None = shown("Whether it leads upwards; null for those who are new.")
    customers: Estimate = shown("How many.", lambda row, _: _counted(row.customers))


@strawberry.type(
    description="What became in the period of those who stood on a rung in it. With fewer than five, nothing is said."
)
class LadderConversion:
    """A rung's shares."""

    stage: Stage = shown("The rung.")
    onwards: Estimate = shown("The share that reached a higher rung.", lambda row, _: estimated(row.onwards))
    lapsed: Estimate = shown("The share that became inactive.", lambda row, _: estimated(row.lapsed))


@strawberry.type(description="The loyalty ladder of the customers that were asked for.")
class Ladder:
    """Counts, movement and conversions."""

    since: datetime = shown("Where the period begins.", lambda row, _: row.period.since)
    until: datetime = shown("Where it ends.", lambda row, _: row.period.until)
    usual_review: date = shown(
        "When a move made now is usually looked at again.", lambda row, _: row.period.until.date() + REVIEW
    )
    stages: list[LadderStage] = shown(
        "How many stand on each stage now, the rungs from the lowest to the highest, then those beside the ladder.",
        lambda row, _: list(row.counts().items()),
    )
    review_due: Estimate = shown(
        "How many were put where they stand by hand, and are to be looked at again.", lambda row, _: _counted(row.due())
    )
    movements: list[LadderMovement] = shown(
        "Who came from where to where in the period.", lambda row, _: row.movements()
    )
    conversions: list[LadderConversion] = shown(
        "What share went on from each rung in the period.", lambda row, _: row.conversions()
    )


Filter = Annotated[CustomerFilter | None, strawberry.argument(description="Of which customers.")]
Since = Annotated[
    datetime | None, strawberry.argument(description="Where the period begins; `days` before its end unless given.")
]
Until = Annotated[datetime | None, strawberry.argument(description="Where it ends; now unless given.")]
Days = Annotated[
    int, strawberry.argument(description="How many days the period has, 1 to 3,660, unless since is given.")
]


@query("The loyalty ladder: how many stand where, who moved, and what share went on.", Ladder, needs=Act.CUSTOMERS_READ)
def ladder(info: Info, since: Since = None, until: Until = None, days: Days = 90, filter: Filter = None) -> Any:
    period = Period.to(until, days) if since is None else Period.between(since, until)
    return Watched(info.context.session, info.context.viewer, period, filtered(filter))


QUERIES = [ladder]
