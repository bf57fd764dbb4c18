"""How a document is laid out in Whoosh: one combined field for words, facts as terms of their own, and small columns."""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.formats import Existence, Positions

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
FACTS = (*Facet, REACH, AUTHOR)

# Between the parts of an entry, so that no phrase runs from one into the next.
GAP = 8

Placed: TypeAlias = tuple[str, int]
Posting: TypeAlias = tuple[bytes, int, float | int, bytes]


_POSITIONS = Positions()


def _no_analyzer(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("Words are analysed before they come here.")


class Words(FieldType):
    """Terms with their positions, analysed before they come here."""

    def __init__(self) -> None:
        super().__init__(Positions(), _no_analyzer, scorable=True)  # type: ignore[arg-type]

    def index(self, value: Iterable[Placed], **_: Any) -> Generator[Posting, Any, None]:
        """What Whoosh writes of each term."""
        places = defaultdict(list)
        for term, place in value:
            places[term].append(place)
        for term, found in places.items():
            yield term.encode(), len(found), float(len(found)), _POSITIONS.encode(found)


class Facts(FieldType):
    """Terms that a document has or has not."""

    def __init__(self) -> None:
        super().__init__(Existence(), _no_analyzer)  # type: ignore[arg-type]

    def index(self, value: Iterable[str], **_: Any) -> Generator[Posting, Any, None]:
        """What Whoosh writes of each term."""
        for term in set(value):
            yield term.encode(), 1, 1.0, b""


def schema() -> Schema:
    """The fields of the index; whoever changes them raises `folder.FORMAT`."""
    words = {name: Words() for name in (TEXT, TITLE)}
    facts = {str(name): Facts() for name in (RAW, STARTS, LABELS, *FACTS)}
    columns = {
        "uid": COLUMN(VarBytesColumn()),  # type: ignore[no-untyped-call]
        "heading": COLUMN(VarBytesColumn()),  # type: ignore[no-untyped-call]
        "revision": COLUMN(NumericColumn("i", default=-1)),  # type: ignore[no-untyped-call]
        "updated": COLUMN(NumericColumn("q", default=-1)),  # type: ignore[no-untyped-call]
    }
    return Schema(**words, **facts, **columns)


def laid_out(document: Document) -> dict[str, Any]:
    """The values of a document's fields."""
    language = analysis.stem_language(document.language)
    labels = " . ".join(name for label in document.tags for name in (label.name, *label.synonyms))
    title, problem, *rest = (
        tuple(analysis.tokens(text))
        for text in (document.title, document.problem, document.summary, labels, document.body)
    )
    texts = (title, title, problem, problem, *rest)  # a word of title or problem counts twice
    values = {
        TEXT: placed(texts, language),
        TITLE: list(_every(title, language)),
        RAW: {analysis.fold(token.text) for text in texts for token in text if not token.is_gram},
        STARTS: {analysis.fold(token.text) for token in title},
        LABELS: [line for label in document.tags for line in label_lines(label)],
        REACH: list(_seen_by(document)),
        AUTHOR: {analysis.fold(token.text) for name in document.authors for token in analysis.tokens(name)},
        Facet.KIND: [document.kind],
        Facet.TAG: [label.slug for label in document.tags],
        Facet.FUNCTION: document.functions,
        Facet.STAGE: document.stages,
        Facet.FRESHNESS: [document.freshness],
        Facet.LANGUAGE: [document.language],
        Facet.AUDIENCE: [document.audience],
        "uid": document.uid.bytes,
        "heading": document.title.encode(),
        "revision": document.revision,
        "updated": microseconds(document.updated_at),
    }
    return {str(name): value for name, value in values.items()}


def placed(texts: Iterable[Iterable[analysis.Token]], language: str) -> list[Placed]:
    """The terms of several texts in one field, stop words left out and not counted in the positions."""
    found: list[Placed] = []
    place = 0
    for text in texts:
        for token in text:
            if token.is_gram:
                found.append((token.text, place))
            elif not analysis.is_stopped(token.text, language):
                found += ((term, place) for term in analysis.terms(token.text, language))
            else:
                continue
            place += 1
        place += GAP
    return found


def _every(text: Iterable[analysis.Token], language: str) -> Iterator[Placed]:
    for place, token in enumerate(text):
        for term in (token.text,) if token.is_gram else analysis.terms(token.text, language):
            yield term, place


def label_lines(label: Label) -> Iterator[str]:
    """A tag under each word of its name and of its synonyms, as `folded rest of them TAB slug TAB name`.

    A synonym as a whole has a tab more at its end, since it does not look like the name.
    """
    for text in (label.name, *label.synonyms):
        words = analysis.fold(text).split()
        for place in range(len(words)):
            whole = () if place or text == label.name else ("",)
            yield "\t".join((" ".join(words[place:]), label.slug, label.name, *whole))


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
