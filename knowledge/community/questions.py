"""Questions to colleagues and leaders: to whom one is addressed, and which answer its asker accepted."""

from datetime import datetime

from sqlmodel import Field

from knowledge.database import Table, moment


class Addressee(Table, table=True):
    """The person or the group whom a question asks; exactly one is given."""

    __tablename__ = "addressee"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="functional_group.id", index=True)


class AcceptedAnswer(Table, table=True):
    """The comment that answers a question, as whoever asked or a steward says."""

    __tablename__ = "accepted_answer"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    accepted_by_id: int | None = Field(default=None, foreign_key="person.id")
    accepted_at: datetime = moment()
