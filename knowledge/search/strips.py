"""What lies beside the entries and has the words of a query: comments, what customers said, customers, and one's own drafts.

Each sort stands apart with its count, so that none crowds out a practice. They are found by the database in what is newest of each
sort, which bounds the cost however much there is, and all sorts together cost one statement.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import auto
from html import escape
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, union_all
from sqlmodel import Session

from knowledge import customers, entries, feedback
from knowledge.community import comments
from knowledge.community.comments import Comment
from knowledge.customers import Customer
from knowledge.database import Row, table_of
from knowledge.entries.entry import Entry, Revision, shown_revision, visible_to, wrote_latest
from knowledge.feedback import Feedback
from knowledge.listening import wording
from knowledge.people import Viewer
from knowledge.search import analysis, query
from knowledge.search.highlights import LENGTH, Highlight, highlights
from knowledge.search.query import Field, Role
from knowledge.words import Status, Word

LOOKED_AT = 2_000
"""So many of each sort are looked at, the newest."""
SHOWN = 3
MOST_WORDS = 8
ENOUGH = 0.6
"""The share of a long query's words that a text must have."""

_SIGN, _QUOTED = re.compile(r"[\\%_]"), r"\\\g<0>"

_c, _e, _r = table_of(Comment).c, table_of(Entry).c, table_of(Revision).c
_f, _k = table_of(Feedback).c, table_of(Customer).c


class Scope(Word):
    """Among what a search looks."""

    ENTRIES = auto()
    COMMENTS = auto()
    FEEDBACK = auto()
    CUSTOMERS = auto()
    DRAFTS = auto()


@dataclass(frozen=True, slots=True)
class StripHit:
    """One thing that has the words; `title` and `slug` are those of the entry that it is on or is."""

    scope: Scope
    id: int
    uid: UUID
    text: str
    title: str
    slug: str
    words: tuple[str, ...]

    def passage(self) -> Highlight:
        """The best passage, with the words marked where they stand as words."""
        found = highlights(self.words, "en", {"text": self.text})
        start = self.text[:LENGTH]
        return found[0] if found else Highlight("text", escape(start), start)


@dataclass(frozen=True, slots=True)
class Strip:
    """What of one sort has the words: the first of them, and how many there are."""

    scope: Scope
    count: int
    hits: Sequence[StripHit]


def _comments(viewer: Viewer) -> Select[Any]:
    """What was said about entries, as far as the viewer hears it."""
    joined = (
        table_of(Comment)
        .join(table_of(Entry), _e.id == _c.entry_id)
        .join(table_of(Revision), _r.id == shown_revision())
    )
    found = select(_c.id, _c.uid, _c.body.label("text"), _r.title.label("title"), _e.slug.label("slug"))
    return found.select_from(joined).where(comments.live_for(viewer), visible_to(viewer))


def _feedback(viewer: Viewer) -> Select[Any] | None:
    """What customers said, for colleagues."""
    if not viewer.is_inside:
        return None
    found = select(_f.id, _f.uid, _f.verbatim.label("text"), literal("").label("title"), literal("").label("slug"))
    return found.where(feedback.visible_to(viewer))


def _customers(viewer: Viewer) -> Select[Any] | None:
    """Customers by name, for colleagues."""
    if not viewer.is_inside:
        return None
    found = select(_k.id, _k.uid, _k.name.label("text"), literal("").label("title"), literal("").label("slug"))
    return found.where(customers.visible_to(viewer))


def _drafts(viewer: Viewer) -> Select[Any] | None:
    """What the viewer wrote or answers for and has not published, with what is newest of it."""
    if viewer.id is None:
        return None
    text = _r.title + literal("\n") + _r.summary + literal("\n") + _r.body
    mine = or_(_e.author_id == viewer.id, _e.owner_id == viewer.id, wrote_latest(viewer.id))
    unpublished = _e.latest_revision_id != func.coalesce(_e.published_revision_id, -1)
    is_live = _e.status.not_in((Status.ARCHIVED, Status.OBSOLETE))
    found = select(_e.id, _e.uid, text.label("text"), _r.title.label("title"), _e.slug.label("slug"))
    joined = found.join_from(table_of(Entry), table_of(Revision), _r.id == _e.latest_revision_id)
    return joined.where(mine, unpublished, is_live, visible_to(viewer))


_STRIPS: Mapping[Scope, Callable[[Viewer], Select[Any] | None]] = {
    Scope.COMMENTS: _comments,
    Scope.FEEDBACK: _feedback,
    Scope.CUSTOMERS: _customers,
    Scope.DRAFTS: _drafts,
}
"""What is looked through for a viewer, the newest first by its key; None where nothing of it is for them."""


def words_of(asked: str) -> tuple[str, ...]:
    """The words of a query that other things are looked through for: neither fields nor what is excluded nor little words, nor single
    letters, which stand within nearly any text.
    """
    plain = [each.text for each in query.read(asked) if each.field is Field.TEXT and each.role is not Role.NONE]
    telling = wording.telling(" ".join(plain))
    found = dict.fromkeys(word.text for word in telling if word.is_gram or len(word.text) > 1)
    return tuple(found)[:MOST_WORDS]


def beside(session: Session, viewer: Viewer, asked: str) -> list[Strip]:
    """All sorts of which something has the words, in one statement; nothing for a query without words."""
    words = words_of(asked)
    parts = (
        [_hits(scope, viewer, words, start=0, count=SHOWN, is_sqlite=_is_sqlite(session)) for scope in _STRIPS]
        if words
        else []
    )
    wanted = [select(part.subquery()) for part in parts if part is not None]
    if not wanted:
        return []
    strips: dict[Scope, list[Any]] = {}
    for row in session.connection().execute(union_all(*wanted)):
        strips.setdefault(Scope(row.scope), []).append(row)
    return [
        Strip(scope, strips[scope][0].total, [_hit(scope, row, words) for row in strips[scope]])
        for scope in _STRIPS
        if scope in strips
    ]


def page(
    session: Session, viewer: Viewer, scope: Scope, asked: str, *, start: int, count: int
) -> tuple[list[StripHit], int]:
    """Some of one sort that have the words, those with most of them first and then the newest; and how many there are."""
    words = words_of(asked)
    found = _hits(scope, viewer, words, start=start, count=count, is_sqlite=_is_sqlite(session)) if words else None
    rows = list(session.connection().execute(found)) if found is not None else []
    return [_hit(scope, row, words) for row in rows], rows[0].total if rows else 0


def _hits(
    scope: Scope, viewer: Viewer, words: Sequence[str], *, start: int, count: int, is_sqlite: bool
) -> Select[Any] | None:
    """First the keys of the best among the newest, and then what is shown of these alone: texts are not carried through a sort."""
    looked_through = _STRIPS[scope](viewer)
    if looked_through is None:
        return None
    key, text = looked_through.selected_columns["id"], looked_through.selected_columns["text"]
    newest = looked_through.with_only_columns(key, text, maintain_column_froms=True).order_by(key.desc())
    some = newest.limit(LOOKED_AT).subquery(f"newest_{scope.lower()}").c
    scored = select(some.id, _score(some.text, words, is_sqlite=is_sqlite).label("score")).subquery().c
    fitting = select(scored.id, scored.score, func.count().over().label("total")).where(
        scored.score >= _needed(len(words))
    )
    best = fitting.order_by(scored.score.desc(), scored.id.desc()).limit(count).offset(start).subquery()
    whole = looked_through.add_columns(literal(scope.value).label("scope"), best.c.total, best.c.score)
    return whole.join(best, best.c.id == key).order_by(best.c.score.desc(), key.desc())


def _is_sqlite(session: Session) -> bool:
    return session.connection().dialect.name == "sqlite"


def _needed(words: int) -> int:
    return words if words < 3 else ceil(words * ENOUGH)


def _score(text: ColumnElement[str], words: Iterable[str], *, is_sqlite: bool) -> ColumnElement[int]:
    score: ColumnElement[int] = literal(0)
    for word in words:
        like = text.like if is_sqlite else text.ilike  # LIKE is ILIKE on SQLite, for ASCII
        has = or_(*(like(pattern, escape="\\") for pattern in _patterns(word)))
        score = score + case((has, 1), else_=0)
    return score


def _patterns(word: str) -> list[str]:
    """Where a word may stand: without its English ending; with accents, which know no case on SQLite, as it may be spelt."""
    stem = analysis.terms(word, "en")[0]
    short = stem if len(stem) > 2 and word.startswith(stem) else word
    spelt = [short] if short.isascii() else [short, short.capitalize(), short.upper(), analysis.fold(short)]
    return [f"%{_SIGN.sub(_QUOTED, each)}%" for each in dict.fromkeys(spelt)]


def _hit(scope: Scope, row: Any, words: tuple[str, ...]) -> StripHit:
    return StripHit(scope, row.id, row.uid, row.text, row.title, row.slug, words)


def similar(session: Session, viewer: Viewer, text: str, *, count: int) -> list[Row]:
    """What customers said in much the same words, those with most of them first; nothing for what has no telling words."""
    found, _ = page(session, viewer, Scope.FEEDBACK, text, start=0, count=count)
    rows = rows_of(session, viewer, Scope.FEEDBACK, found)
    return [rows[hit.id] for hit in found if hit.id in rows]


_READ: Mapping[Scope, Callable[[Session, Viewer, list[int]], Mapping[Any, Row]]] = {
    Scope.COMMENTS: comments.by_ids,
    Scope.FEEDBACK: feedback.by_ids,
    Scope.CUSTOMERS: customers.by_ids,
    Scope.DRAFTS: entries.by_ids,
}


def rows_of(session: Session, viewer: Viewer, scope: Scope, hits: Sequence[StripHit]) -> Mapping[int, Row]:
    """What was found, whole, by its key; what may not be seen is left out."""
    return _READ[scope](session, viewer, [hit.id for hit in hits])
