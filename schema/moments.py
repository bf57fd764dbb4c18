"""Points in time as the API reads and writes them."""

from datetime import UTC, datetime

import strawberry


def _read(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="A point in time in ISO 8601, such as 2026-03-01T12:00:00Z; without a zone it is in UTC.",
    serialize=datetime.isoformat,
    parse_value=_read,
)
