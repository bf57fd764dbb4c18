"""Where the evidence of a vision belongs: at an assumption that it tests, or at the answer to a guiding question."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Row, Table, grouped, neighbours, read, table_of
from knowledge.entries.entry import EntryRow
from knowledge.errors import Invalid, NotFound
from knowledge.evidence.pieces import Evidence, EvidenceRow, of_entry, v
from knowledge.people import Act, Viewer, require
from knowledge.vision.assumptions import AssumptionRow, by_uid
from knowledge.vision.questions import GuidingQuestion
from knowledge.words import Kind


class VisionEvidence(Table, table=True):
    """What within a vision a piece of its evidence is about: an assumption, or the answer to a guiding question [V2]."""

    __tablename__ = "vision_evidence"

    id: int | None = Field(default=None, primary_key=True)
    uid: UUID = Field(default_factory=clock.uid, unique=True)
    evidence_id: int = Field(foreign_key="evidence.id", index=True, sa_column_kwargs={"info": {"goes_along": True}})
    assumption_id: int | None = Field(default=None, foreign_key="assumption.id", index=True)
    question: str | None = Field(default=None, max_length=80)


_x = table_of(VisionEvidence).c


class _PlacedRow(Row):
    entry_id: int
    evidence_id: int
    assumption_id: int | None
    question: str | None


def _placed(session: Session, visions: list[EntryRow]) -> Mapping[int, list[_PlacedRow]]:
    statement = (
        select(_x.id, v.entry_id, _x.evidence_id, _x.assumption_id, _x.question)
        .join_from(table_of(VisionEvidence), table_of(Evidence), v.id == _x.evidence_id)
        .where(v.entry_id.in_([row.id for row in visions]))
    )
    return grouped(visions, read(session, _PlacedRow, statement), lambda row: row.entry_id)


def evidence_at(
    vision: EntryRow, viewer: Viewer, *, assumption: AssumptionRow | None = None, question: str | None = None
) -> Sequence[EvidenceRow]:
    """The pieces of a vision's evidence that are about one assumption or one answer, for colleagues; two statements for a list."""
    if not viewer.is_inside:
        return ()
    id = assumption.id if assumption is not None else None
    wanted = {
        row.evidence_id for row in neighbours(vision, _placed) if (row.assumption_id, row.question) == (id, question)
    }
    return [piece for piece in of_entry(vision, viewer) if piece.id in wanted] if wanted else ()


def place(
    session: Session,
    viewer: Viewer,
    vision: EntryRow,
    piece: EvidenceRow,
    *,
    assumption: UUID | None,
    question: str | None,
) -> None:
    """Say what within a vision a piece of its evidence is about: an assumption, or the answer to a question. Twice does no harm.

    Refuses NOT_ALLOWED, NOT_FOUND and INVALID.
    """
    require(viewer, Act.ENTRIES_WRITE, doing="put evidence in its place")
    require(viewer, Act.FEEDBACK_READ, doing="put evidence in its place")
    if assumption is not None and question is not None:
        raise Invalid("Name an assumption or a question, not both.", "question")
    row = by_uid(session, viewer, assumption) if assumption is not None else None
    if assumption is not None and (row is None or row.entry_id != vision.id):
        raise NotFound("This vision has no such assumption.", "assumption")
    known = table_of(GuidingQuestion).c
    asked = select(known.id).where(known.key == question)
    if question is not None and (vision.kind is not Kind.VISION or session.connection().execute(asked).first() is None):
        raise NotFound("There is no such guiding question.", "question")
    id = row.id if row is not None else None
    same = select(_x.id).where(_x.evidence_id == piece.id, _x.assumption_id.is_not_distinct_from(id))
    if session.connection().execute(same.where(_x.question.is_not_distinct_from(question))).first() is None:
        session.add(VisionEvidence(evidence_id=piece.id, assumption_id=id, question=question))
        session.flush()  # the vision's gaps are read back


def forget(session: Session, evidence_id: int) -> None:
    """Nothing is about anything any more once a piece is taken off."""
    session.connection().execute(delete(table_of(VisionEvidence)).where(_x.evidence_id == evidence_id))


def among(session: Session, evidence_ids: Sequence[int]) -> frozenset[int]:
    """Which of these pieces are about an assumption."""
    held = select(_x.evidence_id).where(_x.evidence_id.in_(evidence_ids), _x.assumption_id.is_not(None))
    return frozenset(session.connection().execute(held).scalars())


def questions_among(session: Session, evidence_ids: Sequence[int]) -> Mapping[int, list[str]]:
    """The questions whose answers these pieces are about, by the piece."""
    held = select(_x.evidence_id, _x.question).where(_x.evidence_id.in_(evidence_ids), _x.question.is_not(None))
    found: dict[int, list[str]] = {}
    for id, question in session.connection().execute(held.order_by(_x.question)):
        found.setdefault(id, []).append(question)
    return found


def put(session: Session, evidence_id: int, questions: Sequence[str]) -> None:
    """Put a new piece at the answers to these questions, as an import has it."""
    session.add_all(VisionEvidence(evidence_id=evidence_id, question=question) for question in dict.fromkeys(questions))
