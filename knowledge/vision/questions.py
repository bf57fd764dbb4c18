"""The seven steps and their thirty guiding questions, as the library installs them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Field, Session

from knowledge.database import Row, Table, formed, table_of, word
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
    questions: list["QuestionRow"]


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
    """The seven steps in their order, with their questions along in the same statement; they are everybody's to read."""
    step, question = table_of(Step), table_of(GuidingQuestion)
    asked = [each.label(f"asked_{each.name}") for each in question.c]
    statement = select(*step.c, *asked).outerjoin_from(step, question, question.c.step_id == step.c.id)
    found: dict[int, dict[str, Any]] = {}
    for row in session.connection().execute(statement.order_by(step.c.id, question.c.place)).mappings():
        own = {column.name: row[column.name] for column in step.c}
        questions: list[dict[str, Any]] = found.setdefault(row["id"], {**own, "questions": []})["questions"]
        if row["asked_id"] is not None:
            questions.append({column.name: row[f"asked_{column.name}"] for column in question.c})
    rows = [{**each, "questions": formed(session, QuestionRow, each["questions"])} for each in found.values()]
    return formed(session, StepRow, rows)


def questions_of(step: StepRow) -> list[QuestionRow]:
    """The guiding questions of a step in their order."""
    return step.questions
