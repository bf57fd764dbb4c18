"""Words that mean the same, as those who curate write them down: one group to a line, and every word of it finds the others."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Table, table_of
from knowledge.errors import Conflict, Problem, refuse
from knowledge.people import Act, Viewer, require
from knowledge.search.spoken import spoken, stemmed

MOST_GROUPS = 500
MOST_WORDS = 12
LONGEST = 60
CHANGED = "Synonyms"
"""What the change log says when the list is another."""

Group = tuple[str, ...]
Synonyms = Mapping[str, Group]
"""From a word as `spoken`, and from its English stem, to all words of its group."""


class Synonym(Table, table=True):
    """One word, or a few that belong together, on its line of the list."""

    __tablename__ = "synonym"

    word: str = Field(primary_key=True, max_length=LONGEST)
    line: int
    place: int


_s = table_of(Synonym).c


def expansions(known: Synonyms, word: str) -> Group:
    """The other words that mean the same as a word of a query, or as a few that follow one another; some of them are phrases, with
    spaces. Pure, and a dictionary's look-up or two.
    """
    said = spoken(word)
    stem = stemmed(said)
    group = known.get(said) or known.get(stem) or ()
    return tuple(each for each in group if stemmed(spoken(each)) != stem)


def indexed(groups: Iterable[Group]) -> Synonyms:
    """The groups by each of their words, as `spoken`, and by its English stem; a whole word goes before a stem."""
    whole = {spoken(word): group for group in groups for word in group}
    return {stemmed(word): group for word, group in whole.items()} | whole


def groups(session: Session) -> list[Group]:
    """The list, line by line, in one statement."""
    lines: dict[int, list[str]] = {}
    for row in session.connection().execute(select(_s.line, _s.word).order_by(_s.line, _s.place)):
        lines.setdefault(row.line, []).append(row.word)
    return [tuple(words) for words in lines.values()]


def current(session: Session) -> Synonyms:
    """What `expansions` looks up, read anew in one statement: keep it for as long as `version` stays the same."""
    return indexed(groups(session))


def text_of(lines: Iterable[Group]) -> str:
    """The list as it is written: a group to a line, its words with commas between."""
    return "\n".join(", ".join(words) for words in lines)


def version(lines: Iterable[Group]) -> str:
    """Tells one state of the list from another."""
    return hashlib.sha256(text_of(lines).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Written:
    """The list as it is now: its text, and what tells this state of it from another."""

    text: str
    version: str


def as_written(session: Session, viewer: Viewer) -> Written | None:
    """The list as those who curate read and change it; None for all others."""
    return _now(session) if viewer.may(Act.ENTRIES_CURATE) else None


def _now(session: Session) -> Written:
    lines = groups(session)
    return Written(text_of(lines), version(lines))


def write(session: Session, viewer: Viewer, text: str, *, base: str | None = None) -> Written:
    """Put a list in the place of the one that is there. Refuses NOT_ALLOWED, CONFLICT where `base` is not the version that is there,
    and INVALID with all lines that are wrong.
    """
    require(viewer, Act.ENTRIES_CURATE, doing="change the words that mean the same")
    now = _now(session)
    if base is not None and base != now.version:
        told = "Somebody changed the list meanwhile. Look at it as it is now, and write your change into that."
        raise Conflict(told, "text", current=now)
    lines = _read(text)
    refuse([*_faults(lines)])
    session.connection().execute(delete(table_of(Synonym)))
    rows = [
        {"word": word, "line": number, "place": place}
        for number, (_, words) in enumerate(lines)
        for place, word in enumerate(words)
    ]
    if rows:
        session.connection().execute(insert(table_of(Synonym)), rows)
    written = _now(session)
    activity.record(
        session, viewer.id, "synonyms.written", CHANGED, clock.uid(), moved={"text": (now.text, written.text)}
    )
    return written


def _read(text: str) -> list[tuple[int, Group]]:
    """The lines that say something, with their numbers: lower case, one space, no word twice."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = [" ".join(word.lower().split()) for word in line.split(",")]
        if group := tuple(dict.fromkeys(word for word in words if word)):
            found.append((number, group))
    return found


def _faults(lines: Sequence[tuple[int, Group]]) -> Iterator[Problem]:
    if len(lines) > MOST_GROUPS:
        yield Problem("text", f"The list has at most {MOST_GROUPS} lines.")
        return
    seen: dict[str, int] = {}
    for number, words in lines:
        if len(words) < 2:
            yield Problem("text", f"Line {number} has one word: what means the same as it?")
        if len(words) > MOST_WORDS:
            yield Problem("text", f"Line {number} has more than {MOST_WORDS} words.")
        for word in words:
            if len(word) > LONGEST or not any(map(str.isalnum, word)):
                yield Problem("text", f"Line {number}: “{word[:LONGEST]}” is no word of at most {LONGEST} characters.")
            elif (before := seen.setdefault(word, number)) != number:
                yield Problem("text", f"“{word}” stands on line {before} and on line {number}: join these lines.")
