"""Where the words change that evidence is quoted from, because a name is struck out of them, the quotes are found in them again [N2]."""

from collections.abc import Callable, Mapping

from sqlalchemy import select, update
from sqlmodel import Session

from knowledge.database import table_of
from knowledge.evidence.pieces import Evidence, v

WORDS: Mapping[str, tuple[str, str]] = {
    "feedback": ("verbatim", "feedback_id"),
    "interaction": ("note", "interaction_id"),
    "revision": ("body", "cited_revision_id"),
}
"""The tables whose words are quoted: the column of the words, and that by which evidence points to them."""


def requote(session: Session, table: str, id: int, before: str, after: str, struck: Callable[[str], str]) -> None:
    """Move the offsets of what is quoted from one text to the same words in what it has become."""
    column = v[WORDS[table][1]]
    pieces = select(v.id, v.quote_start, v.quote_end).where(column == id)
    for piece, start, end in session.connection().execute(pieces).all():
        first, last = _again(before, after, start, end, struck)
        moved = update(table_of(Evidence)).where(v.id == piece).values(quote_start=first, quote_end=last)
        session.connection().execute(moved)


def _again(before: str, after: str, start: int, end: int, struck: Callable[[str], str]) -> tuple[int, int]:
    """Where the quote stands now; where a name ran over its edge, all of the words are quoted."""
    words, first = struck(before[start:end]), len(struck(before[:start]))
    if after[first : first + len(words)] != words:
        first = after.find(words)
    return (first, first + len(words)) if first >= 0 else (0, len(after))
