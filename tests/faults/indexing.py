"""What the process does that writes an index until it is killed: the same few entries anew in every commit, all of one revision."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from knowledge.search.embedded import EmbeddedIndex
from knowledge.search.index import Document, Reach
from knowledge.words import Audience, Kind

ENTRIES = 7
REBUILT_EVERY = 9


def write_until_killed(folder: Path, line: Connection) -> None:
    """Say each revision when its commit is there; every so often the whole index is built anew."""
    index = EmbeddedIndex(folder)
    line.send(("opened", index.trouble, index.cursor()))
    for revision in count(int(index.cursor() or 0) + 1):
        if revision % REBUILT_EVERY:
            index.apply(entries(revision), (), str(revision))
        else:
            index.replace(entries(revision), str(revision))
        line.send(("wrote", "", str(revision)))


def read_until_told(folder: Path, line: Connection) -> None:
    """Search without pause until a word comes, and once more; say how many commits were seen, and what was not one whole commit."""
    index, seen, wrong = EmbeddedIndex(folder), set[int](), list[str]()
    line.send("reading")
    is_told = False
    while not is_told:
        is_told = line.poll()
        revisions = list(index.known().values())
        hits = index.search("steady", Reach(everything=True))
        if len(set(revisions)) != 1 or len(revisions) != ENTRIES or hits.total != ENTRIES or index.trouble:
            wrong.append(f"{revisions} {hits.total} {index.trouble}")
        seen.update(revisions)
    line.send((len(seen), max(seen), wrong))


def entries(revision: int) -> Iterable[Document]:
    """Every entry in one revision, which its text says too."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(ENTRIES):
        yield Document(
            uid=UUID(int=number),
            revision=revision,
            kind=Kind.GUIDE,
            title=f"Entry {number}",
            body=f"steady revision{revision}",
            audience=Audience.PUBLIC,
            updated_at=moment,
            published_at=moment,
        )
