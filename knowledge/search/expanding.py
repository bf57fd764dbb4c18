"""Finds which words of a query have others that mean the same: by the list of those who curate, and by the names of tags."""

from collections.abc import Iterator, Sequence
from itertools import product

from knowledge.search import fields
from knowledge.search.analysis import Token, fold
from knowledge.search.matching import Matching, query_tokens
from knowledge.search.query import Clause, Field, Role
from knowledge.search.segments import Seen
from knowledge.search.spoken import is_same, spoken, stemmed
from knowledge.search.synonyms import Synonyms, expansions
from knowledge.search.tagwords import line
from knowledge.search.together import Key, Other, Together

LONGEST = 6
"""Words of a query that are looked up as one."""
MOST = 128
"""Words of one query that are added; from then on its words stand alone."""
BROAD = 0.25
"""A tag's word that more than this share of the entries within reach say stands for nothing: who asks for "refund" does not mean
"customer".
"""


def expand(matching: Matching, known: Synonyms) -> None:
    """Add to the plan of a query what means the same as its words.

    Quotes, signs and fields ask for the very word: what stands for it may score, and is never what was required. Of tags only what
    an entry within reach has counts, so that nobody finds by a word that they could not have read.
    """
    if matching.says_nothing:
        return
    if not known and not matching.snapshot.tag_words.slugs:
        return
    plan = matching.plan
    text = " ".join(clause.text for clause in matching.clauses if _is_plain(clause))
    tokens = query_tokens(text)
    taken: set[Key] = set()
    at = added = 0
    while at < len(tokens) and added < MOST:
        for count in range(min(LONGEST, len(tokens) - at), 0, -1):
            said = tokens[at : at + count]
            keys = tuple(key for key in _keys(matching, said) if key in plan.scored and key not in taken)
            if keys and (others := tuple(_others(matching, text[said[0].start : said[-1].end], known))):
                plan.alike.append(Together(fold(text[said[0].start : said[-1].end]), keys, others))
                plan.words += [other.word for other in others]
                added += len(others)
                taken.update(keys)
                break
        at += count


def _is_plain(clause: Clause) -> bool:
    is_word = clause.field is Field.TEXT and clause.role is not Role.NONE
    return is_word and not clause.is_phrase and not clause.is_prefix


def _keys(matching: Matching, said: Sequence[Token]) -> Iterator[Key]:
    return ((fields.TEXT, matching.terms(token)) for token in said)


def _others(matching: Matching, text: str, known: Synonyms) -> Iterator[Other]:
    listed = expansions(known, text)
    for word in dict.fromkeys((*listed, *_by_tags(matching.seen, text))):
        sequences = (tuple(matching.sequence(word, language, fields.TEXT)) for language in matching.languages)
        other = Other(word, tuple(dict.fromkeys(sequence for sequence in sequences if sequence)))
        if other.sequences and not _is_asked(matching, other) and (word in listed or not _is_broad(matching, other)):
            yield other


def _is_asked(matching: Matching, other: Other) -> bool:
    """Whether the query says the other word as well: then it counts for itself."""
    terms = {term for sequence in other.sequences if len(sequence) == 1 for term in sequence[0]}
    return any(terms.intersection(wanted.terms) for wanted in matching.plan.scored.values())


def _is_broad(matching: Matching, other: Other) -> bool:
    most = BROAD * matching.seen.size
    return any(all(_are_more(matching.seen, forms, most) for forms in sequence) for sequence in other.sequences)


def _are_more(seen: Seen, forms: Sequence[str], most: float) -> bool:
    """Whether more entries within reach have a word; they are counted only where so many have it at all."""
    if sum(seen.snapshot.frequency(fields.TEXT, term) for term in forms) <= most:
        return False
    return sum(seen.count(fields.TEXT, term) for term in forms) > most


def _by_tags(seen: Seen, text: str) -> Iterator[str]:
    """The names and synonyms of tags that this is a name or a synonym of, as entries within reach have them."""
    tag_words = seen.snapshot.tag_words
    for slug in sorted(tag_words.slugs.get(stemmed(spoken(text)), ())):
        names, synonyms = tag_words.words[slug]
        worn = [
            (name, synonym)
            for name, synonym in product(sorted(names), sorted(synonyms))
            if seen.has(fields.LABELS, line(slug, name, synonym))
        ]
        words = dict.fromkeys(word for each in worn for word in each)
        if any(is_same(word, text) for word in words):
            yield from (word for word in words if not is_same(word, text))
