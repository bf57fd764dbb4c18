"""Points in time as the API reads and writes them."""

from datetime import UTC, datetime

import strawberry
from graphql import GraphQLError


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise GraphQLError("A point in time is written like 2026-03-01T12:00:00Z.") from None


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="A point in time in ISO 8601, such as 2026-03-01T12:00:00Z; without a zone it is in UTC.",
    serialize=datetime.isoformat,
    parse_value=_read,
)
