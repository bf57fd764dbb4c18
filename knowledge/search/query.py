"""Reads what someone typed: plain words are OR, and those who know signs and field names may use them. Never refuses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum, auto

from knowledge.search import analysis
from knowledge.words import Kind

LONGEST = 500
MOST_WORDS = 64
SENTENCE = 10  # more words than these outside quotes are prose, where quotes and dashes are punctuation


class Field(StrEnum):
    """Where a clause looks; all but TEXT are typed before a colon."""

    TEXT = auto()
    TITLE = auto()
    TAG = auto()
    KIND = auto()
    AUTHOR = auto()
    BEFORE = auto()
    AFTER = auto()


class Role(StrEnum):
    """What a clause does to the hits."""

    ANY = auto()
    EVERY = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Clause:
    """One word, phrase or field of a query; `moment` is that of BEFORE and AFTER, `text` the value of all others."""

    text: str
    field: Field = Field.TEXT
    role: Role = Role.ANY
    is_phrase: bool = False
    is_prefix: bool = False
    moment: datetime | None = None


_PART = re.compile(r'(?P<sign>[-+]?)(?:(?P<field>[a-zA-Z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+"?))|\S')
QUOTES = str.maketrans("“”„", '"""')
BETWEEN = frozenset({"AND", "OR", "NOT"})
_DATE = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?")


def parts(query: str) -> Iterator[re.Match[str]]:
    """What the first 500 characters fall into: each with its `sign`, `field` and `phrase` or `word`, as far as it has them."""
    return _PART.finditer(query[:LONGEST].translate(QUOTES))


def read(query: str) -> tuple[Clause, ...]:
    """The clauses of the first 500 characters, at most 64; whatever makes no sense is read as words, and signs alone are nothing.

    In a sentence only field names and asterisks still mean something: who pastes a question wants no word of it to be a condition.
    """
    return tuple(_all(query)[:MOST_WORDS])


def is_sentence(query: str) -> bool:
    """Whether signs in a query are punctuation."""
    return _is_spoken(_said(query))


def is_cut(query: str) -> bool:
    """Whether a query has more words than are looked for."""
    return len(_all(query)) > MOST_WORDS


def loosened(query: str) -> str | None:
    """The query with any of its words, wherever they stand, within the same fields; None where that is what it asks for."""
    clauses = read(query)
    said = [clause for clause in clauses if clause.field is Field.TEXT and clause.role is not Role.NONE]
    if not any(clause.is_phrase or clause.role is Role.EVERY for clause in said):
        return None
    return " ".join(clause.text + "*" * clause.is_prefix if clause in said else _typed(clause) for clause in clauses)


def _typed(clause: Clause) -> str:
    sign = "-" if clause.role is Role.NONE else ""
    name = "" if clause.field is Field.TEXT else f"{clause.field}:"
    text = clause.text + "*" * clause.is_prefix
    return f'{sign}{name}"{text}"' if " " in text else f"{sign}{name}{text}"


def _all(query: str) -> list[Clause]:
    clauses = _said(query)
    return [_spoken(clause) for clause in clauses] if _is_spoken(clauses) else clauses


def _is_spoken(clauses: list[Clause]) -> bool:
    return sum(not clause.is_phrase for clause in clauses) > SENTENCE


def _said(query: str) -> list[Clause]:
    clauses: list[Clause] = []
    waiting = Role.ANY
    for match in parts(query):
        word = match[0]
        if word == "AND" and clauses and clauses[-1].role is not Role.NONE:
            clauses[-1] = replace(clauses[-1], role=Role.EVERY)
            waiting = Role.EVERY
        elif word == "NOT":
            waiting = Role.NONE
        elif word != "OR" and (clause := _clause(match)) is not None:
            clauses.append(clause if waiting is Role.ANY or clause.role is Role.NONE else replace(clause, role=waiting))
            waiting = Role.ANY
    return clauses or [Clause(match[0]) for match in parts(query) if match[0] in BETWEEN]


def _spoken(clause: Clause) -> Clause:
    return Clause(clause.text) if clause.field is Field.TEXT and not clause.is_prefix else clause


def _clause(match: re.Match[str]) -> Clause | None:
    if not analysis.has_words(match["phrase"] or match["word"] or ""):
        return None
    role = {"-": Role.NONE, "+": Role.EVERY}.get(match["sign"], Role.ANY)
    text = match["phrase"] or match["word"].strip('"')
    if match["field"] and (found := understood(match["field"].lower(), text)):
        return replace(found, role=Role.NONE if role is Role.NONE else Role.EVERY, is_phrase=bool(match["phrase"]))
    if match["field"]:
        text = f"{match['field']}:{text}"
    if match["phrase"]:
        return Clause(text, role=Role.NONE if role is Role.NONE else Role.EVERY, is_phrase=True)
    return Clause(text.rstrip("*"), role=role, is_prefix=text.endswith("*"))


def understood(name: str, text: str) -> Clause | None:
    """What a field with its value says; None for an unknown field, and for a value that it does not have."""
    match name:
        case "title":
            return Clause(text.rstrip("*"), Field.TITLE, is_prefix=text.endswith("*"))
        case "tag" | "author":
            return Clause(text, Field(name))
        case "kind":
            return _kind(text)
        case "before" | "after":
            return _date(text, Field(name))
    return None


def _kind(text: str) -> Clause | None:
    name = text.upper().replace("-", "_").replace(" ", "_")
    for kind in Kind:
        if (
            name in (kind, f"{kind}S", f"{kind.removesuffix('Y')}IES")
            or name.removesuffix("S") == kind.partition("_")[2]
        ):
            return Clause(kind, Field.KIND)
    return None


def _date(text: str, field: Field) -> Clause | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        moment = datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    except ValueError:
        return None
    return Clause(text, field, moment=moment)
