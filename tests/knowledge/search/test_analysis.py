import pytest

from knowledge.search import analysis


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("answered", "answering", "en"),
        ("Beschwerde", "Beschwerden", "de"),
        ("clientes", "cliente", "es"),
        ("réclamations", "reclamation", "fr"),
        ("klachten", "klacht", "nl"),
        ("kunder", "kunderna", "sv"),
        ("Straße", "strasse", "de"),
        ("smørrebrød", "smorrebrod", "da"),
    ],
)
def test_forms_of_one_word_share_a_term(one: str, other: str, language: str) -> None:
    first, second = (
        {term for token in analysis.tokens(word) for term in analysis.terms(token.text, language)}
        for word in (one, other)
    )

    assert first & second


def test_stems_of_two_languages_never_meet() -> None:
    assert not set(analysis.terms("new", "en")) & set(analysis.terms("new", "de"))


def test_codes_are_the_same_in_all_languages() -> None:
    assert analysis.terms("ISO9001", "de") == analysis.terms("iso9001", "en")


def test_runs_without_spaces_are_pairs() -> None:
    assert [token.text for token in analysis.tokens("顧客満足 now")] == ["顧客", "客満", "満足", "足", "now"]


def test_vowel_signs_stay_in_their_word() -> None:
    assert [token.text for token in analysis.tokens("ग्राहक संतुष्टि")] == ["ग्राहक", "संतुष्टि"]


@pytest.mark.parametrize(("tag", "language"), [("pt-BR", "pt"), ("nb", "no"), ("EN", "en"), ("pl", "~"), ("", "~")])
def test_a_language_tag_finds_its_stemmer(tag: str, language: str) -> None:
    assert analysis.stem_language(tag) == language
