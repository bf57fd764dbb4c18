"""What one revision of a vision answers to the guiding questions; a question without a row is "not yet" [V1]."""

from sqlmodel import Field

from knowledge.database import Table

LONGEST = 4_000


class VisionAnswer(Table, table=True):
    """An answer in one revision: words, a degree from 1 to 7, links, or an explicit "not yet" with what it waits for.

    `customers_view` says that it tells how customers see it, which needs evidence from customers [V2].
    """

    __tablename__ = "vision_answer"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    question: str = Field(primary_key=True, max_length=80)
    text: str = Field(default="", max_length=LONGEST)
    text_html: str = ""
    degree: int | None = None
    not_yet: bool = False
    customers_view: bool = False


class VisionAnswerLink(Table, table=True):
    """An entry to which an answer points: a practice, an insight, an initiative."""

    __tablename__ = "vision_answer_link"

    revision_id: int = Field(foreign_key="revision.id", primary_key=True)
    question: str = Field(primary_key=True, max_length=80)
    entry_id: int = Field(foreign_key="entry.id", primary_key=True, index=True)
