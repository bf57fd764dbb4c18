"""What a question means beside its words: whether it can be understood at all, and which entries say the same."""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import numpy as np

from knowledge.meaning import fusion
from knowledge.meaning.chunks import Chunk, Chunks, Encoded
from knowledge.meaning.encoder import Encoder, Vector
from knowledge.meaning.fusion import Fused
from knowledge.meaning.nearest import Near, Places, keys_of
from knowledge.search import analysis, fields
from knowledge.search.folder import locked
from knowledge.search.index import Document
from knowledge.search.matching import Matching
from knowledge.search.postings import Numbers
from knowledge.search.query import Field, Role
from knowledge.search.ranking import best
from knowledge.search.scoring import Scores
from knowledge.search.segments import Mask, Snapshot
from knowledge.search.weighing import Weighed

TEXTS = (Field.TEXT, Field.TITLE)
ENOUGH = 500
"""Passages after which they are written, however many entries are left."""
TITLES = 100
"""So many of the best by words are looked at for a title that is what was asked, word for word."""
LONGEST_TITLE = 16
"""Words; a longer question is no title."""


class Meaning:
    """The vectors of one model beside an index. Entries whose vectors are not there yet are found by their words."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Vectors of another model that are in the folder are dropped when the first of this one are written."""
        self.encoder = encoder
        self._folder = folder
        self._chunks = Chunks(folder / encoder.id)
        self._places = Places()
        self._looking = threading.Lock()
        self._near: Near | None = None

    def joined(
        self, matching: Matching, scores: Scores, found: Mask, allowed: Mask, weighed: Weighed | None = None
    ) -> Fused | None:
        """What words and meaning find together among the documents that are allowed; None where words alone answer."""
        chunks = self._chunks.all()
        text = asked(matching) if chunks else ""
        if not text:
            return None
        near = self._newest(matching.snapshot, chunks)
        for condition in matching.conditions():
            allowed = allowed & condition
        few = sum(wanted.times for wanted in matching.plan.scored.values()) <= fusion.FEW
        return fusion.fused(
            scores,
            found,
            near.best(self.encoder.query(text), allowed, fusion.DEPTH),
            weight=fusion.WEIGHT_OF_FEW if few else fusion.WEIGHT,
            has_vectors=near.has_vectors,
            first=_called(matching.snapshot, text, scores, found),
            version=chunks[-1].name.partition("-")[0],
            factors=weighed.factors() if weighed else None,
        )

    def lacking(self, snapshot: Snapshot) -> tuple[dict[UUID, int], int]:
        """The revisions of English entries without vectors, what was updated last first, and how many English entries there are."""
        near = self._newest(snapshot, self._chunks.all())
        wanted = near.is_english & snapshot.live
        numbers = np.flatnonzero(wanted & ~near.has_vectors)
        numbers = numbers[np.argsort(-snapshot.updated[numbers], kind="stable")]
        revisions = {snapshot.uid(number): int(snapshot.revisions[number]) for number in numbers.tolist()}
        return revisions, int(np.count_nonzero(wanted))

    def writing(self) -> AbstractContextManager[None]:
        """Keeps out whoever else learns or tidies, in other processes as well."""
        return locked(self._folder / "writing.lock")

    def learn(self, documents: Iterable[Document], is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Compute the vectors of these entries and keep them; answers of how many. The caller keeps other writers out.

        Whoever stops it waits for one passage, and an entry that is not done is left for the next time.
        """
        done: list[Encoded] = []
        for document in documents:
            vectors: list[Vector] = []
            for passage in self._passages(document):
                if is_stopping():
                    break
                vectors.append(self.encoder.encoded(passage))
            else:
                done.append(Encoded(document.uid, document.revision, vectors))
            if is_stopping() or sum(len(entry.vectors) for entry in done) > ENOUGH:
                break
        self._chunks.add(done)
        return len(done)

    def is_untidy(self) -> bool:
        """Whether there are many small files, or some of another model."""
        return self._chunks.is_crowded() or any(self._others())

    def tidy(self, snapshot: Snapshot) -> None:
        """Put small files together and drop what no commit needs any more; the caller keeps other writers out."""
        for other in self._others():
            shutil.rmtree(other, ignore_errors=True)
        keys = [keys_of(part.segment)[part.live] for part in snapshot.parts]
        if keys:
            self._chunks.tidy(np.concatenate(keys))

    def _others(self) -> list[Path]:
        return [each for each in self._folder.iterdir() if each.is_dir() and each.name != self.encoder.id]

    def _passages(self, document: Document) -> Iterator[list[int]]:
        text = "\n".join(each for each in (document.problem, document.summary, document.body) if each)
        return self.encoder.passages(document.title, text)

    def _newest(self, snapshot: Snapshot, chunks: Sequence[Chunk]) -> Near:
        with self._looking:
            near = self._near
            if near is None or near.snapshot is not snapshot or near.chunks != chunks:
                near = self._near = Near(snapshot, chunks, self._places)
            return near


def asked(matching: Matching) -> str:
    """The question as it is put to the model; empty where words alone answer: for beginnings of words, titles by field, words that
    say nothing, and other languages.
    """
    texts = [clause for clause in matching.clauses if clause.role is not Role.NONE and clause.field in TEXTS]
    if matching.says_nothing or any(clause.is_prefix or clause.field is Field.TITLE for clause in texts):
        return ""
    text = " ".join(clause.text for clause in texts)
    return text if _is_english(matching, text) else ""


def _is_english(matching: Matching, text: str) -> bool:
    """Whether no other language explains more of the small words, and fewer of the others seem foreign than are known in English.

    Words that nobody knows count for neither: hardly anything comes near typing errors and other languages.
    """
    tokens = list(analysis.tokens(text))
    if any(token.is_gram for token in tokens):
        return False
    stopped = {
        language: sum(analysis.is_stopped(token.text, language) for token in tokens) for language in analysis.STEMMED
    }
    telling = [token.text for token in tokens if not analysis.is_stopped(token.text, "en")]
    known = [word for word in telling if _is_said(matching, word, "en")]
    foreign = sum(_is_foreign(matching, word) for word in telling if word not in known)
    return stopped["en"] == max(stopped.values()) and bool(telling) and (not foreign or foreign < len(known))


def _is_foreign(matching: Matching, word: str) -> bool:
    return word != analysis.fold(word) or any(_is_said(matching, word, language) for language in matching.languages)


def _is_said(matching: Matching, word: str, language: str) -> bool:
    """Whether any document within reach says a word in a language."""
    return any(matching.seen.has(fields.TEXT, term) for term in analysis.terms(word, language))


def _called(snapshot: Snapshot, text: str, scores: Scores, found: Mask) -> Numbers:
    """The entries whose title is the question, word for word."""
    wanted = analysis.words(analysis.fold(text))
    if len(wanted) > LONGEST_TITLE:
        return np.empty(0, np.int64)
    numbers = np.flatnonzero(found)
    chosen = best([lambda at: scores[at], lambda at: -at], numbers, TITLES)
    titles = [analysis.words(analysis.fold(snapshot.heading(number))) for number in chosen.tolist()]
    return chosen[np.array([title == wanted for title in titles], np.bool_)]
