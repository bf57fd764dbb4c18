"""Keeps the list of words that mean the same at hand, and reads it again once somebody has changed it."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlmodel import Session

from knowledge import changes
from knowledge.search import synonyms
from knowledge.search.following import head
from knowledge.search.synonyms import Synonyms

LOOKING = 1.0
"""Seconds after which the change log is asked whether the list is another: in one statement that mostly reads nothing."""
MOST = 1_000
"""Changes that are looked through; after more of them the list is read anyway."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The list as it was read, how far the change log went then, and when that was asked last."""

    words: Synonyms
    cursor: str
    asked: float


def current(session: Session) -> Synonyms:
    """The list as it was a second ago at most, whichever process changed it. Costs no statement within that second."""
    kept: dict[str, Any] = session.info.get("kept", {})
    before: Kept | None = kept.get(__name__)
    if before is not None and monotonic() < before.asked + LOOKING:
        return before.words
    kept[__name__] = found = _looked(session, before, monotonic())
    return found.words


def _looked(session: Session, before: Kept | None, now: float) -> Kept:
    if before is not None:
        log = changes.since(session, before.cursor, most=MOST)
        if len(log) < MOST and all(change.type != synonyms.CHANGED for change in log):
            return Kept(before.words, log[-1].cursor if log else before.cursor, now)
    cursor = head(session)
    return Kept(synonyms.current(session), cursor, now)
