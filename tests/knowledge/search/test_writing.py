from math import log
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.postings import LENGTHS
from tests.knowledge.search.conftest import EVERYTHING, MakeDocument


def sizes(index: EmbeddedIndex) -> list[int]:
    return [part.size for part in index._newest().parts]


def test_a_commit_merges_no_more_documents_than_it_may(
    tmp_path: Path, a_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.search.writing.MOST_MERGED", 8)
    index = EmbeddedIndex(tmp_path)

    for _ in range(12):
        index.apply([a_document("One", "price"), a_document("Two", "price")], (), "1")

    assert sizes(index) == [2] * 7 + [10]
    assert index.search("price", EVERYTHING).total == 24


def test_segments_of_which_most_is_gone_are_merged(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    documents = [a_document(f"Note {number}", "price") for number in range(6)]
    index.apply(documents, (), "1")

    index.apply([a_document("Another", "price")], [document.uid for document in documents[:4]], "2")

    assert sizes(index) == [3]
    assert index.search("price", EVERYTHING).total == 3


def test_an_index_of_which_all_is_gone_is_empty(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    document = a_document("Note", "price")
    index.apply([document], (), "1")

    index.apply((), [document.uid, UUID(int=99)], "2")

    assert index.search("", EVERYTHING).total == 0
    assert sizes(index) == []


def test_words_said_more_than_255_times_are_counted(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply([a_document("Often", "price " * 300), a_document("Rarely", "price and delivery")], (), "1")
    index.apply([a_document("Later", "price price")], (), "2")

    hits = index.search("price", EVERYTHING)

    length = LENGTHS[np.searchsorted(LENGTHS, 302)]  # the title counts twice
    average = (302 + 4 + 4) / 3
    expected = log(1 + 0.5 / 3.5) * 300 * 2.2 / (300 + 1.2 * (0.25 + 0.75 * length / average))
    assert hits.total == 3
    assert max(hit.score for hit in hits.hits) == pytest.approx(expected)
