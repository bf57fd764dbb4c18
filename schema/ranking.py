"""Themes of a period by customers and by messages: who speaks of what, and whether it is only the loud few."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from knowledge.feedback import rankings, voices
from knowledge.people import Act
from knowledge.words import Loudness as Orders
from schema.atomic import query
from schema.context import Info
from schema.estimates import Estimate, estimated
from schema.fields import asked, shown
from schema.sorting import Theme
from schema.words import Loudness, PatternVerdict


@strawberry.type(description="A theme of a period, how many customers speak of it, and how loud they are.")
class ThemeHeard:
    """A theme among the themes of a period."""

    theme: Theme = shown("The theme.")
    prevalence: Estimate = shown(
        "The share of the customers heard in the period who speak of it: each counts once, however often they do.",
        lambda row, _: estimated(row.loud.voices.prevalence),
    )
    messages: Estimate = shown(
        "How many messages there are, and how many customers behind them.",
        lambda row, _: estimated(row.loud.messages),
    )
    loudest: Estimate = shown(
        "The share of the messages that the loudest customer sent; it says nothing of anybody else.",
        lambda row, _: estimated(row.loud.loudest),
    )
    verdict: PatternVerdict = shown(
        "What may be said of customers in general. Whoever spoke is answered all the same.",
        lambda row, _: row.loud.verdict,
    )
    by_customers: int = shown("Its place when customers are counted, the first being 1.")
    by_messages: int = shown("Its place when messages are counted, the first being 1.")


Most = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]


def _first(parent: strawberry.Parent[Any], first: Most = 20) -> Any:
    return parent.themes[: min(max(first, 1), 100)]


@strawberry.type(description="What customers spoke of in a period.")
class ThemeRanking:
    """The themes of a period in order."""

    since: datetime = shown("From when.", lambda row, _: row.period.since)
    until: datetime = shown("Until just before when.", lambda row, _: row.period.until)
    heard: Estimate = shown(
        "How many messages were heard on anything at all, and from how many customers.",
        lambda row, _: estimated(row.heard),
    )
    unsorted: Estimate = shown(
        "How many of these messages have no theme yet and count for none.", lambda row, _: estimated(row.unsorted)
    )

    themes: list[ThemeHeard] = asked("The themes, first the one that most speak of, or that has most messages.", _first)


Since = Annotated[datetime | None, strawberry.argument(description="From when; ninety days ago unless given.")]
Until = Annotated[datetime | None, strawberry.argument(description="Until just before when; now unless given.")]
Days = Annotated[int | None, strawberry.argument(description="Or how many days back from now, 1 to 3,650.")]
By = Annotated[Loudness, strawberry.argument(description="What is counted.")]


@query("What customers spoke of in a period, in order.", ThemeRanking, needs=Act.FEEDBACK_READ)
def theme_ranking(
    info: Info, since: Since = None, until: Until = None, days: Days = None, by: By = Orders.CUSTOMERS
) -> Any:
    session, viewer = info.context.session, info.context.viewer
    back = min(max(days or voices.USUAL, 1), 3650)
    if since is None and until is None:
        return rankings.recent(session, viewer, back, by=by)
    usual = voices.lately(back)
    return rankings.ranking(session, viewer, voices.Period(since or usual.since, until or usual.until), by=by)


QUERIES = [theme_ranking]
