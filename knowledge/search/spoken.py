"""How words are looked up that mean the same: by what is spoken of them, and by their English stems."""

from functools import lru_cache

from knowledge.search import analysis


@lru_cache(1 << 14)
def spoken(text: str) -> str:
    """The words of a text folded, with spaces between, whatever stands between them."""
    return " ".join(analysis.fold(token.text) for token in analysis.tokens(text))


@lru_cache(1 << 14)
def stemmed(said: str) -> str:
    """The English stems of what is spoken; what is no English stays much as it is."""
    return " ".join(analysis.terms(word, "en")[0] for word in said.split())


def is_same(one: str, other: str) -> bool:
    """Whether two differ in their endings at most."""
    return stemmed(spoken(one)) == stemmed(spoken(other))
