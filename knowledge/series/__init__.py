"""Series: entries told one after another, as chapters that each reader sees without gaps."""

from knowledge.series.reading import (
    Chapter,
    Place,
    Series,
    SeriesChapter,
    SeriesRedirect,
    SeriesRow,
    by_slug,
    by_uid,
    chapters_of,
    entries_of,
    listing,
    may_edit,
    owner_of,
    places_of,
)
from knowledge.series.telling import Wanted, add, create, move, remove, update

__all__ = [
    "Chapter",
    "Place",
    "Series",
    "SeriesChapter",
    "SeriesRedirect",
    "SeriesRow",
    "Wanted",
    "add",
    "by_slug",
    "by_uid",
    "chapters_of",
    "create",
    "entries_of",
    "listing",
    "may_edit",
    "move",
    "owner_of",
    "places_of",
    "remove",
    "update",
]
