from collections import Counter

import pytest

from knowledge.search.embedded import EmbeddedIndex
from tests.knowledge.search import gold
from tests.knowledge.search.conftest import EVERYTHING

FIRST = 3
LEAST = 0.9
LEAST_IN_ALL = 0.97


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> dict[gold.Asked, int]:
    index = EmbeddedIndex(tmp_path_factory.mktemp("languages"))
    index.replace(gold.documents(), "1")
    found = {}
    for asked in gold.asked():
        uids = [hit.uid for hit in index.search(asked.query, EVERYTHING, count=10).hits]
        found[asked] = uids.index(asked.uid) if asked.uid in uids else 10
    return found


def test_people_find_what_they_mean_in_their_language(ranks: dict[gold.Asked, int]) -> None:
    every, found = Counter[str](), Counter[str]()
    for asked, rank in ranks.items():
        for group in (asked.language, "total"):
            every[group] += 1
            found[group] += rank < FIRST
    figures = {group: found[group] / every[group] for group in sorted(every)}

    for group, figure in figures.items():
        print(f"{group}: recall@{FIRST} {figure:.3f} of {every[group]} queries")  # noqa: T201 - the table in docs/relevance.md
    missed = [(asked.language, asked.query) for asked, rank in ranks.items() if rank >= FIRST]
    assert figures["total"] >= LEAST_IN_ALL, missed
    assert min(figures.values()) >= LEAST, missed
    assert len(figures) > 12
