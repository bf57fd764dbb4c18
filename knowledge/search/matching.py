"""Finds and scores the documents of one commit that a query asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.search import analysis, fields
from knowledge.search.index import Facet
from knowledge.search.query import MOST_WORDS, Clause, Field, Role
from knowledge.search.scoring import emphasis, rarity
from knowledge.search.segments import Mask, Part, Snapshot, documents

Scores = NDArray[np.float64]


@dataclass(slots=True)
class Wanted:
    """A word that scores: terms of which any will do, in how many documents they are, and how often the query says it."""

    terms: tuple[str, ...]
    field: str = fields.TEXT
    times: int = 1
    frequency: int = 0


@dataclass(slots=True)
class Plan:
    """What a query comes to in one commit."""

    scored: dict[tuple[str, tuple[str, ...]], Wanted] = field(default_factory=dict)
    every: list[Clause] = field(default_factory=list)
    none: list[Clause] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Matching:
    """One query in one commit; `snapshot.lock` is held while it works."""

    def __init__(self, snapshot: Snapshot, clauses: Iterable[Clause]) -> None:
        self.snapshot = snapshot
        self.languages = tuple(dict.fromkeys(map(analysis.stem_language, snapshot.languages))) or ("en",)
        self.clauses = tuple(clauses)
        typed = [token for clause in self.clauses if _is_text(clause) for token in analysis.tokens(clause.text)]
        self.language = max(self.languages, key=partial(_stopped, typed))
        self.says_nothing = all(self.stops(token) for token in typed)
        self.plan = self._planned()

    def scores(self, part: Part) -> tuple[Scores, Mask]:
        """The score of each document of a segment, and which ones the query finds."""
        scores = np.zeros(part.size)
        found = np.full(part.size, not self.plan.scored)
        for wanted in self.plan.scored.values():
            self._add(part, wanted, scores, found)
        for same in self._alike(self.plan.every):
            found &= np.logical_or.reduce([self.having(part, clause) for clause in same])
        for clause in self.plan.none:
            found &= ~self.having(part, clause)
        return scores, found

    def having(self, part: Part, clause: Clause) -> Mask:
        """The documents of a segment of which a clause is true."""
        if clause.field in (Field.TEXT, Field.TITLE):
            return self._beginning(part, clause) if _start(clause) else self._saying(part, clause)
        return _fact(part, clause)

    def _beginning(self, part: Part, clause: Clause) -> Mask:
        name = fields.STARTS if clause.field is Field.TITLE else fields.RAW
        mask = np.zeros(part.size, np.bool_)
        for term in part.beginning(name, _start(clause)):
            mask[documents(part.reader, name, term)] = True
        return mask

    def _saying(self, part: Part, clause: Clause) -> Mask:
        name = fields.TITLE if clause.field is Field.TITLE else fields.TEXT
        mask = np.zeros(part.size, np.bool_)
        for language in self.languages:
            mask[_phrase(part, name, self._sequence(clause.text, language, name))] = True
        return mask

    def stops(self, token: analysis.Token) -> bool:
        """Whether a word of the query says nothing in the language that the query seems to be in."""
        return not token.is_gram and analysis.is_stopped(token.text, self.language)

    def terms(self, token: analysis.Token, name: str = fields.TEXT) -> tuple[str, ...]:
        """The terms that a word of the query is in the languages present, without those where it is a stop word."""
        if token.is_gram:
            return self._gram(token.text, name)
        spoken = (each for each in self.languages if name == fields.TITLE or not analysis.is_stopped(token.text, each))
        return tuple(dict.fromkeys(term for language in spoken for term in analysis.terms(token.text, language)))

    def _planned(self) -> Plan:
        plan = Plan()
        for clause in self.clauses:
            if clause.role is Role.NONE:
                plan.none.append(clause)
                continue
            if clause.role is Role.EVERY and not (_is_text(clause) and self._is_empty(clause)):
                plan.every.append(clause)
            if _is_text(clause):
                self._want(plan, clause)
        for wanted in plan.scored.values():
            wanted.frequency = self._frequency(wanted)
        return plan

    def _want(self, plan: Plan, clause: Clause) -> None:
        if start := _start(clause):
            # Not stemmed: what people type before an asterisk is the beginning of a word as it is written.
            plan.words.append(start + "*")
            plan.scored[fields.RAW, (start,)] = Wanted((start,), fields.RAW)
        # A query of stop words alone can only mean a title.
        name = fields.TITLE if self.says_nothing or clause.field is Field.TITLE else fields.TEXT
        for token in query_tokens(clause.text)[: -1 if start else None]:
            if len(plan.scored) == MOST_WORDS or (self.stops(token) and not self.says_nothing):
                continue
            terms = self.terms(token, name)
            if terms and (name, terms) in plan.scored:
                plan.scored[name, terms].times += 1
            elif terms:
                plan.scored[name, terms] = Wanted(terms, name)
                plan.words.append(analysis.fold(token.text))

    def _is_empty(self, clause: Clause) -> bool:
        return all(self.stops(token) for token in analysis.tokens(clause.text))

    def _gram(self, gram: str, name: str) -> tuple[str, ...]:
        if len(gram) > 1:
            return (gram,)
        return tuple(sorted({gram, *(term for part in self.snapshot.parts for term in part.beginning(name, gram))}))

    def _frequency(self, wanted: Wanted) -> int:
        if wanted.field == fields.RAW:
            clause = Clause(wanted.terms[0], is_prefix=True)
            return sum(int(self.having(part, clause).sum()) for part in self.snapshot.parts)
        return sum(self.snapshot.frequency(wanted.field, term) for term in wanted.terms)

    def _sequence(self, text: str, language: str, name: str) -> list[tuple[str, ...]]:
        return [
            (token.text,) if token.is_gram else analysis.terms(token.text, language)
            for token in query_tokens(text)
            if token.is_gram or name == fields.TITLE or not analysis.is_stopped(token.text, language)
        ]

    def _add(self, part: Part, wanted: Wanted, scores: Scores, found: Mask) -> None:
        best = np.zeros(part.size)
        if wanted.field == fields.RAW:
            best[self.having(part, Clause(wanted.terms[0], is_prefix=True))] = rarity(
                self.snapshot.weighting.documents, wanted.frequency
            )
        else:
            for term in wanted.terms:
                for place, score in self._scored(part, wanted.field, term, wanted.frequency):
                    best[place] = max(best[place], score)
        scores += emphasis(wanted.times) * best
        found |= best > 0

    def _scored(self, part: Part, name: str, term: str, frequency: int) -> Iterator[tuple[int, float]]:
        if (name, term.encode()) not in part.reader:
            return
        scorer = self.snapshot.weighting.part(part.reader, name, term, frequency)
        matcher = part.reader.postings(name, term, scorer=scorer)
        while matcher.is_active():
            yield matcher.id(), matcher.score()
            matcher.next()

    @staticmethod
    def _alike(clauses: list[Clause]) -> Iterator[list[Clause]]:
        # An entry has one kind, so that two of them can only mean either; of everything else all that is asked must be there.
        kinds = [clause for clause in clauses if clause.field is Field.KIND]
        if kinds:
            yield kinds
        yield from ([clause] for clause in clauses if clause.field is not Field.KIND)


def _is_text(clause: Clause) -> bool:
    return clause.role is not Role.NONE and clause.field in (Field.TEXT, Field.TITLE)


def _stopped(typed: list[analysis.Token], language: str) -> int:
    return sum(analysis.is_stopped(token.text, language) for token in typed)


def _start(clause: Clause) -> str:
    """The beginning of a word that a clause asks for, if it does."""
    typed = list(analysis.tokens(clause.text))
    return analysis.fold(typed[-1].text) if clause.is_prefix and typed and not typed[-1].is_gram else ""


def query_tokens(text: str) -> list[analysis.Token]:
    """Words and grams of a query: the last character of a run is left out, unless the run is that character."""
    found = list(analysis.tokens(text))
    return [
        token
        for before, token in zip([None, *found], found, strict=False)
        if not (token.is_gram and len(token.text) == 1 and before and before.is_gram and before.end == token.end)
    ]


def _slugs(part: Part, text: str) -> set[str]:
    """The slug that was typed, and those of tags with the name or the synonym that was typed."""
    name = analysis.fold(text)
    lines = (line.split("\t") for line in part.beginning(fields.LABELS, name + "\t"))
    found = (slug for _, slug, full, *synonym in lines if synonym or analysis.fold(full) == name)
    return {name.replace(" ", "-"), *found}


def _fact(part: Part, clause: Clause) -> Mask:
    values = part.facts.values
    match clause.field:
        case Field.KIND:
            return values[Facet.KIND].mask(part.size, [clause.text])
        case Field.TAG:
            return values[Facet.TAG].mask(part.size, _slugs(part, clause.text))
        case Field.AUTHOR:
            mask = np.ones(part.size, np.bool_)
            for token in analysis.tokens(clause.text):
                mask &= values[fields.AUTHOR].mask(part.size, [analysis.fold(token.text)])
            return mask
    assert clause.moment is not None
    before: Mask = part.facts.updated < fields.microseconds(clause.moment)
    return before if clause.field is Field.BEFORE else ~before


def _phrase(part: Part, name: str, sequence: list[tuple[str, ...]]) -> list[int]:
    """The documents in which these words follow one another, each in any of its forms."""
    if not sequence:
        return []
    ends = _positions(part, name, sequence[0])
    for alternatives in sequence[1:]:
        following = _positions(part, name, alternatives)
        ends = {
            place: next_ones
            for place in ends.keys() & following.keys()
            if (next_ones := {end + 1 for end in ends[place]} & following[place])
        }
    return list(ends)


def _positions(part: Part, name: str, alternatives: tuple[str, ...]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for term in alternatives:
        if (name, term.encode()) in part.reader:
            matcher: Any = part.reader.postings(name, term)
            while matcher.is_active():
                found.setdefault(matcher.id(), set()).update(matcher.value_as("positions"))
                matcher.next()
    return found
