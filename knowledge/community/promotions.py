"""Posts and comments that became feedback or the draft of a practice, with their author and a link back [C2]."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Field, Session

from knowledge import clock, entries, feedback, people
from knowledge.community import comments
from knowledge.community.comments import CommentRow
from knowledge.community.follows import GOES_ALONG
from knowledge.database import Row, Table, columns_of, moment, neighbours, read, table_of
from knowledge.entries import EntryRow
from knowledge.feedback import Feedback, FeedbackRow
from knowledge.people import PersonRow, Viewer


class Promotion(Table, table=True):
    """What was promoted, a post or a comment on one, and what it became; exactly one of each is given."""

    __tablename__ = "promotion"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True, sa_column_kwargs=GOES_ALONG)
    comment_id: int | None = Field(default=None, foreign_key="comment.id", index=True, sa_column_kwargs=GOES_ALONG)
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id", index=True, sa_column_kwargs=GOES_ALONG)
    practice_id: int | None = Field(default=None, foreign_key="entry.id", index=True, sa_column_kwargs=GOES_ALONG)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()


class PromotionRow(Row):
    """A promotion as it is read."""

    uid: UUID
    entry_id: int | None
    comment_id: int | None
    feedback_id: int | None
    practice_id: int | None
    person_id: int | None
    created_at: datetime


class MadeRow(PromotionRow):
    """A promotion with what the viewer may know of what it became."""

    feedback_uid: UUID | None
    practice_slug: str | None
    practice_title: str | None


_m, _f = table_of(Promotion).c, table_of(Feedback).c


def _by(session: Session, column: str, ids: Sequence[int]) -> Mapping[int, list[PromotionRow]]:
    """Promotions by what one of their columns names, the first first."""
    found: dict[int, list[PromotionRow]] = {id: [] for id in ids}
    statement = select(*columns_of(Promotion)).where(_m[column].in_(ids)).order_by(_m.id)
    for row in read(session, PromotionRow, statement):
        found[getattr(row, column)].append(row)
    return found


def _made(session: Session, column: str, ids: Sequence[int], viewer: Viewer) -> Mapping[int, list[MadeRow]]:
    """The same with what became of them, as far as the viewer may see that; in one statement."""
    seen = entries.seen_by(viewer).subquery("seen")
    heard = select(_f.id, _f.uid).where(feedback.visible_to(viewer)).subquery("heard")
    became = (
        heard.c.uid.label("feedback_uid"),
        seen.c.slug.label("practice_slug"),
        seen.c.title.label("practice_title"),
    )
    statement = (
        select(*columns_of(Promotion), *became)
        .outerjoin_from(table_of(Promotion), heard, heard.c.id == _m.feedback_id)
        .outerjoin(seen, seen.c.id == _m.practice_id)
        .where(_m[column].in_(ids), or_(heard.c.id.is_not(None), seen.c.id.is_not(None)))
    )
    found: dict[int, list[MadeRow]] = {id: [] for id in ids}
    for row in read(session, MadeRow, statement.order_by(_m.id)):
        found[getattr(row, column)].append(row)
    return found


def _of_posts(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, Sequence[MadeRow]]:
    return _made(session, "entry_id", [row.id for row in rows], viewer)


def _of_comments(session: Session, rows: list[CommentRow], viewer: Viewer) -> Mapping[int, Sequence[MadeRow]]:
    return _made(session, "comment_id", [row.id for row in rows], viewer)


def of(target: EntryRow | CommentRow, viewer: Viewer) -> Sequence[MadeRow]:
    """What became of a post or a comment, as far as the viewer may see it."""
    if isinstance(target, CommentRow):
        return neighbours(target, _of_comments, viewer)
    return neighbours(target, _of_posts, viewer)


def _into_feedback(session: Session, rows: list[FeedbackRow]) -> Mapping[int, Sequence[PromotionRow]]:
    return _by(session, "feedback_id", [row.id for row in rows])


def _into_practices(session: Session, rows: list[EntryRow]) -> Mapping[int, Sequence[PromotionRow]]:
    return _by(session, "practice_id", [row.id for row in rows])


def behind(made: EntryRow | FeedbackRow, viewer: Viewer) -> PromotionRow | None:
    """The promotion that something came of, where the viewer may see what it was."""
    found: Sequence[PromotionRow] = (
        neighbours(made, _into_feedback) if isinstance(made, FeedbackRow) else neighbours(made, _into_practices)
    )
    return next((row for row in found if post_of(row, viewer) is not None), None)


def _feedback(session: Session, rows: list[PromotionRow], viewer: Viewer) -> Mapping[int, FeedbackRow | None]:
    found = feedback.by_ids(session, viewer, (row.feedback_id for row in rows if row.feedback_id is not None))
    return {row.id: found.get(row.feedback_id or 0) for row in rows}


def feedback_of(row: PromotionRow, viewer: Viewer) -> FeedbackRow | None:
    """The feedback that it became, if it did and the viewer may read that."""
    return neighbours(row, _feedback, viewer)


def _practices(session: Session, rows: list[PromotionRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    found = entries.by_ids(session, viewer, (row.practice_id for row in rows if row.practice_id is not None))
    return {row.id: found.get(row.practice_id or 0) for row in rows}


def practice_of(row: PromotionRow, viewer: Viewer) -> EntryRow | None:
    """The practice that it became, if it did and the viewer may see that; a draft is its author's alone."""
    return neighbours(row, _practices, viewer)


def _comments(session: Session, rows: list[PromotionRow], viewer: Viewer) -> Mapping[int, CommentRow | None]:
    found = comments.by_ids(session, viewer, (row.comment_id for row in rows if row.comment_id is not None))
    return {row.id: found.get(row.comment_id or 0) for row in rows}


def comment_of(row: PromotionRow, viewer: Viewer) -> CommentRow | None:
    """The comment that was promoted; None where it was a post, and for whoever may not read it."""
    return neighbours(row, _comments, viewer)


def _posts(session: Session, rows: list[PromotionRow], viewer: Viewer) -> Mapping[int, EntryRow | None]:
    said = {row.id: comment for row in rows if (comment := comment_of(row, viewer)) is not None}
    on = {row.id: row.entry_id or (said[row.id].entry_id if row.id in said else None) for row in rows}
    found = entries.by_ids(session, viewer, {id for id in on.values() if id is not None})
    return {id: found.get(entry_id or 0) for id, entry_id in on.items()}


def post_of(row: PromotionRow, viewer: Viewer) -> EntryRow | None:
    """The post that was promoted, or the entry that the comment is on."""
    return neighbours(row, _posts, viewer)


def author_of(row: PromotionRow, viewer: Viewer) -> PersonRow | None:
    """Who wrote what was promoted."""
    comment, post = comment_of(row, viewer), post_of(row, viewer)
    if comment is not None:
        return comments.author_of(comment)
    return neighbours(post, people.loaded, "author_id") if post is not None and row.entry_id is not None else None


def made_of(session: Session, target: EntryRow | CommentRow, column: str) -> list[PromotionRow]:
    """What a post or a comment became in one way, whoever asks; for rules that have looked at who may."""
    mine: Any = _m.comment_id if isinstance(target, CommentRow) else _m.entry_id
    statement = select(*columns_of(Promotion)).where(mine == target.id, _m[column].is_not(None)).order_by(_m.id)
    return read(session, PromotionRow, statement)
