"""Critical issues: what stands in an initiative's way, who sees to it and by when; a way to ask for help."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from knowledge import clock
from knowledge.database import Table, moment, word
from knowledge.words import IssueState, Severity


class CriticalIssue(Table, table=True):
    """One thing in the way."""

    __tablename__ = "critical_issue"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    update_id: int | None = Field(default=None, foreign_key="progress_update.id", index=True)
    title: str = Field(max_length=200)
    wanted: str = Field(default="", max_length=1_000)
    severity: Severity = word(Severity)
    state: IssueState = word(IssueState, IssueState.OPEN)
    owner_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    due: date | None = None
    outcome: str = Field(default="", max_length=1_000)
    raised_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = moment()
    updated_at: datetime = moment()
    settled_at: datetime | None = moment(default=None)
    version: int = 1
    sample: bool = False
