"""Posts and comments that became feedback or the draft of a practice, with their author and a link back [C2]."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.community.follows import GOES_ALONG
from knowledge.database import Table, moment


class Promotion(Table, table=True):
    """What was promoted, a post or a comment on one, and what it became; exactly one of each is given."""

    __tablename__ = "promotion"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    comment_id: int | None = Field(default=None, foreign_key="comment.id", index=True)
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id", index=True, sa_column_kwargs=GOES_ALONG)
    practice_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
