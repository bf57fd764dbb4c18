"""Keeps the list of words that mean the same at hand, and reads it again once somebody has changed it."""

from collections.abc import Hashable
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
    """The list as it was read, how far the change log went then, and when that was asked last and at which version of the rows."""

    words: Synonyms
    cursor: str
    asked: float
    version: Hashable = None


def current(session: Session) -> Synonyms:
    """The list as it was a second ago at most, whichever process changed it. Costs no statement within that second.

    Where the version of the rows is known, it is the list of that version: what is remembered of an answer must not be older.
    """
    kept: dict[str, Any] = session.info.get("kept", {})
    before: Kept | None = kept.get(__name__)
    version: Hashable = session.info.get("version")
    if before is not None and _is_current(before, version):
        return before.words
    kept[__name__] = found = _looked(session, before, monotonic(), version)
    return found.words


def _is_current(before: Kept, version: Hashable) -> bool:
    return monotonic() < before.asked + LOOKING if version is None else before.version == version


def _looked(session: Session, before: Kept | None, now: float, version: Hashable) -> Kept:
    if before is not None:
        log = changes.since(session, before.cursor, most=MOST)
        if len(log) < MOST and all(change.type != synonyms.CHANGED for change in log):
            return Kept(before.words, log[-1].cursor if log else before.cursor, now, version)
    cursor = head(session)
    return Kept(synonyms.current(session), cursor, now, version)
