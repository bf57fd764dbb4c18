"""What a score is made of: it is that sum, for every hit of generated documents, and tells nobody of what they may not read."""

from pathlib import Path
from random import Random

import pytest

from knowledge.search import signals
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Filters, Reach
from knowledge.search.synonyms import indexed
from knowledge.words import Audience, Rarity, Signal
from tests.knowledge.search.conftest import EVERYTHING, MakeDocument
from tests.knowledge.search.test_differential import QUERIES, Shelf, filters, reaches

LISTED = indexed(
    [("price", "Preis", "délai"), ("refund", "money back"), ("late delivery", "complaint"), ("客", "price")]
)


def test_every_score_is_the_sum_that_is_told(tmp_path: Path) -> None:
    chance = Random("explaining")
    shelf = Shelf(tmp_path, chance)
    for _ in range(6):
        shelf.write(20)
    index = EmbeddedIndex(tmp_path, signals=signals.ALL)
    told = stood_for = moved = 0

    for query in (*QUERIES, "late delivery price", "Preis refunds money back"):
        for reach, narrowed in ((EVERYTHING, Filters()), *zip(reaches(chance), filters(chance), strict=False)):
            found = index.search(query, reach, narrowed, count=1_000, words_alike=LISTED)
            for hit in found.hits:
                why = found.why(hit.uid)

                assert why is not None
                assert why.score == pytest.approx(hit.score, abs=1e-6), query
                told += 1
                stood_for += any(word.alike for word in why.words)
                moved += any(factor != 1 for _, factor in why.factors)
            hidden = {document.uid for document in (row.document for row in shelf.rows())}
            hidden -= {hit.uid for hit in found.hits}
            assert all(found.why(uid) is None for uid in hidden)
    assert min(told, stood_for, moved) > 50


def test_how_rare_a_word_is_is_told_of_what_one_may_read(tmp_path: Path, a_document: MakeDocument) -> None:
    index = EmbeddedIndex(tmp_path, signals=frozenset({Signal.PROVEN}))
    index.apply(
        [
            a_document("Open", "falcon wing", audience=Audience.PUBLIC, is_proven=True),
            *(a_document(f"Open {n}", "wing", audience=Audience.PUBLIC) for n in range(9)),
            *(a_document(f"Closed {n}", "falcon") for n in range(30)),
        ],
        (),
        "1",
    )

    def rarity(reach: Reach) -> list[tuple[str, Rarity]]:
        found = index.search("falcon wing", reach)
        why = found.why(found.hits[0].uid)
        assert why is not None
        assert why.factors == ((Signal.PROVEN, 1.02),)
        return [(word.word, word.rarity) for word in why.words]

    assert rarity(Reach(frozenset({Audience.PUBLIC}))) == [("falcon", Rarity.RARE), ("wing", Rarity.COMMON)]
    assert rarity(EVERYTHING) == [("falcon", Rarity.COMMON), ("wing", Rarity.COMMON)]
