"""The seven steps and their thirty guiding questions, as the library installs them."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlmodel import Field, Session

from knowledge.database import Row, Table, columns_of, grouped, neighbours, read, table_of, word
from knowledge.words import AnswerKind, VisionStep


class Step(Table, table=True):
    """One of the seven steps."""

    __tablename__ = "vision_step"

    id: int = Field(primary_key=True)
    key: VisionStep = word(VisionStep)
    title: str
    why: str


class GuidingQuestion(Table, table=True):
    """A question that a vision answers, or says "not yet" to."""

    __tablename__ = "guiding_question"

    id: int | None = Field(default=None, primary_key=True)
    step_id: int = Field(foreign_key="vision_step.id", index=True)
    place: int
    key: str = Field(unique=True, max_length=80)
    text: str
    answer: AnswerKind = word(AnswerKind)
    help: str = ""


class StepRow(Row):
    """A step as it is read."""

    key: VisionStep
    title: str
    why: str


class QuestionRow(Row):
    """A guiding question as it is read."""

    step_id: int
    place: int
    key: str
    text: str
    answer: AnswerKind
    help: str


def install(session: Session, steps: Iterable[tuple[Step, list[GuidingQuestion]]]) -> None:
    """Replace the steps and questions by these; run at `init` and at an upgrade."""
    session.connection().execute(delete(table_of(GuidingQuestion)))
    session.connection().execute(delete(table_of(Step)))
    for step, questions in steps:
        session.add(step)
        session.flush()  # its questions point at it
        session.add_all(questions)


def steps(session: Session) -> list[StepRow]:
    """The seven steps in their order; they are everybody's to read."""
    return read(session, StepRow, select(*columns_of(Step)).order_by(table_of(Step).c.id))


def _questions(session: Session, rows: list[StepRow]) -> dict[int, list[QuestionRow]]:
    table = table_of(GuidingQuestion).c
    found = read(session, QuestionRow, select(*columns_of(GuidingQuestion)).order_by(table.step_id, table.place))
    return grouped(rows, found, lambda question: question.step_id)


def questions_of(step: StepRow) -> list[QuestionRow]:
    """The guiding questions of a step in their order, read for all steps at once."""
    return neighbours(step, _questions)
