"""Reactions: one click on an entry or a comment, once per person and kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, delete, func, select
from sqlmodel import Field, Session

from knowledge import activity, clock
from knowledge.database import Row, Table, added, moment, table_of, word
from knowledge.entries import EntryRow
from knowledge.errors import NotAllowed
from knowledge.people import Act, Viewer, require
from knowledge.words import ReactionKind


class EntryReaction(Table, table=True):
    """What one person said to an entry with one click."""

    __tablename__ = "entry_reaction"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    kind: ReactionKind = word(ReactionKind, primary_key=True)
    created_at: datetime = moment()


class CommentReaction(Table, table=True):
    """What one person said to a comment with one click."""

    __tablename__ = "comment_reaction"

    comment_id: int = Field(foreign_key="comment.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    kind: ReactionKind = word(ReactionKind, primary_key=True)
    created_at: datetime = moment()


@dataclass(frozen=True, slots=True)
class Reactions:
    """How many reacted in one way, and whether the viewer did."""

    kind: ReactionKind
    count: int
    mine: bool


_MINE = "*"


def gathered(table: type[Table], target: str, id: ColumnElement[int], viewer: Viewer) -> ColumnElement[Any]:
    """All reactions to the row `id` of a statement as one text, for `counted`: a list of any length costs no statement more."""
    columns = table_of(table).c
    mark = case((columns.person_id == (viewer.id or -1), _MINE), else_="")
    kinds = func.aggregate_strings(cast(columns.kind, String) + mark, " ")
    return select(kinds).where(columns[target] == id).scalar_subquery()


def counted(text: str | None) -> Sequence[Reactions]:
    """How many reacted in each way, in the vocabulary's order, without the ways in which nobody did."""
    found = (text or "").split()
    kinds = Counter(each.removesuffix(_MINE) for each in found)
    mine = {each.removesuffix(_MINE) for each in found if each.endswith(_MINE)}
    return [Reactions(kind, kinds[kind], kind in mine) for kind in ReactionKind if kind in kinds]


def react_to_entry(session: Session, viewer: Viewer, entry: EntryRow, kind: ReactionKind) -> None:
    """Say this to an entry; saying it again changes nothing. Refuses NOT_ALLOWED."""
    if _add(session, viewer, EntryReaction, {"entry_id": entry.id}, kind):
        _record(session, viewer, "reaction.added", "Entry", entry, kind)


def take_back_from_entry(session: Session, viewer: Viewer, entry: EntryRow, kind: ReactionKind) -> None:
    """Take it back; where it was never said nothing changes. Refuses NOT_ALLOWED."""
    if _take_back(session, viewer, EntryReaction, {"entry_id": entry.id}, kind):
        _record(session, viewer, "reaction.removed", "Entry", entry, kind)


def react_to_comment(session: Session, viewer: Viewer, comment: Row, kind: ReactionKind) -> None:
    """Say this to a comment. Refuses NOT_ALLOWED."""
    if _add(session, viewer, CommentReaction, {"comment_id": comment.id}, kind):
        _record(session, viewer, "reaction.added", "Comment", comment, kind)


def take_back_from_comment(session: Session, viewer: Viewer, comment: Row, kind: ReactionKind) -> None:
    """Take it back from a comment. Refuses NOT_ALLOWED."""
    if _take_back(session, viewer, CommentReaction, {"comment_id": comment.id}, kind):
        _record(session, viewer, "reaction.removed", "Comment", comment, kind)


def _add(session: Session, viewer: Viewer, table: type[Table], target: Mapping[str, int], kind: ReactionKind) -> bool:
    person = require_somebody(viewer, doing="react")
    row = {**target, "person_id": person, "kind": kind, "created_at": clock.now()}
    return added(session, table, **row) is not None


def _take_back(
    session: Session, viewer: Viewer, table: type[Table], target: Mapping[str, int], kind: ReactionKind
) -> bool:
    own = {**target, "person_id": require_somebody(viewer, doing="react"), "kind": kind}
    columns = table_of(table).c
    gone = delete(table_of(table)).where(*(columns[name] == value for name, value in own.items()))
    return bool(session.connection().execute(gone).rowcount)


def _record(session: Session, viewer: Viewer, verb: str, type: str, target: Any, kind: ReactionKind) -> None:
    moved = {"kind": (None, kind) if verb == "reaction.added" else (kind, None)}
    revision = getattr(target, "revision", 0)
    activity.record(session, viewer.id, verb, type, target.uid, revision=revision, moved=moved)


def require_somebody(viewer: Viewer, *, doing: str) -> int:
    """The key of the person who acts: refuses NOT_ALLOWED without community:write, and where nobody in particular acts."""
    require(viewer, Act.COMMUNITY_WRITE, doing=doing)
    if viewer.id is None:
        raise NotAllowed("This is done by people, each in their own name.")
    return viewer.id
