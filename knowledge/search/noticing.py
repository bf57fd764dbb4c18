"""Says which parts of a query were not read as they may have been meant; whoever sees nothing of it loses nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from re import Match

from knowledge.search import analysis, query
from knowledge.search.edits import edits
from knowledge.search.index import Index, Reach
from knowledge.search.query import Clause, Field, Role
from knowledge.words import Kind, NoteReason

MOST = 5
FIELDS = tuple(field for field in Field if field is not Field.TEXT)
CALLED = {"type": Field.KIND, "by": Field.AUTHOR, "label": Field.TAG, "since": Field.AFTER, "until": Field.BEFORE}
"""What others call our fields."""
FILTERS = {"lang": "language", **{name: name for name in ("language", "stage", "function", "audience", "freshness")}}
"""What is chosen among the filters and not typed, by what people type."""
SHORT = 5  # letters below which a name of one edit is another's; above two are
DATES = (Field.BEFORE, Field.AFTER)


@dataclass(frozen=True, slots=True)
class Note:
    """What of a query it is about, why, and a sentence for whoever typed it."""

    text: str
    reason: NoteReason
    message: str


def notes(index: Index, asked: str, reach: Reach, *, is_little: bool) -> list[Note]:
    """At most five. Of tags it says no more than a search within the same reach does, which is what it costs."""
    clauses = query.read(asked)
    found = [_whole(asked, clauses, is_little=is_little), _cut(asked), _impossible(clauses), _brackets(asked)]
    parts = (_part(index, reach, match) for match in query.parts(asked))
    quote = () if query.is_sentence(asked) else _open_quote(asked)
    every = (note for note in (*found, *quote, *parts) if note is not None)
    return list(islice(dict.fromkeys(every), MOST))


def _whole(asked: str, clauses: tuple[Clause, ...], *, is_little: bool) -> Note | None:
    text = asked.strip()
    if text and not clauses:
        return Note(text, NoteReason.NO_WORDS, "There are only signs here. Type a word or two.")
    if clauses and all(clause.role is Role.NONE for clause in clauses):
        told = "This says only what to leave out, so everything else is listed."
        return Note(text, NoteReason.ONLY_WITHOUT, told)
    if is_little and any(clause.field is Field.TEXT and not clause.is_prefix for clause in clauses):
        told = "Words like these are in nearly every text, so only titles were searched for them."
        return Note(text, NoteReason.LITTLE_WORDS, told)
    return None


def _cut(asked: str) -> Note | None:
    if not query.is_cut(asked):
        return None
    said = [match for match in query.parts(asked) if analysis.has_words(match[0])]
    told = f"Only the first {query.MOST_WORDS} words were searched for."
    return Note(asked[said[query.MOST_WORDS].start() :], NoteReason.TOO_MANY_WORDS, told)


def _brackets(asked: str) -> Note | None:
    if query.is_sentence(asked) or not query.BETWEEN & set(re.split(r"[\s()]+", asked)):
        return None
    if (match := re.search(r"\(.*\)", asked)) is None:
        return None
    return Note(
        match[0], NoteReason.BRACKETS, "Brackets mean nothing here: AND, OR and NOT are about the words next to them."
    )


def _open_quote(asked: str) -> Iterator[Note]:
    whole = asked[: query.LONGEST].translate(query.QUOTES)
    place = whole.rfind('"')
    opens = place >= 0 and whole.count('"') % 2 and (place == 0 or not whole[place - 1].isalnum())
    if opens and analysis.has_words(whole[place:]):
        told = "A closing quotation mark is missing, so these were searched for as single words."
        yield Note(asked[place:].strip(), NoteReason.OPEN_QUOTE, told)


def _part(index: Index, reach: Reach, match: Match[str]) -> Note | None:
    value = match["phrase"] or (match["word"] or "").strip('"')
    name = (match["field"] or "").lower()
    if not name:
        return _empty(match[0], value)
    if not analysis.has_words(value):
        return None
    clause = query.understood(name, value)
    if clause is None:
        return _misread(match[0], name, value)
    if clause.field is Field.TAG and not index.search(f'tag:"{value}"', reach, count=1).total:
        told = f"Nothing that you may read has the tag “{value}”."
        return Note(match[0], NoteReason.UNKNOWN_TAG, told)
    return None


def _empty(text: str, value: str) -> Note | None:
    name = value.removesuffix(":").lower()
    if not value.endswith(":") or name not in FIELDS:
        return None
    example = {Field.KIND: "practice", Field.BEFORE: "2026-03", Field.AFTER: "2026-03"}.get(Field(name), "refund")
    told = f"Write what you want right behind the colon, without a space: {name}:{example}"
    return Note(text, NoteReason.EMPTY_FIELD, told)


def _misread(text: str, name: str, value: str) -> Note | None:
    if name in DATES:
        told = f"“{value}” is no date, so it was searched for as a word. Dates are 2026, 2026-03 or 2026-03-15."
        return Note(text, NoteReason.NO_DATE, told)
    if name == Field.KIND:
        told = f"“{value}” is no kind, so it was searched for as a word. Kinds are {', '.join(_kinds(value))}."
        return Note(text, NoteReason.UNKNOWN_KIND, told)
    if name in FILTERS:
        told = f"There is no field “{name}”, so it was searched for as a word. Choose the {FILTERS[name]} among the filters."
        return Note(text, NoteReason.UNKNOWN_FIELD, told)
    if meant := CALLED.get(name) or _nearest(name):
        told = (
            f"There is no field “{name}”, so it was searched for as a word. Perhaps you meant {meant}:{_quoted(value)}"
        )
        return Note(text, NoteReason.UNKNOWN_FIELD, told)
    return None


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _kinds(value: str) -> list[str]:
    """What may stand after `kind:`, the nearest first."""
    names = [kind.lower().rpartition("_")[2] for kind in Kind]
    distances = dict(zip(names, edits(analysis.fold(value), names).tolist(), strict=True))
    return sorted(names, key=lambda name: (not name.startswith(value.lower()), distances[name]))


def _nearest(name: str) -> str | None:
    distances = dict(zip(FIELDS, edits(name, FIELDS).tolist(), strict=True))
    nearest = min(FIELDS, key=lambda each: distances[each])
    return nearest if distances[nearest] <= (1 if len(name) < SHORT else 2) else None


def _impossible(clauses: tuple[Clause, ...]) -> Note | None:
    """Two conditions of which at most one is ever true, if there are such."""
    for clause in clauses:
        for other in clauses:
            if _exclude(clause, other):
                told = f"{_told(clause)} and {_told(other)} are never both true, so nothing is found."
                return Note(f"{_told(clause)} {_told(other)}", NoteReason.IMPOSSIBLE, told)
    return None


def _exclude(clause: Clause, other: Clause) -> bool:
    if clause.moment is not None and other.moment is not None:
        return _is_lower(clause) and not _is_lower(other) and other.moment <= clause.moment
    same = (clause.field, analysis.fold(clause.text)) == (other.field, analysis.fold(other.text))
    return same and clause.role is Role.EVERY and other.role is Role.NONE and not clause.is_prefix


def _is_lower(clause: Clause) -> bool:
    """Whether a date says what is the earliest that is wanted, rather than the latest."""
    return (clause.field is Field.AFTER) is (clause.role is not Role.NONE)


def _told(clause: Clause) -> str:
    sign = "-" if clause.role is Role.NONE else ""
    name = "" if clause.field is Field.TEXT else f"{clause.field}:"
    return f"{sign}{name}{clause.text.lower() if clause.field is Field.KIND else clause.text}"
