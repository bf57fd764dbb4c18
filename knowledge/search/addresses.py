"""Where a search is found again: its page, and its feed."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from knowledge.search.index import Sort

FILTERS = ("kinds", "tags", "functions", "stages", "freshness", "languages", "audiences")
"""What a search may be narrowed to, in the names of the search filter."""
FEED = "/feeds/search.atom"


def address(
    query: str, filters: Mapping[str, Sequence[str]], *, sort: Sort | None = None, path: str = "/search"
) -> str:
    """The address of a search, as its page writes it."""
    names = {name: name if name == "freshness" else name.removesuffix("s") for name in FILTERS}
    pairs = [("q", query)] if query else []
    pairs += [(names[name], value.lower()) for name in FILTERS for value in filters.get(name, ())]
    pairs += [("sort", sort.lower())] if sort not in (None, Sort.RELEVANCE) else []
    return f"{path}?{urlencode(pairs)}"
