"""Turns text into the terms that are searched: folded, stemmed by language, and character pairs where words have no spaces."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from whoosh.lang import stemmer_for_language
from whoosh.lang.stopwords import stoplists

STEMMED = frozenset("da de en es fi fr hu it nl no pt ro ru sv".split())

# Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u109d\u1100-\u11ff\u1780-\u17d3\u3005-\u3007"
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Marks that belong to a word although `\w` leaves them out: accents, Hebrew and Arabic points, Indic vowels.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0dff"
_TOKEN = re.compile(rf"([{_UNSPACED}]+)|(?:[^\W_{_UNSPACED}][{_MARKS}]*)+")
_WORD = re.compile(rf"(?:[^\W_{_UNSPACED}][{_MARKS}]*)+")
_ASCII_WORD = re.compile("[A-Za-z0-9]+")
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


class Token(NamedTuple):
    """A word in its text; a gram is one or two characters of a script without spaces."""

    text: str
    start: int
    end: int
    is_gram: bool = False


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order, in lower case with their accents; a run without spaces as overlapping pairs.

    The last character of a run stands alone as well, so that a single one can be looked up as the beginning of a gram.
    """
    for match in _TOKEN.finditer(text):
        if match[1] is None:
            yield Token(lower(match[0]), match.start(), match.end())
        else:
            yield from _grams(match[0], match.start())


def has_grams(text: str) -> bool:
    """Whether any of the text is in a script without spaces."""
    return not text.isascii() and _HAS_UNSPACED.search(text) is not None


def words(text: str) -> list[str]:
    """The words of a text that has no grams, as they are written: what `tokens` finds, in a fraction of its time."""
    found: list[str] = (_ASCII_WORD if text.isascii() else _WORD).findall(text)
    return found


def lower(word: str) -> str:
    """The word in lower case with its accents."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFC", word).casefold()


def _grams(run: str, start: int) -> Iterator[Token]:
    characters = fold(run)
    moved = len(characters) != len(run)
    for place in range(len(characters)):
        end = min(place + 2, len(characters))
        bounds = (start, start + len(run)) if moved else (start + place, start + end)
        yield Token(characters[place:end], *bounds, is_gram=True)


@lru_cache(1 << 16)
def fold(word: str) -> str:
    """The word without case, accents and compatibility forms."""
    if word.isascii():
        return word.lower()
    spread = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", spread)).translate(_LETTERS)


def stem_language(language: str) -> str:
    """The language whose stemmer and stop words serve a tag such as "pt-BR"; "~" for those without."""
    primary = language.lower().replace("_", "-").partition("-")[0]
    if primary in ("nb", "nn"):
        return "no"
    return primary if primary in STEMMED else "~"


@lru_cache(1 << 17)
def terms(word: str, language: str) -> tuple[str, ...]:
    """The terms of one word (not a gram) of a stem language; any of them in common is a match.

    An accented word has a stem with its accents and one without, since people leave them out. Terms of other languages than
    English say which, so that one language's stems never meet another's words; numbers and codes are the same in all.
    """
    folded = fold(word)
    if language == "en" or any(map(str.isdigit, folded)):
        return (_stem("en")(folded),)
    if language == "~":
        return (f"~:{folded}",)
    stem = _stem(language)
    stems = (stem(folded),) if word == folded else (fold(stem(word)), stem(folded))
    return tuple(dict.fromkeys(f"{language}:{each}" for each in stems))


def is_stopped(word: str, language: str) -> bool:
    """Whether a word says nothing in a language: a stop word, or a letter alone."""
    folded = fold(word)
    return folded in stop_words(language) or (len(folded) == 1 and not folded.isdigit())


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a stem language, folded."""
    return frozenset(map(fold, stoplists.get(language, ())))


@cache
def _stem(language: str) -> Callable[[str], str]:
    stem: Callable[[str], str] = stemmer_for_language(language)  # type: ignore[no-untyped-call]
    return stem


def placed(text: str) -> Iterator[re.Match[str]]:
    """The words of a text that has no grams, as `words` gives them, with their places."""
    return (_ASCII_WORD if text.isascii() else _WORD).finditer(text)
