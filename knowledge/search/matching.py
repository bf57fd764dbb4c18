"""Finds and scores the documents of one commit that a query asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np

from knowledge.search import analysis, fields
from knowledge.search.index import Facet
from knowledge.search.phrases import phrase
from knowledge.search.postings import Numbers
from knowledge.search.query import MOST_WORDS, Clause, Field, Role
from knowledge.search.scoring import Scores, emphasis, rarity
from knowledge.search.segments import Mask, Seen, Snapshot
from knowledge.search.together import Found, Together
from knowledge.search.wordings import others

TITLED = 2.0
"""How many times as much the beginning of a word counts in a title: there, words count twice as well."""


@dataclass(slots=True)
class Wanted:
    """A word that scores: terms of which any will do, in how many documents they are, and how often the query says it."""

    terms: tuple[str, ...]
    field: str = fields.TEXT
    times: int = 1
    word: str = ""


@dataclass(slots=True)
class Plan:
    """What a query comes to in one commit."""

    scored: dict[tuple[str, tuple[str, ...]], Wanted] = field(default_factory=dict)
    every: list[Clause] = field(default_factory=list)
    none: list[Clause] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    alike: list[Together] = field(default_factory=list)


class Matching:
    """One query in one commit, as far as a viewer sees it: its words are read in the languages of what is within reach."""

    def __init__(self, seen: Seen, clauses: Iterable[Clause]) -> None:
        self.seen = seen
        self.snapshot = seen.snapshot
        self.languages = seen.languages
        self.clauses = tuple(clauses)
        typed = [token for clause in self.clauses if _is_text(clause) for token in _tokens(clause.text)]
        self.language = max(self.languages, key=partial(_stopped, typed))
        self.says_nothing = all(self.stops(token) for token in typed)
        self.plan = self._planned()

    def scores(self) -> tuple[Scores, Mask]:
        """The score of each document, and which ones the query finds."""
        taken = {key for together in self.plan.alike for key in together.keys}
        words = [self.scored(wanted) for key, wanted in self.plan.scored.items() if key not in taken]
        words += [together.scored(self) for together in self.plan.alike]
        size = self.snapshot.size
        if len(words) > 1:
            documents, weights = (np.concatenate(each) for each in zip(*words, strict=True))
            scores: Scores = np.bincount(documents, weights, size).astype(np.float64, copy=False)
            found = scores > 0
        else:
            scores, found = np.zeros(size), np.full(size, not words)
            for documents, weights in words:
                scores[documents], found[documents] = weights, True
        for condition in self.conditions():
            found &= condition
        return scores, found

    def conditions(self) -> Iterator[Mask]:
        """What every document that is found fulfils, beside having one of the words."""
        for same in self._alike(self.plan.every):
            yield np.logical_or.reduce([self.having(clause) for clause in same])
        for clause in self.plan.none:
            yield ~self.having(clause)

    def having(self, clause: Clause) -> Mask:
        """The documents of which a clause is true."""
        if clause.field in (Field.TEXT, Field.TITLE):
            return self._beginning(clause) if _start(clause) else self._saying(clause)
        return _fact(self.snapshot, clause)

    def _beginning(self, clause: Clause) -> Mask:
        return self.snapshot.beginning(fields.STARTS if clause.field is Field.TITLE else fields.RAW, _start(clause))

    def _saying(self, clause: Clause) -> Mask:
        name = fields.TITLE if clause.field is Field.TITLE else fields.TEXT
        mask = np.zeros(self.snapshot.size, np.bool_)
        for language in self.languages:
            if sequence := self.sequence(clause.text, language, name):
                mask[phrase(self.snapshot, name, sequence)] = True
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
        self._want_otherwise(plan)
        return plan

    def _want_otherwise(self, plan: Plan) -> None:
        telling = []
        for clause in self.clauses:
            if clause.field is Field.TEXT and clause.role is not Role.NONE and not clause.is_prefix:
                piece = [token.text for token in _tokens(clause.text) if not token.is_gram]
                if [word for word in piece if not analysis.is_stopped(word, self.language)]:
                    telling.append(piece)
        for wording in others(self.seen, telling):
            key = wording.field, wording.terms
            beside = wording.beside and (fields.TEXT, self.terms(analysis.Token(wording.beside, 0, 0)))
            if beside and (wanted := plan.scored.get(beside)):
                wanted.terms = tuple(dict.fromkeys(wanted.terms + wording.terms))
            elif key not in plan.scored and len(plan.scored) < MOST_WORDS:
                plan.scored[key] = Wanted(wording.terms, wording.field, word=wording.word)
            else:
                continue
            plan.words.append(wording.word)

    def _want(self, plan: Plan, clause: Clause) -> None:
        if start := _start(clause):
            # Not stemmed: what people type before an asterisk is the beginning of a word as it is written.
            plan.words.append(start + "*")
            plan.scored[fields.RAW, (start,)] = Wanted((start,), fields.RAW, word=start + "*")
        # A query of stop words alone can only mean a title.
        name = fields.TITLE if self.says_nothing or clause.field is Field.TITLE else fields.TEXT
        for token in query_tokens(clause.text)[: -1 if start else None]:
            if len(plan.scored) == MOST_WORDS or (self.stops(token) and not self.says_nothing):
                continue
            terms = self.terms(token, name)
            if terms and (name, terms) in plan.scored:
                plan.scored[name, terms].times += 1
            elif terms:
                plan.scored[name, terms] = Wanted(terms, name, word=analysis.fold(token.text))
                plan.words.append(analysis.fold(token.text))

    def _is_empty(self, clause: Clause) -> bool:
        return all(self.stops(token) for token in _tokens(clause.text))

    def _gram(self, gram: str, name: str) -> tuple[str, ...]:
        if len(gram) > 1:
            return (gram,)
        return tuple(sorted({gram, *self.snapshot.completions(name, gram)}))

    def sequence(self, text: str, language: str, name: str) -> list[tuple[str, ...]]:
        """The terms of a phrase in a language, one word after the other, without those that say nothing; of a character alone all
        grams that begin so.
        """
        tokens = query_tokens(text)
        if len(tokens) == 1 and tokens[0].is_gram:
            return [self._gram(tokens[0].text, name)]
        return [
            (token.text,) if token.is_gram else analysis.terms(token.text, language)
            for token in tokens
            if token.is_gram or name == fields.TITLE or not analysis.is_stopped(token.text, language)
        ]

    def worth(self, wanted: Wanted) -> float:
        """What a word is worth that scores by how often it is said: how rare it is times how often the query says it."""
        frequency = sum(self.snapshot.frequency(wanted.field, term) for term in wanted.terms)
        return emphasis(wanted.times) * rarity(self.snapshot.weighting.documents, frequency)

    def scored(self, wanted: Wanted) -> Found:
        """The documents with a word, and what it adds to each: the most that any of its terms does."""
        if wanted.field == fields.RAW:
            documents = np.flatnonzero(self.snapshot.beginning(fields.RAW, wanted.terms[0]))
            rare = rarity(self.snapshot.weighting.documents, len(documents))
            titled = self.snapshot.beginning(fields.STARTS, wanted.terms[0])[documents]
            return documents, np.where(titled, TITLED, 1.0) * (emphasis(wanted.times) * rare)
        return self.said(wanted.field, wanted.terms, self.worth(wanted))

    def said(self, name: str, terms: Iterable[str], worth: float) -> Found:
        """The documents with any of these terms, and the most that any of them adds to each."""
        snapshot = self.snapshot
        found = [self._said(name, term, worth) for term in terms if snapshot.slices(name, term)]
        if len(found) == 1:
            return found[0]
        best = np.zeros(snapshot.size)
        for documents, scores in found:
            best[documents] = np.maximum(best[documents], scores)
        documents = np.flatnonzero(best)
        return documents, best[documents]

    def _said(self, name: str, term: str, worth: float) -> tuple[Numbers, Scores]:
        documents, weights = self.snapshot.postings(name, term)
        scores = self.snapshot.weighting.scores(name, weights)
        scores *= worth
        return documents, scores

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
    if not clause.is_prefix:
        return ""
    typed = _tokens(clause.text)
    return analysis.fold(typed[-1].text) if typed and not typed[-1].is_gram else ""


@lru_cache(1 << 8)  # a query without spaces has five hundred of them, 100 kB
def _tokens(text: str) -> tuple[analysis.Token, ...]:
    return tuple(analysis.tokens(text))


def query_tokens(text: str) -> list[analysis.Token]:
    """Words and grams of a query: the last character of a run is left out, unless the run is that character."""
    found = _tokens(text)
    return [
        token
        for before, token in zip([None, *found], found, strict=False)
        if not (token.is_gram and len(token.text) == 1 and before and before.is_gram and before.end == token.end)
    ]


def _slugs(snapshot: Snapshot, text: str) -> set[str]:
    """The slug that was typed, and those of tags with the name or the synonym that was typed."""
    name = analysis.fold(text)
    lines = (line.split("\t") for line in snapshot.completions(fields.LABELS, name + "\t"))
    found = (slug for _, slug, full, *synonym in lines if synonym or analysis.fold(full) == name)
    return {name.replace(" ", "-"), *found}


def _fact(snapshot: Snapshot, clause: Clause) -> Mask:
    match clause.field:
        case Field.KIND:
            return snapshot.mask(Facet.KIND, [clause.text])
        case Field.TAG:
            return snapshot.mask(Facet.TAG, _slugs(snapshot, clause.text))
        case Field.AUTHOR:
            names = {analysis.fold(token.text) for token in _tokens(clause.text)}
            masks = [snapshot.mask(fields.AUTHOR, [name]) for name in names]
            return np.logical_and.reduce(masks) if masks else np.ones(snapshot.size, np.bool_)
    assert clause.moment is not None
    before: Mask = snapshot.updated < fields.microseconds(clause.moment)
    return before if clause.field is Field.BEFORE else ~before
