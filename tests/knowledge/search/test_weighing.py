from itertools import product
from pathlib import Path

import pytest

from knowledge.search import signals
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Sort
from knowledge.words import Freshness, Signal
from tests.knowledge.search.conftest import EVERYTHING, MakeDocument


@pytest.fixture
def weighing(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path, signals=signals.ALL)


def order(index: EmbeddedIndex, query: str, **arguments: object) -> list[str]:
    hits = index.search(query, EVERYTHING, **arguments).hits  # type: ignore[arg-type]
    return [index.snapshot().heading(index.snapshot().number(hit.uid) or 0) for hit in hits]


def test_what_is_known_of_equals_puts_them_in_order(
    tmp_path: Path, weighing: EmbeddedIndex, a_document: MakeDocument
) -> None:
    documents = [
        a_document("EE", "valve", is_obsolete=True),
        a_document("DD", "valve", freshness=Freshness.CONTESTED),
        a_document("CC", "valve", freshness=Freshness.EXPIRED),
        a_document("BB", "valve", freshness=Freshness.VERIFIED),
        a_document("AA", "valve", freshness=Freshness.DUE, is_proven=True),
        a_document("BB-", "valve"),
    ]
    weighing.apply(documents, (), "1")
    text = EmbeddedIndex(tmp_path)
    some = EmbeddedIndex(tmp_path, signals=frozenset({Signal.EXPIRED}))

    assert order(weighing, "valve") == ["AA", "BB", "BB-", "CC", "DD", "EE"]
    assert order(weighing, "valve", sort=Sort.NEWEST) == order(text, "valve", sort=Sort.NEWEST)
    assert order(some, "valve")[-1] == "CC"
    assert len({hit.score for hit in text.search("valve", EVERYTHING).hits}) == 1


def test_all_words_stand_before_half_of_them_whatever_is_known(
    weighing: EmbeddedIndex, a_document: MakeDocument
) -> None:
    for freshness, is_proven in product(Freshness, (False, True)):
        known = {"freshness": freshness, "is_proven": is_proven, "is_obsolete": True}
        weighing.apply([a_document("Whole", "steam valve", **known)], (), "1")
        weighing.apply([a_document("Half", "steam pump", freshness=Freshness.VERIFIED, is_proven=True)], (), "1")
        weighing.apply([a_document("Other half", "valve pump")], (), "1")

        assert order(weighing, "steam valve")[0] == "Whole"
        weighing.replace([], "2")


def test_nothing_buries_the_entry_that_is_called_what_was_asked(
    weighing: EmbeddedIndex, a_document: MakeDocument
) -> None:
    weighing.apply(
        [
            a_document("Steam valve", "how to", freshness=Freshness.CONTESTED, is_obsolete=True),
            *(
                a_document(f"Steam valve {n}", "steam valve", freshness=Freshness.VERIFIED, is_proven=True)
                for n in ("one", "two")
            ),
        ],
        (),
        "1",
    )

    text = EmbeddedIndex(weighing._root.path)
    place = order(text, "Steam, valve?").index("Steam valve")
    assert order(weighing, "Steam, valve?").index("Steam valve") <= place

    weighing.apply([a_document("Steam valve", "how to", freshness=Freshness.EXPIRED)], (), "2")
    hits = weighing.search("steam valve", EVERYTHING).hits
    why = [weighing.search("steam valve", EVERYTHING).why(hit.uid) for hit in hits]
    assert [each.factors for each in why if each][-1] == ((Signal.CONTESTED, 0.95), (Signal.OBSOLETE, 0.85))


def test_signals_survive_merges_and_updates(tmp_path: Path, a_document: MakeDocument) -> None:
    index = EmbeddedIndex(tmp_path, signals=signals.ALL)
    for number in range(14):
        index.apply([a_document(f"No {number}", "valve", freshness=list(Freshness)[number % 5])], (), "1")

    found = index.search("valve", EVERYTHING, count=20)

    assert len(index.snapshot().parts) < 14
    assert sorted({round(hit.score / found.hits[0].score, 3) for hit in found.hits}) == [
        round(each / 1.02, 3) for each in (0.95, 0.98, 1, 1.02)
    ]


def test_a_list_of_signals_is_read_or_refused() -> None:
    assert signals.listed("verified, Obsolete,") == {Signal.VERIFIED, Signal.OBSOLETE}
    assert signals.listed("none") == frozenset()
    with pytest.raises(ValueError, match="no signal popular; there are verified, proven"):
        signals.listed("verified,popular")
