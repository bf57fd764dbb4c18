"""Searches that people follow: whether what has just been published fits one, judged without the index.

A search ranks, and shows what fits best; whoever follows one wants to hear of what fits. So here every word has to be there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlmodel import Session

from knowledge.community.follows import Follow
from knowledge.database import table_of
from knowledge.search import analysis, documents, query
from knowledge.search.index import Document
from knowledge.search.query import Clause, Field, Role
from knowledge.words import FollowState

_f = table_of(Follow).c


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a text: in their order, and by the terms under which they are searched."""

    words: tuple[str, ...]
    terms: frozenset[str]


def fitting(session: Session, uid: object) -> Sequence[str]:
    """The keys of the followed searches that an entry fits; however many follow the same search, it is judged once."""
    wanted = select(_f.search, _f.query, _f.filters).where(_f.search.is_not(None), _f.state == FollowState.FOLLOWING)
    followed = session.connection().execute(wanted.distinct()).all()
    found = documents.by_uids(session, [uid]) if followed else []  # type: ignore[list-item]
    return [row.search for document in found for row in followed if fits(document, row.query, row.filters)]


def fits(document: Document, words: str, filters: str) -> bool:
    """Whether a document has every word of a query, none that it excludes, and a value of every filter."""
    if not _narrowed(document, json.loads(filters or "{}")):
        return False
    language = analysis.stem_language(document.language)
    texts = (document.title, document.problem, document.summary, document.body, *_tags(document))
    whole, title = said("\n".join(texts), language), said(document.title, language)
    return all(
        _is_true(document, clause, title if clause.field is Field.TITLE else whole, language)
        is (clause.role is not Role.NONE)
        for clause in query.read(words)
    )


def _tags(document: Document) -> Iterable[str]:
    return (label.name for label in document.tags)


def _narrowed(document: Document, filters: Mapping[str, Sequence[str]]) -> bool:
    held: Mapping[str, Iterable[str]] = {
        "kinds": [document.kind],
        "tags": [label.slug for label in document.tags],
        "functions": document.functions,
        "stages": document.stages,
        "freshness": [document.freshness],
        "languages": [document.language],
        "audiences": [document.audience],
    }
    return all(set(values) & set(held[name]) for name, values in filters.items() if values and name in held)


@lru_cache(8)
def said(text: str, language: str) -> Said:
    """The words of a text in a stem language."""
    tokens = [*analysis.tokens(text)]
    terms = {term for token in tokens for term in _terms(token, language)}
    return Said(tuple(analysis.fold(token.text) for token in tokens), frozenset(terms))


def _terms(token: analysis.Token, language: str) -> Sequence[str]:
    return (token.text,) if token.is_gram else analysis.terms(token.text, language)


def _is_true(document: Document, clause: Clause, text: Said, language: str) -> bool:
    match clause.field:
        case Field.KIND:
            return document.kind == clause.text
        case Field.TAG:
            return any(clause.text.lower() in (label.slug, label.name) for label in document.tags)
        case Field.AUTHOR:
            return any(analysis.fold(clause.text) in analysis.fold(name) for name in document.authors)
        case Field.BEFORE:
            return clause.moment is None or document.updated_at < clause.moment
        case Field.AFTER:
            return clause.moment is None or document.updated_at >= clause.moment
    return _is_said(clause, text, language)


def _is_said(clause: Clause, text: Said, language: str) -> bool:
    tokens = [*analysis.tokens(clause.text)]
    words = [analysis.fold(token.text) for token in tokens]
    if clause.is_phrase:
        return any([*text.words[at : at + len(words)]] == words for at in range(len(text.words)))
    if clause.is_prefix:
        return all(any(known.startswith(word) for known in text.words) for word in words)
    telling = [token for token in tokens if token.is_gram or not analysis.is_stopped(token.text, language)]
    return all(any(term in text.terms for term in _terms(token, language)) for token in telling)
