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
        ("Kündigungen", "Kuendigung", "de"),
        ("målinger", "maaling", "da"),
        ("utilfredse", "utilfreds", "da"),
        ("paketet", "paketen", "sv"),
        ("customer’s", "customers", "en"),
        ("Kunden\u00adbindung", "kundenbindung", "de"),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,000 or 1.000 or 1’000", ["1000", "or", "1000", "or", "1000"]),
        ("in 2.5 of 12,50", ["in", "2", "5", "of", "12", "50"]),
        ("e.g. the U.S.A. today.A b.c", ["eg", "the", "usa", "today", "a", "bc"]),
        ("l'accueil dell’arte", ["l", "accueil", "dell", "arte"]),
        ("z.B. über 2\u202f000 €", ["zb", "über", "2000"]),
    ],
)
def test_initials_and_numbers_are_one_word(text: str, words: list[str]) -> None:
    assert [token.text for token in analysis.tokens(text)] == words
    assert [analysis.lower(word) for word in analysis.words(text)] == words


def test_words_with_hyphens_are_known_in_one_piece() -> None:
    text = "a follow-up e-mail, B2B\N{NON-BREAKING HYPHEN}Kunden, 2026-03-01, ポイント-カード - well"

    assert analysis.joined(text) == ["followup", "email", "b2bkunden"]


def test_kana_and_widths_are_folded() -> None:
    grams = {tuple(token.text for token in analysis.tokens(word)) for word in ("クレーム", "ｸﾚｰﾑ", "くれーむ")}

    assert len(grams) == 1


def test_a_letter_alone_is_a_word_but_where_it_is_a_small_one() -> None:
    assert not analysis.is_stopped("C", "en")
    assert all(analysis.is_stopped(letter, language) for letter, language in (("s", "en"), ("l", "fr"), ("d", "it")))


@pytest.mark.parametrize("language", sorted(analysis.STEMMED))
def test_every_stemmed_language_has_stop_words(language: str) -> None:
    questions = {
        "da": "hvordan hvornår", "de": "warum fuer", "en": "how why", "es": "cómo cuando", "fi": "miten miksi", "fr": "comment pourquoi",
        "hu": "hogyan miért", "it": "come perché", "nl": "waarom hoe", "no": "hvordan hvorfor", "pt": "como porquê", "ro": "cum unde",
        "ru": "как почему", "sv": "hur varför",
    }  # fmt: skip

    assert len(analysis.stop_words(language)) > 90
    assert all(analysis.is_stopped(word, language) for word in questions[language].split())


def test_vowel_signs_stay_in_their_word() -> None:
    assert [token.text for token in analysis.tokens("ग्राहक संतुष्टि")] == ["ग्राहक", "संतुष्टि"]


@pytest.mark.parametrize(("tag", "language"), [("pt-BR", "pt"), ("nb", "no"), ("EN", "en"), ("pl", "~"), ("", "~")])
def test_a_language_tag_finds_its_stemmer(tag: str, language: str) -> None:
    assert analysis.stem_language(tag) == language
