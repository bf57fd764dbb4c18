"""Gathers documents for one segment: each word becomes a number when it is first met, and all the rest is done at once in the end."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from knowledge.search import analysis, fields, postings, signals
from knowledge.search.arrays import Array, narrow
from knowledge.search.index import Document
from knowledge.search.postings import Numbers

BREAK = 0
"""Stands between the texts of an entry."""

NONE = -1

Arrays: TypeAlias = dict[str, Array]


class Ids(dict[bytes, int]):
    """Numbers terms in the order in which they are met."""

    def __missing__(self, term: bytes) -> int:
        self[term] = number = len(self)
        return number


class Lexicon:
    """What is known of every word as it is written: its terms (three at most), what it is folded, and whether it is a stop word."""

    def __init__(self) -> None:
        self.terms, self.written = Ids(), Ids()
        self._columns = [array("i", [NONE]) for _ in range(4)]
        self._flags = [bytearray(b"\1"), bytearray(b"\1")]
        self._count = 1
        self._words: dict[str, Words] = {}
        self._grams: dict[str, int] = {}

    def coded(self, text: str, language: str) -> list[int]:
        """The words of a text as codes, in order."""
        words = self._words.get(language)
        if words is None:
            words = self._words[language] = Words(self, language)
        if not analysis.has_grams(text):
            return list(map(words.__getitem__, analysis.words(text)))
        return [self._gram(token.text) if token.is_gram else words[token.text] for token in analysis.tokens(text)]

    def added(self, terms: Sequence[str], folded: str, *, stopped: bool = False, gram: bool = False) -> int:
        """A new code."""
        ids = *(self.terms[term.encode()] for term in terms), NONE, NONE, NONE
        for column, value in zip(self._columns, (self.written[folded.encode()], *ids[:3]), strict=True):
            column.append(value)
        for flags, flag in zip(self._flags, (stopped, gram), strict=True):
            flags.append(flag)
        self._count += 1
        return self._count - 1

    def columns(self) -> tuple[Array, list[Array]]:
        """By code: the word folded, and its terms; columns that no word fills are left out."""
        written, first, *others = (np.array(column, np.int32) for column in self._columns)
        return written, [first, *(column for column in others if (column != NONE).any())]

    def is_stopped(self) -> Array:
        """By code: whether the word says nothing; `BREAK` says nothing either."""
        return np.array(self._flags[0], np.bool_)

    def is_gram(self) -> Array:
        """By code: whether it is characters of a script without spaces, or `BREAK`."""
        return np.array(self._flags[1], np.bool_)

    def _gram(self, text: str) -> int:
        if text not in self._grams:
            self._grams[text] = self.added((text,), text, gram=True)
        return self._grams[text]


class Words(dict[str, int]):
    """The codes of words of one language."""

    def __init__(self, lexicon: Lexicon, language: str) -> None:
        super().__init__()
        self._lexicon = lexicon
        self._language = language

    def __missing__(self, written: str) -> int:
        word = analysis.lower(written)
        terms = analysis.kept(word, self._language)
        stopped = analysis.is_stopped(word, self._language)
        self[written] = code = self._lexicon.added(terms, analysis.fold(word), stopped=stopped)
        return code


class Facts:
    """A field whose terms a document has or has not."""

    def __init__(self) -> None:
        self.ids = Ids()
        self._terms, self._documents = array("i"), array("i")

    def add(self, document: int, terms: Iterable[str]) -> None:
        """A document that has these."""
        self.add_bytes(document, (term.encode() for term in terms))

    def add_bytes(self, document: int, terms: Iterable[bytes]) -> None:
        """The same for terms that are bytes."""
        for term in terms:
            self._terms.append(self.ids[term])
            self._documents.append(document)

    def arrays(self, name: str, size: int) -> Arrays:
        """The arrays of the field."""
        pairs = np.array(self._terms, np.int32), np.array(self._documents, np.int32)
        return postings.having(name, list(self.ids), *pairs, size)


class Gathering:
    """Documents on their way into one segment; a uid may be among them once."""

    def __init__(self) -> None:
        self.size = 0
        self._lexicon = Lexicon()
        self._stream = array("i")
        self._lengths, self._titles = array("i"), array("i")
        self._joined = {name: (array("i"), array("i")) for name in (fields.RAW, fields.STARTS)}
        self._facts = {name: Facts() for name in (*fields.FACTS, fields.LABELS, fields.UID)}
        self._moments, self._revisions = array("q"), array("q")
        self._signals, self._called = array("B"), array("L")
        self._headings: list[bytes] = []
        self._folded: list[bytes] = []

    def add(self, document: Document) -> None:
        """One more; its number is the number of those before it."""
        language = analysis.stem_language(document.language)
        texts = fields.texts(document)
        title, *rest = (self._lexicon.coded(text, language) for text in texts)
        self._join(texts[0], fields.RAW, fields.STARTS)
        self._join("\n".join(texts[1:]), fields.RAW)
        before = len(self._stream)
        for codes in (title, title, rest[0], *rest):  # a word of title or problem counts twice
            self._stream.extend(codes)
            self._stream.append(BREAK)
        self._lengths.append(len(self._stream) - before)
        self._titles.append(len(title))
        for name, terms in fields.facts(document).items():
            self._facts[name].add(self.size, terms)
        self._facts[fields.UID].add_bytes(self.size, [document.uid.bytes])
        self._moments.append(fields.microseconds(document.updated_at))
        self._revisions.append(document.revision)
        self._signals.append(signals.code(document))
        self._called.append(fields.called(document.title))
        self._headings.append(document.title.encode())
        self._folded.append(analysis.fold(document.title).encode())
        self.size += 1

    def _join(self, text: str, *names: str) -> None:
        for word in analysis.joined(text):
            id = self._lexicon.written[analysis.fold(word).encode()]
            for name in names:
                ids, documents = self._joined[name]
                ids.append(id)
                documents.append(self.size)

    def arrays(self) -> Arrays:
        """The arrays of the segment."""
        found = self._words()
        for name, facts in self._facts.items():
            found |= facts.arrays(name, self.size)
        uids = np.frombuffer(b"".join(self._facts[fields.UID].ids), ">u8").astype(np.uint64)
        return found | columns(
            updated=np.array(self._moments, np.int64),
            revision=np.array(self._revisions, np.int64),
            signals=np.array(self._signals, np.uint8),
            called=np.array(self._called, np.uint32),
            upper=uids[::2],
            lower=uids[1::2],
            headings=self._headings,
            folded=self._folded,
        )

    def _words(self) -> Arrays:
        stream = np.array(self._stream, np.int32)
        lengths = np.array(self._lengths, np.int32)
        documents = np.repeat(np.arange(self.size, dtype=np.int32), lengths)
        begins = np.cumsum(lengths, dtype=np.int32) - lengths
        within = np.arange(len(stream), dtype=np.int32) - np.repeat(begins, lengths)
        written, columns = self._lexicon.columns()
        is_stopped, is_gram = self._lexicon.is_stopped(), self._lexicon.is_gram()

        steps = np.where(stream == BREAK, np.int8(fields.GAP), ~is_stopped[stream])
        places = np.cumsum(steps, dtype=np.int32) - steps
        places -= np.repeat(places[begins], lengths)
        in_title = within < np.repeat(np.array(self._titles, np.int32), lengths)
        terms, names, size = list(self._lexicon.terms), list(self._lexicon.written), self.size

        def said(name: str, chosen: Array, where: Array) -> Arrays:
            parts = []
            for column in columns:
                ids = column[stream[chosen]]
                there = ids != NONE
                parts.append((ids[there], documents[chosen][there], where[chosen][there]))
            ids, numbers, positions = map(np.concatenate, zip(*parts, strict=True))
            return postings.saying(name, terms, ids, numbers, positions, size)

        def had(name: str, chosen: Array) -> Arrays:
            ids, numbers = (np.array(each, np.int32) for each in self._joined[name])
            ids = np.concatenate([written[stream[chosen]], ids])
            return postings.having(name, names, ids, np.concatenate([documents[chosen], numbers]), size)

        return {
            **said(fields.TEXT, ~is_stopped[stream], places),
            **said(fields.TITLE, in_title, within),
            **had(fields.RAW, ~is_gram[stream]),
            **had(fields.STARTS, in_title),
        }


def gathered(documents: Iterable[Document]) -> Gathering:
    """All of them."""
    gathering = Gathering()
    for document in documents:
        gathering.add(document)
    return gathering


def columns(
    *,
    updated: Numbers,
    revision: Numbers,
    signals: Array,
    called: Array,
    upper: Array,
    lower: Array,
    headings: Sequence[bytes],
    folded: Sequence[bytes],
) -> Arrays:
    """The arrays that have a value for each document; uids are in two halves, since NumPy has no numbers of 128 bits."""
    found: Arrays = {"updated": updated, "revision": revision, "upper": upper, "lower": lower}
    found |= {fields.SIGNALS: signals, fields.CALLED: called}
    for name, texts in ((fields.HEADING, headings), (fields.FOLDED, folded)):
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        found |= {f"{name}.blob": np.frombuffer(b"".join(texts), np.uint8), f"{name}.ends": narrow(ends)}
    return found
