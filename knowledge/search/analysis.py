"""Turns text into the terms that are searched: folded, stemmed by language, and character pairs where words have no spaces."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from whoosh.lang import stemmer_for_language

from knowledge.search import stopwords

STEMMED = frozenset("da de en es fi fr hu it nl no pt ro ru sv".split())
ENOUGH = 5
"""Letters by which words are told apart where stemming is not enough (McNamee and Mayfield 2004 found 4 and 5 best)."""
LOOSE = frozenset({"~", "fi"})
"""Where it is not: languages without a stemmer, and Finnish with its many endings."""

# Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u109d\u1100-\u11ff\u1780-\u17d3\u3005-\u3007"
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Marks that belong to a word although `\w` leaves them out: soft hyphens, accents, Hebrew and Arabic points, Indic vowels.
_MARKS = "\u00ad\u200b-\u200d\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0dff"
# Initials ("e.g.", "U.S.") and numbers with separators ("1,000", "1.000", "1 000" with a space that does not break) are one word each.
_ASCII_WORD = re.compile(
    r"[A-Za-z0-9]+(?:[.,'](?:[0-9]{3}(?<=[0-9].[0-9]{3})(?![0-9])"
    r"|[A-Za-z](?<![A-Za-z0-9][A-Za-z]\.[A-Za-z])(?<=[A-Za-z]\.[A-Za-z])(?![A-Za-z0-9])))*"
)
_LETTER = rf"[^\W_{_UNSPACED}]"
_ANY_WORD = (
    rf"(?:{_LETTER}[{_MARKS}]*)+(?:[.,'\u2019\u00a0\u202f](?:\d{{3}}(?<=\d.\d{{3}})(?!\d)"
    rf"|{_LETTER}(?<!{_LETTER}[^\W\d_]\.[^\W\d_])(?<=[^\W\d_]\.[^\W\d_])(?!{_LETTER})))*"
)
_WORD = re.compile(_ANY_WORD)
_TOKEN = re.compile(rf"([{_UNSPACED}]+)|{_ANY_WORD}")
_INSIDE = re.compile("[.,'\u2019\u00a0\u202f\u00ad\u200b-\u200d]")  # what stands in a word and is no part of it
_HYPHENED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_HYPHEN = re.compile("[\u2010\u2011]")
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_SWEDISH = re.compile("(?<=.{4})et$")  # the definite article, which Whoosh's stemmer of 2009 leaves on
_ACCENTS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | {chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)}  # katakana as hiragana
)
# Two letters that are written where a keyboard has no umlaut, as `fold` leaves the umlaut.
_SPELLED = {
    "de": (re.compile("(?<![aeq])ue|ae|oe"), lambda found: found[0][0]),
    "da": (re.compile("aa|oe"), lambda found: found[0][0]),
    "no": (re.compile("aa|oe"), lambda found: found[0][0]),
}


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


def has_words(text: str) -> bool:
    """Whether any of the text is a word or a gram; signs are neither."""
    return _TOKEN.search(text) is not None


def has_grams(text: str) -> bool:
    """Whether any of the text is in a script without spaces."""
    return not text.isascii() and _HAS_UNSPACED.search(text) is not None


def words(text: str) -> list[str]:
    """The words of a text that has no grams, as they are written: what `tokens` finds, in a fraction of its time."""
    found: list[str] = (_ASCII_WORD if text.isascii() else _WORD).findall(text)
    return found


def lower(word: str) -> str:
    """The word in lower case with its accents, without what only stands inside it."""
    plain = word if word.isalnum() else _INSIDE.sub("", word)
    return plain.lower() if plain.isascii() else unicodedata.normalize("NFC", plain).casefold()


def joined(text: str) -> list[str]:
    """The words with hyphens, each in one piece: "e-mail" as "email"; numbers alone are left out."""
    if "-" not in text and (text.isascii() or not _HYPHEN.search(text)):
        return []
    pieces = text.split() if text.isascii() else _HYPHEN.sub("-", text).split()
    return [word for piece in pieces if "-" in piece for word in _joined(piece)]


@lru_cache(1 << 12)
def _joined(piece: str) -> tuple[str, ...]:
    found = (lower(each.replace("-", "")) for each in _HYPHENED.findall(piece))
    return tuple(word for word in found if not word.isdigit() and not has_grams(word))


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
    plain = _respelled(folded, language)
    stems = (stem(plain),) if word == folded else (fold(stem(word)), stem(plain))
    return tuple(dict.fromkeys(f"{language}:{each}" for each in stems))


@lru_cache(1 << 17)
def kept(word: str, language: str) -> tuple[str, ...]:
    """All that is kept of a word: its terms, and its beginning where a stem is not enough."""
    start = beginning(word, language)
    return (*terms(word, language), start) if start else terms(word, language)


def beginning(word: str, language: str) -> str:
    """The term of all words that begin like this one, in languages where a stem is not enough; empty for short words and others."""
    folded = fold(word)
    if language not in LOOSE or len(folded) < ENOUGH or not folded.isalpha():
        return ""
    return f"{language}:{folded[:ENOUGH]}*"


def _respelled(folded: str, language: str) -> str:
    if language not in _SPELLED:
        return folded
    spelled, letter = _SPELLED[language]
    return spelled.sub(letter, folded)


@lru_cache(1 << 17)
def is_stopped(word: str, language: str) -> bool:
    """Whether a word says nothing in a language: a stop word, or a letter alone in a language without stop words."""
    folded = fold(word)
    said_nothing = stop_words(language)
    return (
        folded in said_nothing
        or _respelled(folded, language) in said_nothing
        or (language == "~" and len(folded) == 1 and not folded.isdigit())
    )


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a stem language, folded."""
    return frozenset(map(fold, stopwords.words_of(language)))


@cache
def _stem(language: str) -> Callable[[str], str]:
    stem: Callable[[str], str] = stemmer_for_language(language)  # type: ignore[no-untyped-call]
    if language == "en":
        return stem
    # Twice, since the stem of one form is often another form: Dutch "redenen", "reden"; Danish "utilfredse", "utilfreds".
    return lambda word: _SWEDISH.sub("", stem(stem(word))) if language == "sv" else stem(stem(word))
