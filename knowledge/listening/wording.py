"""What a query comes to: as it is kept, and as the subject that it shares with other wordings."""

import re
import unicodedata
from functools import lru_cache
from itertools import islice

from knowledge.search import analysis
from knowledge.search.analysis import Token

LONGEST = 200
MOST_WORDS = 24

_PERSONAL = re.compile(r"@|\+?\d(?:[\s./-]?\d){5,}")


def kept(query: str) -> str:
    """A query as it is kept: in lower case, one space between words, 200 characters; empty where it is not kept at all.

    What looks like an address or a number of somebody is not: it would name them.
    """
    text = " ".join(unicodedata.normalize("NFC", query.replace("\0", " ")).casefold().split())[:LONGEST].strip(
        " *?!.,;:"
    )
    return "" if _PERSONAL.search(text) or not any(map(str.isalnum, text)) else text


@lru_cache(4096)
def subject(query: str) -> str:
    """What a query is about, whatever its order, endings and little words: "refunds for a client" is "client refund"."""
    found = telling(query) or _words(query)
    stems = {word.text if word.is_gram else analysis.terms(word.text, _language(query))[0] for word in found}
    return " ".join(sorted(stems))


def telling(query: str) -> list[Token]:
    """The words of a query that say something, in their order."""
    language = _language(query)
    return [word for word in _words(query) if word.is_gram or not analysis.is_stopped(word.text, language)]


def _words(query: str) -> list[Token]:
    return list(islice(analysis.tokens(query[:LONGEST]), MOST_WORDS))


@lru_cache(4096)
def _language(query: str) -> str:
    """The language of which a query has most little words; English where there are as many or none."""
    words = [analysis.fold(word.text) for word in analysis.tokens(query[:LONGEST]) if not word.is_gram]
    languages = ("en", *sorted(analysis.STEMMED - {"en"}))
    return max(languages, key=lambda each: sum(word in analysis.stop_words(each) for word in words))
