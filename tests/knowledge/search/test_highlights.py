import pytest

from knowledge.search import highlights as marking
from knowledge.search.highlights import LENGTH, Highlight, highlights


def test_words_are_marked_in_all_their_forms() -> None:
    found = highlights(["answering"], "en", {"body": "Answers help: each answered call counts."})

    assert found == (
        Highlight(
            "body",
            "<mark>Answers</mark> help: each <mark>answered</mark> call counts.",
            "Answers help: each answered call counts.",
        ),
    )


def test_everything_else_is_escaped() -> None:
    found = highlights(["b"], "en", {"title": "<script>alert('b')</script> & <b>"})

    assert found[0].html == (
        "&lt;script&gt;alert(&#x27;<mark>b</mark>&#x27;)&lt;/script&gt; &amp; &lt;<mark>b</mark>&gt;"
    )


def test_a_heading_does_not_run_into_what_follows() -> None:
    (found,) = highlights(["valve"], "en", {"body": "What to do\nClose the valve\nThen ring.\nAt once."})

    assert found.text == "What to do · Close the valve · Then ring. At once."
    assert found.html == "What to do · Close the <mark>valve</mark> · Then ring. At once."


def test_the_best_passage_has_most_of_the_words() -> None:
    body = "refund " + "filler " * 200 + "A refund after a late delivery is paid at once. " + "filler " * 200

    found = highlights(["refund", "late", "delivery"], "en", {"body": body})[0]

    assert "<mark>refund</mark> after a <mark>late</mark> <mark>delivery</mark>" in found.html
    assert len(found.text) <= LENGTH + 4
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")


def test_the_text_with_most_words_comes_first_and_those_without_are_left_out() -> None:
    texts = {"title": "Late", "problem": "Nothing", "summary": "A late refund"}

    found = highlights(["late", "refund"], "en", texts)

    assert [each.field for each in found] == ["summary", "title"]


def test_accents_and_prefixes_match() -> None:
    found = highlights(["fidelite", "reclam*"], "fr", {"body": "La fidélité après une réclamation"})

    assert found[0].html == "La <mark>fidélité</mark> après une <mark>réclamation</mark>"


def test_pairs_of_characters_are_one_mark() -> None:
    found = highlights(["顧客", "客満", "満足"], "ja", {"body": "新しい顧客満足度"})

    assert found[0].html == "新しい<mark>顧客満足</mark>度"


def test_no_words_have_no_highlights() -> None:
    assert highlights([], "en", {"body": "text"}) == ()
    assert highlights(["x"], "en", {"body": ""}) == ()


def test_a_word_is_marked_where_it_stands_and_not_inside_of_others() -> None:
    found = highlights(["art"], "en", {"body": "Party art, 1,000 start; e.g. ART. Arts's part"})

    assert found[0].html == "Party <mark>art</mark>, 1,000 start; e.g. <mark>ART</mark>. <mark>Arts</mark>&#x27;s part"


def test_a_text_that_was_read_before_is_marked_for_each_query_and_language_anew() -> None:
    body = {"body": "Kunden klagen: customers complained about Zoë's refunds"}

    marked = [
        "".join(part.partition("<mark>")[2] for part in found.html.split("</mark>")[:-1])
        for words, language in ((["refund"], "en"), (["zoe", "complain"], "en"), (["kunde"], "de"), (["refund"], "en"))
        for found in highlights(words, language, body)
    ]

    assert marked == ["refunds", "complainedZoë", "Kunden", "refunds"]


def test_more_words_than_are_remembered_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "FORMS", 3)
    texts = [{"body": f"Some words of number{number} that answered"} for number in range(5)]

    found = [highlights(["answer"], "en", text)[0].html for text in texts]

    assert found == [f"Some words of number{number} that <mark>answered</mark>" for number in range(5)]
