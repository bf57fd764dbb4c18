"""What of a document is searched: one combined field for words, and facts as terms of their own."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias
from zlib import crc32

from knowledge.search import analysis
from knowledge.search.index import Document, Facet, Label, Reach
from knowledge.words import Audience

TEXT = "text"
TITLE = "title"
RAW = "raw"  # every word as it is written, for spelling and prefixes
STARTS = "starts"  # the words of titles as they are written, for suggestions
LABELS = "labels"
REACH = "reach"
AUTHOR = "author"
UID = "uid"
HEADING = "heading"
FOLDED = "folded"  # the heading, as it is compared with what is typed
SIGNALS = "signals"  # what is known beside the text, as `signals.code`
CALLED = "called"  # the title as a number, as `called`
FACTS = (*Facet, REACH, AUTHOR)
SAID = (TEXT, TITLE)
HAD = (RAW, STARTS, LABELS, UID, *FACTS)

# Between the parts of an entry, so that no phrase runs from one into the next.
GAP = 8

Placed: TypeAlias = tuple[str, int]


def texts(document: Document) -> tuple[str, ...]:
    """What words are taken from, the title and the problem first."""
    labels = " . ".join(name for label in document.tags for name in (label.name, *label.synonyms))
    return document.title, document.problem, document.summary, labels, document.body


def facts(document: Document) -> dict[str, Iterable[str]]:
    """The terms that a document has, by field."""
    return {
        LABELS: [line for label in document.tags for line in label_lines(label)],
        REACH: _seen_by(document),
        AUTHOR: [analysis.fold(token.text) for name in document.authors for token in analysis.tokens(name)],
        Facet.KIND: [document.kind],
        Facet.TAG: [label.slug for label in document.tags],
        Facet.FUNCTION: document.functions,
        Facet.STAGE: document.stages,
        Facet.FRESHNESS: [document.freshness],
        Facet.LANGUAGE: [document.language],
        Facet.AUDIENCE: [document.audience],
    }


def called(text: str) -> int:
    """A number that titles have in common that are the same word for word; 0 for those without words."""
    folded = analysis.fold(text)
    words = [token.text for token in analysis.tokens(folded)] if analysis.has_grams(folded) else analysis.words(folded)
    return crc32(" ".join(words).encode())


def placed(texts: Iterable[Iterable[analysis.Token]], language: str) -> list[Placed]:
    """The terms of several texts in one field, stop words left out and not counted in the positions."""
    found: list[Placed] = []
    place = 0
    for text in texts:
        for token in text:
            if token.is_gram:
                found.append((token.text, place))
            elif not analysis.is_stopped(token.text, language):
                found += ((term, place) for term in analysis.kept(token.text, language))
            else:
                continue
            place += 1
        place += GAP
    return found


@lru_cache(1 << 14)
def label_lines(label: Label) -> tuple[str, ...]:
    """A tag under each word of its name and of its synonyms, as `folded rest of them TAB slug TAB name`.

    A synonym as a whole has a tab more at its end, since it does not look like the name.
    """
    lines = []
    for text in (label.name, *label.synonyms):
        words = analysis.fold(text).split()
        for place in range(len(words)):
            whole = () if place or text == label.name else ("",)
            lines.append("\t".join((" ".join(words[place:]), label.slug, label.name, *whole)))
    return tuple(lines)


def _seen_by(document: Document) -> Iterator[str]:
    # GROUP is no audience that anyone is in as such: those entries are reached by their groups alone.
    if document.audience == Audience.GROUP:
        yield from (f"group:{group}" for group in document.groups)
    else:
        yield f"audience:{document.audience}"
    yield from (f"person:{person}" for person in document.people)


def reached(reach: Reach) -> list[str]:
    """The terms of the reach field, any of which lets a viewer see an entry."""
    found = [f"audience:{audience}" for audience in reach.audiences] + [f"group:{group}" for group in reach.groups]
    return found if reach.person is None else [*found, f"person:{reach.person}"]


def microseconds(moment: datetime) -> int:
    """The moment as a number that sorts."""
    return round(moment.timestamp() * 1_000_000)
