from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from knowledge.meaning import nearest
from knowledge.meaning.chunks import Chunks, Encoded
from knowledge.meaning.nearest import Near, Places
from knowledge.meaning.understanding import Meaning
from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Facet, Filters, Reach, Sort
from knowledge.words import Audience, Kind
from tests.knowledge.meaning.conftest import learn
from tests.knowledge.search.conftest import EVERYTHING, MakeDocument

Find = Callable[..., list[str]]

LATE = "The parcel came days late", "The client was furious and wanted the money back."
PARKING = "Parking", "Visitors leave cars behind the house."
QUESTION = "angry customer demands refund"


def test_what_says_the_same_in_other_words_is_found(find: Find, a_document: MakeDocument) -> None:
    assert find(QUESTION, a_document(*LATE), a_document(*PARKING)) == ["The parcel came days late"]


def test_words_and_meaning_are_weighed_together(find: Find, a_document: MakeDocument) -> None:
    found = find(
        "ways to make customers stay loyal for years",
        a_document("Parking", "Customers leave their cars behind the house, beside those of people who work here."),
        a_document("Invoices", "Customers get an invoice. Customers pay. Ways of paying, ways of posting."),
        a_document("Retention", "How to keep those who buy from you: customers who are happy come back for years."),
    )

    assert found == ["Retention", "Invoices", "Parking"]


def test_both_parts_of_a_score_are_told(
    index: EmbeddedIndex, meaning: Meaning, find: Find, a_document: MakeDocument
) -> None:
    find(QUESTION, a_document("Refund an angry customer", "Give it at once."), a_document(*LATE))

    first, second = index.search(QUESTION, EVERYTHING).hits

    assert first.by_words is not None
    assert first.by_meaning is not None
    assert min(first.by_words, first.by_meaning) > 0.5
    assert second.by_words == 0
    assert second.by_meaning == pytest.approx(float(cosine(meaning, QUESTION, ". ".join(LATE))), abs=0.1)


def cosine(meaning: Meaning, one: str, other: str) -> Any:
    return meaning.encoder.query(one) @ meaning.encoder.query(other)


def test_an_exact_title_stays_first(find: Find, a_document: MakeDocument) -> None:
    documents = [
        a_document("Closing the loop with customers who complained", "Close the loop. Closing the loop is the point."),
        a_document("Closing the loop", "See the other page."),
    ]

    assert find("closing the loop", *documents)[0] == "Closing the loop"
    assert find("Closing the loop?", *documents)[0] == "Closing the loop"


def test_before_vectors_are_there_words_answer(
    index: EmbeddedIndex, meaning: Meaning, a_document: MakeDocument
) -> None:
    documents = [a_document("Refunds", "An angry customer."), a_document(*LATE)]
    index.apply(documents, (), "1")

    alone = index.search(QUESTION, EVERYTHING)
    learn(index, meaning, documents[1])
    together = index.search(QUESTION, EVERYTHING)

    assert [hit.uid for hit in alone.hits] == [documents[0].uid]
    assert alone.hits[0].by_meaning is None
    assert {hit.uid for hit in together.hits} == {document.uid for document in documents}


def test_totals_and_facets_count_what_meaning_adds(index: EmbeddedIndex, find: Find, a_document: MakeDocument) -> None:
    find(QUESTION, a_document("Refunds", "Any customer."), a_document(*LATE, kind=Kind.STORY), a_document(*PARKING))

    hits = index.search(QUESTION, EVERYTHING, count=1)

    assert (len(hits.hits), hits.total) == (1, 2)
    assert dict(hits.facets[Facet.KIND]) == {Kind.GUIDE: 1, Kind.STORY: 1}
    assert [*index.search(QUESTION, EVERYTHING, start=1).hits, *hits.hits] == [
        *reversed(index.search(QUESTION, EVERYTHING).hits)
    ]


def test_what_a_viewer_may_not_see_is_not_found_by_meaning(find: Find, a_document: MakeDocument) -> None:
    documents = [a_document(*LATE), a_document(*PARKING, audience=Audience.PUBLIC)]

    assert find(QUESTION, *documents, reach=Reach(frozenset({Audience.PUBLIC}))) == []


def test_conditions_and_filters_hold_for_meaning_too(find: Find, a_document: MakeDocument) -> None:
    documents = [a_document(*LATE), a_document("Refunds", "An angry customer demands it.")]

    assert find(QUESTION, *documents, filters=Filters(kinds=frozenset({Kind.STORY}))) == []
    assert find(f"{QUESTION} -parcel", *documents) == ["Refunds"]
    assert find(f'{QUESTION} "wanted the money"', *documents) == [LATE[0]]
    assert find(f"{QUESTION} after:2027", *documents) == []


@pytest.mark.parametrize(
    "query",
    [
        "angr* customer",  # a beginning of a word
        "title:refund",
        "Kunden zurückgewinnen",
        "wütende Kunden wollen ihr Geld zurück und wir haben keine Antwort",
        "怒っている顧客 返金",
        "kind:guide",
        "what do we do",  # small words alone
        "xqzzt vvbrlp",
        "",
    ],
)
def test_some_questions_go_by_words_alone(
    index: EmbeddedIndex, find: Find, a_document: MakeDocument, query: str
) -> None:
    find(query, a_document(*LATE), a_document(*PARKING))

    assert all(hit.by_meaning is None for hit in index.search(query, EVERYTHING).hits)


def test_a_word_of_another_language_in_the_store_is_not_english(
    index: EmbeddedIndex, find: Find, a_document: MakeDocument
) -> None:
    documents = [a_document("Reklamation", "Kunden klagen über den Service.", language="de"), a_document(*LATE)]

    assert find("Kunden klagen", *documents) == ["Reklamation"]
    assert index.search("Kunden klagen", EVERYTHING).hits[0].by_meaning is None


def test_entries_in_other_languages_have_no_vectors(
    index: EmbeddedIndex, meaning: Meaning, a_document: MakeDocument
) -> None:
    english, german = a_document("Refunds", language="en-GB"), a_document("Angry customer", language="de")
    index.apply([english, german], (), "1")

    assert meaning.lacking(index.snapshot()) == ({english.uid: 1}, 1)


def test_by_date_words_alone_answer(index: EmbeddedIndex, find: Find, a_document: MakeDocument) -> None:
    documents = [a_document(*LATE, updated_at=datetime(2026, 9, 1, tzinfo=UTC)), a_document("Refund")]

    assert find(QUESTION, *documents, sort=Sort.NEWEST) == ["Refund"]


def test_a_new_revision_lacks_vectors_until_they_are_computed(
    index: EmbeddedIndex, meaning: Meaning, a_document: MakeDocument
) -> None:
    uid = UUID(int=5)
    old, new = a_document(*LATE, uid=uid), a_document(*PARKING, uid=uid, revision=2)
    index.apply([old], (), "1")
    learn(index, meaning, old)
    index.apply([new], (), "2")

    before = index.search(QUESTION, EVERYTHING).total
    lacking, total = meaning.lacking(index.snapshot())
    learn(index, meaning, new)

    assert (before, lacking, total) == (0, {uid: 2}, 1)
    assert index.search("where can I leave my car", EVERYTHING).total == 1
    assert index.search(QUESTION, EVERYTHING).total == 0


def test_what_is_withdrawn_is_gone_at_once(index: EmbeddedIndex, find: Find, a_document: MakeDocument) -> None:
    late = a_document(*LATE)
    find(QUESTION, late)

    index.apply([], [late.uid], "2")

    assert index.search(QUESTION, EVERYTHING).total == 0


def test_a_new_index_keeps_the_vectors(
    index: EmbeddedIndex, meaning: Meaning, find: Find, a_document: MakeDocument
) -> None:
    late = a_document(*LATE)
    find(QUESTION, late)

    index.replace([late], "2")

    assert meaning.lacking(index.snapshot()) == ({}, 1)
    assert index.search(QUESTION, EVERYTHING).total == 1


def test_vectors_of_another_model_are_dropped(index: EmbeddedIndex, meaning: Meaning, a_document: MakeDocument) -> None:
    folder = meaning._folder / "0123456789abcdef.1"
    folder.mkdir()
    index.apply([a_document(*LATE)], (), "1")

    was_untidy = meaning.is_untidy()
    meaning.tidy(index.snapshot())

    assert was_untidy
    assert not meaning.is_untidy()
    assert not folder.exists()


@pytest.mark.parametrize("exact", [8_192, 40])
def test_the_nearest_are_those_of_comparing_every_vector(
    index: EmbeddedIndex, a_document: MakeDocument, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, exact: int
) -> None:
    chance = np.random.default_rng(7)
    monkeypatch.setattr(nearest, "EXACT", exact)
    documents = [a_document(f"Number {number}") for number in range(120)]
    for start in range(0, 120, 30):
        index.apply(documents[start : start + 30], (), str(start))
    index.apply([], [document.uid for document in documents[::7]], "gone")
    centre = chance.normal(size=384)
    matrix = chance.normal(size=(240, 384)) + np.outer(chance.normal(size=240) * 2, centre)
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    chunks = Chunks(tmp_path / "chunks")
    order = chance.permutation(120).tolist()
    for start in range(0, 120, 50):
        chunks.add(Encoded(documents[at].uid, 1, list(matrix[2 * at : 2 * at + 2])) for at in order[start : start + 50])
    snapshot = index.snapshot()
    near = Near(snapshot, chunks.all(), Places())
    allowed = snapshot.live & (np.arange(snapshot.size) % 3 > 0)

    numbers, cosines = near.best((asked := matrix[5] + matrix[50]) / np.linalg.norm(asked), allowed, 10)

    exactly = {documents[at].uid: max(matrix[2 * at : 2 * at + 2] @ asked) / np.linalg.norm(asked) for at in range(120)}
    reachable = [snapshot.uid(number) for number in np.flatnonzero(allowed).tolist()]
    best = sorted(reachable, key=lambda uid: -exactly[uid])[:10]
    assert [snapshot.uid(number) for number in numbers.tolist()][:3] == best[:3]
    assert len(set(best) & {snapshot.uid(number) for number in numbers.tolist()}) >= 9
    assert cosines == pytest.approx([exactly[snapshot.uid(number)] for number in numbers.tolist()], abs=0.01)


def test_an_empty_index_lacks_nothing(index: EmbeddedIndex, meaning: Meaning) -> None:
    assert meaning.lacking(index.snapshot()) == ({}, 0)
    assert index.search(QUESTION, EVERYTHING).total == 0


def test_vectors_that_arrive_make_another_generation_of_the_list(
    index: EmbeddedIndex, meaning: Meaning, a_document: MakeDocument
) -> None:
    documents = [a_document(*LATE), a_document("Refunds", "An angry customer.")]
    index.apply(documents, (), "1")
    generations = []

    for document in documents:
        generations.append(index.search(QUESTION, EVERYTHING).generation)
        learn(index, meaning, document)
    generations += [index.search(QUESTION, EVERYTHING).generation for _ in range(2)]

    assert len(set(generations)) == 3
    assert generations[2] == generations[3]


def test_whoever_stops_it_waits_for_one_passage(
    index: EmbeddedIndex, meaning: Meaning, a_document: MakeDocument
) -> None:
    documents = [a_document(*PARKING), a_document("Long", "customer " * 2_000)]
    index.apply(documents, (), "1")
    looks = iter([False] * 6)

    done = meaning.learn(documents, lambda: next(looks, True))

    assert done == 1
    assert list(meaning.lacking(index.snapshot())[0]) == [documents[1].uid]
