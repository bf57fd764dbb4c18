from pathlib import Path

import pytest

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.highlights import highlights
from knowledge.search.index import Document, Label, Reach
from knowledge.search.synonyms import indexed
from knowledge.search.together import FACTOR
from knowledge.words import Audience
from tests.knowledge.search.conftest import EVERYTHING, Find, MakeDocument

LISTED = indexed([("refund", "money back", "reimbursement"), ("word of mouth", "referral"), ("churn", "attrition")])


def scores(index: EmbeddedIndex, query: str, reach: Reach = EVERYTHING) -> dict[str, float]:
    hits = index.search(query, reach, count=100, words_alike=LISTED).hits
    return {index.snapshot().heading(index.snapshot().number(hit.uid) or 0): hit.score for hit in hits}


def test_what_means_the_same_is_found_behind_the_word_itself(find: Find, a_document: MakeDocument) -> None:
    documents = (
        a_document("One", "They want a refund now."),
        a_document("Two", "They want money back now."),
        a_document("Three", "They want a reimbursement now."),
        a_document("Four", "They got the money and came back."),
        a_document("Five", "Our best referrals come from friends."),
        a_document("Six", "It spreads by word of mouth."),
    )

    assert find("refunds", *documents) == ["One"]
    assert find("refunds", *documents, words_alike=LISTED)[0] == "One"
    assert sorted(find("refunds", *documents, words_alike=LISTED)) == ["One", "Three", "Two"]
    assert find("money back", *documents, words_alike=LISTED)[0] == "Two"
    assert find("word-of-mouth", *documents, words_alike=LISTED) == ["Six", "Five"]
    assert find("referral", *documents, words_alike=LISTED) == ["Five", "Six"]


def test_who_quotes_or_demands_a_word_wants_that_word(find: Find, a_document: MakeDocument) -> None:
    documents = (
        a_document("One", "a refund"),
        a_document("Two", "a reimbursement, not late"),
        a_document("Three", "late"),
    )

    assert find('"refund"', *documents, words_alike=LISTED) == ["One"]
    assert find("+refund late", *documents, words_alike=LISTED) == ["One"]
    assert find("late -refund", *documents, words_alike=LISTED) == find("late -refund", *documents)
    assert find("refun*", *documents, words_alike=LISTED) == ["One"]


def test_a_word_and_what_means_the_same_count_once(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    index.apply(
        [
            a_document("Both", "churn attrition"),
            a_document("Only", "churn standing"),
            a_document("Other", "attrition standing"),
            a_document("Rest", "standing here"),
        ],
        (),
        "1",
    )

    found = scores(index, "churn")

    assert found["Both"] == pytest.approx(found["Only"])
    assert found["Other"] == pytest.approx(FACTOR * found["Only"])
    asked_both = scores(index, "churn attrition")
    assert asked_both["Both"] == pytest.approx(asked_both["Only"] + asked_both["Other"])


def test_a_rare_word_counts_no_more_than_the_common_one_it_stands_for(
    index: EmbeddedIndex, a_document: MakeDocument
) -> None:
    index.apply(
        [*(a_document(f"Churn {n}", "churn here") for n in range(9)), a_document("Rare", "attrition rare")], (), "1"
    )

    found = scores(index, "churn")

    assert found["Rare"] < found["Churn 1"]
    assert index.search("attrition", EVERYTHING, words_alike=LISTED).hits[0].score > found["Churn 1"]


def goodwill(a_document: MakeDocument, **facts: object) -> list[Document]:
    tag = Label("goodwill", "Goodwill gesture", ("sweetener",))
    return [
        a_document("Tagged", "Send flowers.", tags=[tag], audience=facts.get("audience", Audience.PUBLIC)),
        a_document("Said", "A goodwill gesture helps.", audience=Audience.PUBLIC),
        a_document("Else", "A sweetener for tea.", audience=Audience.PUBLIC),
        *(a_document(f"Rest {n}", "Nothing of it.", audience=Audience.PUBLIC) for n in range(9)),
    ]


def test_a_tags_synonym_finds_its_name_and_the_other_way_round(find: Find, a_document: MakeDocument) -> None:
    documents = goodwill(a_document)

    assert set(find("sweeteners", *documents, words_alike={})) == {"Tagged", "Said", "Else"}
    assert find("sweeteners", *documents) == ["Tagged", "Else"] or find("sweeteners", *documents) == ["Else", "Tagged"]
    assert set(find("goodwill gesture", *documents, words_alike={})) == {"Tagged", "Said", "Else"}


def test_a_tag_out_of_reach_lends_nobody_its_words(find: Find, a_document: MakeDocument) -> None:
    documents = goodwill(a_document, audience=Audience.EMPLOYEES)

    found = find("sweetener", *documents, reach=Reach(frozenset({Audience.PUBLIC})), words_alike={})

    assert found == ["Else"]


def test_a_tags_word_that_many_say_stands_for_nothing(find: Find, a_document: MakeDocument) -> None:
    tag = Label("customers", "Customers", ("client",))
    documents = [a_document(f"About {n}", "All customers.") for n in range(5)]

    found = find("client", *documents, a_document("Tagged", "Here.", tags=[tag]), a_document("More"), words_alike={})

    assert found == ["Tagged"]


def test_what_stood_for_a_word_is_marked_as_a_phrase_where_it_is_one(
    index: EmbeddedIndex, a_document: MakeDocument
) -> None:
    text = "Of all mouths: word of mouth pays back money."
    index.apply([a_document("One", text)], (), "1")

    words = index.search("referral", EVERYTHING, words_alike=LISTED).words

    assert (
        highlights(words, "en", {"body": text})[0].html == "Of all mouths: <mark>word of mouth</mark> pays back money."
    )


def test_characters_without_spaces_have_others_too(tmp_path: Path, a_document: MakeDocument) -> None:
    index = EmbeddedIndex(tmp_path)
    index.apply(
        [a_document("甲", "返金します", language="ja"), a_document("乙", "払い戻しの方法", language="ja")], (), "1"
    )

    hits = index.search("返金の", EVERYTHING, words_alike=indexed([("返金", "払い戻し")])).hits

    assert len(hits) == 2


def test_a_query_of_many_words_has_so_many_others_and_no_more(index: EmbeddedIndex, a_document: MakeDocument) -> None:
    def letters(number: int) -> str:
        return "".join(chr(ord("b") + int(digit)) for digit in f"{number:03}")

    groups = [tuple(f"{letters(number)}{place}o" for place in "abcdefghijkl") for number in range(40)]
    index.apply([a_document("All", " ".join(word for group in groups for word in group))], (), "1")

    found = index.search(" ".join(group[0] for group in groups), EVERYTHING, words_alike=indexed(groups))

    assert 100 <= len(found.words) - len(groups) <= 150
