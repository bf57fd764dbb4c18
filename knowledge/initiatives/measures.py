"""The scores that an initiative means to move, before it began and since."""

from sqlmodel import Field

from knowledge.database import Table


class InitiativeMeasure(Table, table=True):
    """A question of a survey whose score an initiative means to move."""

    __tablename__ = "initiative_measure"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    question_id: int = Field(foreign_key="survey_question.id", primary_key=True, index=True)
