"""Computes the vectors that an index lacks, a few entries at a time: broken off, it goes on where it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from knowledge.database import Database
from knowledge.meaning.understanding import Meaning
from knowledge.search import documents
from knowledge.search.embedded import EmbeddedIndex

BATCH = 20
"""Entries that are read and written at a time: a second or two of one core."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the entries that can be understood are."""

    done: int
    total: int


class Learning:
    """The vectors of an installation."""

    def __init__(self, database: Database, index: EmbeddedIndex, meaning: Meaning) -> None:
        self._database = database
        self._index = index
        self._meaning = meaning

    def load(self) -> None:
        """Load the model now, so that no search has to wait for it; raises `Unusable` where that cannot be."""
        self._meaning.encoder.load()

    def progress(self) -> Progress:
        """How far it is."""
        lacking, total = self._meaning.lacking(self._index.snapshot())
        return Progress(total - len(lacking), total)

    def learn(self, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Compute those of a few entries, the latest first; whether any were. One thread of all processes does it at a time."""
        with self._meaning.writing():
            snapshot = self._index.snapshot()
            lacking, _ = self._meaning.lacking(snapshot)
            if is_stopping():
                return False
            if lacking:
                return self._learned(dict(islice(lacking.items(), BATCH)), is_stopping)
            if (
                self._meaning.is_untidy() and self._index.cursor()
            ):  # an index that was lost is empty, and everything would look forgotten
                self._meaning.tidy(snapshot)
            return False

    def learn_all(self, told: Callable[[int, int], None]) -> int:
        """Compute all that are lacking; `told` hears how many of how many are there. Answers how many there are in the end."""
        while self.learn():
            now = self.progress()
            told(now.done, now.total)
        return self.progress().done

    def _learned(self, revisions: Mapping[UUID, int], is_stopping: Callable[[], bool]) -> bool:
        """What the rows have in another revision by now waits for the index."""
        with self._database.reading() as session:
            found = documents.by_uids(session, revisions)
        current = [document for document in found if document.revision == revisions[document.uid]]
        return self._meaning.learn(current, is_stopping) > 0
