"""The vision traced down to its evidence, link by link, with what is missing at each; read in as many statements for fifty
initiatives as for one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, cast, exists, func, literal, null, or_, select, union_all
from sqlmodel import Session

from knowledge import evidence, vision
from knowledge.database import read, table_of
from knowledge.entries import Entry, EntryRow, links
from knowledge.entries.entry import seen_by
from knowledge.entries.links import SlugRedirect
from knowledge.evidence import Evidence
from knowledge.initiatives import planning
from knowledge.initiatives.planning import InitiativeBacking
from knowledge.missing import Missing
from knowledge.people import Viewer
from knowledge.vision import StepRow, assumptions, reading
from knowledge.vision.answers import AnswerRow, VisionAnswerLink
from knowledge.vision.assumptions import AssumptionRow
from knowledge.vision.questions import QuestionRow, questions_of
from knowledge.words import AssumptionState, Kind, LinkKind, MissingLink, Status

MOST_INITIATIVES = 100
MOST_PRACTICES = 300
MOST_UNMET = 20
TRACED = (Kind.BEST_PRACTICE, Kind.INITIATIVE)
"""What an answer may point to that the chain goes on with."""

_e = table_of(Entry).c
_b, _l, _s = table_of(InitiativeBacking).c, table_of(VisionAnswerLink).c, table_of(SlugRedirect).c


@dataclass(frozen=True, slots=True)
class TracedPractice:
    """A practice at the end of the chain; its evidence is weighed with that of all others."""

    practice: EntryRow
    missing: Sequence[Missing]


@dataclass(frozen=True, slots=True)
class TracedInitiative:
    """An initiative with its practices; `shaken` where an assumption above it does not hold."""

    initiative: EntryRow
    practices: Sequence[TracedPractice]
    shaken: bool
    missing: Sequence[Missing]


@dataclass(frozen=True, slots=True)
class TracedQuestion:
    """A guiding question with what the vision answers, and what carries that out."""

    vision: EntryRow
    question: QuestionRow
    answer: AnswerRow | None
    initiatives: Sequence[TracedInitiative]
    practices: Sequence[TracedPractice]
    missing: Sequence[Missing]


@dataclass(frozen=True, slots=True)
class TracedStep:
    """A step with its questions, and the initiatives that serve it as a whole."""

    step: StepRow
    refuted: Sequence[AssumptionRow]
    questions: Sequence[TracedQuestion]
    initiatives: Sequence[TracedInitiative]
    missing: Sequence[Missing]


@dataclass(frozen=True, slots=True)
class Trace:
    """The chain from a vision to its evidence, and what hangs in the air beside it."""

    vision: EntryRow | None
    steps: Sequence[TracedStep]
    refuted: Sequence[AssumptionRow]
    astray: Sequence[TracedInitiative]
    without_vision: Sequence[EntryRow]
    without_evidence: Sequence[EntryRow]
    without_initiative: Sequence[QuestionRow]


class _CarryingRow(EntryRow):
    vision_id: int | None


class _LinkedRow(EntryRow):
    near: str  # "initiative", "answer", "bare"
    near_id: int | None
    question: str


@dataclass(frozen=True)
class _World:
    """What was read, by what it hangs on."""

    vision: EntryRow | None
    answers: Mapping[str, AnswerRow]
    refuted: Sequence[AssumptionRow]
    serving: Sequence[EntryRow] = ()
    carrying: Mapping[int, EntryRow] = field(default_factory=dict)
    practices: Mapping[int, Sequence[EntryRow]] = field(default_factory=dict)
    pointed: Mapping[str, Sequence[EntryRow]] = field(default_factory=dict)
    viewer: Viewer = field(default_factory=Viewer)


def trace(session: Session, viewer: Viewer, of: EntryRow | None = None) -> Trace | None:
    """The chain of a vision, of the one that stands unless another is given; for colleagues, None for everyone else.

    Without any vision all initiatives hang in the air, which is said as well.
    """
    if not viewer.is_inside:
        return None
    found = of if of is not None else reading.current(session, viewer)
    if found is not None and found.kind is not Kind.VISION:
        return None
    carrying = _initiatives(session, viewer, found)
    serving = [row for row in carrying if found is not None and row.vision_id == found.id]
    linked = _linked(session, viewer, carrying, found)
    world = _World(
        found,
        {answer.question: answer for answer in reading.answers_of(found)} if found is not None else {},
        _refuted(found, viewer),
        serving,
        {row.id: row for row in carrying},
        _by(linked, "initiative", lambda row: row.near_id),
        _by(linked, "answer", lambda row: row.question),
        viewer,
    )
    steps = [_step(world, each) for each in vision.steps(session)] if found is not None else []
    placed = {each.initiative.id for step in steps for each in _all_of(step)}
    return Trace(
        found,
        steps,
        world.refuted,
        [_initiative(world, row, ()) for row in serving if row.id not in placed],
        [row for row in carrying if row.vision_id is None][:MOST_UNMET],
        [row for row in linked if row.near == "bare"],
        [each.question for step in steps for each in step.questions if _lacks_initiative(each)],
    )


def _refuted(found: EntryRow | None, viewer: Viewer) -> Sequence[AssumptionRow]:
    taken = assumptions.of_vision(found, viewer) if found is not None else ()
    return [each for each in taken if each.state is AssumptionState.REFUTED]


def _all_of(step: TracedStep) -> Iterable[TracedInitiative]:
    yield from step.initiatives
    for each in step.questions:
        yield from each.initiatives


def _lacks_initiative(each: TracedQuestion) -> bool:
    return any(gap.what is MissingLink.INITIATIVE for gap in each.missing)


def _step(world: _World, step: StepRow) -> TracedStep:
    refuted = [each for each in world.refuted if each.step in (None, step.key)]
    served = {row.id: planning.steps_of(row) for row in world.serving}
    whole = [
        _initiative(world, row, refuted)
        for row in world.serving
        if any(each.step is step.key and not each.question for each in served[row.id])
    ]
    questions = [
        _question(
            world,
            question,
            [row for row in world.serving if any(each.question == question.key for each in served[row.id])],
            refuted,
            is_covered=bool(whole),
        )
        for question in questions_of(step)
    ]
    lacks = not whole and not any(each.initiatives for each in questions)
    gaps = [Missing(MissingLink.INITIATIVE, "No initiative serves this step.")] if lacks else []
    return TracedStep(step, refuted, questions, whole, gaps)


def _question(
    world: _World,
    question: QuestionRow,
    serving: Sequence[EntryRow],
    refuted: Sequence[AssumptionRow],
    *,
    is_covered: bool,
) -> TracedQuestion:
    answer, pointed = world.answers.get(question.key), world.pointed.get(question.key, ())
    known = {row.id for row in serving}
    carrying = [*serving, *(world.carrying[row.id] for row in pointed if row.id in world.carrying.keys() - known)]
    gaps = []
    if answer is None or answer.not_yet:
        gaps.append(Missing(MissingLink.ANSWER, "Not yet answered."))
    if not carrying and not is_covered:
        gaps.append(Missing(MissingLink.INITIATIVE, "No initiative carries it out."))
    assert world.vision is not None
    return TracedQuestion(
        world.vision,
        question,
        answer,
        [_initiative(world, row, refuted) for row in carrying],
        [_practice(row, world.viewer) for row in pointed if row.kind is Kind.BEST_PRACTICE],
        gaps,
    )


def _initiative(world: _World, row: EntryRow, refuted: Sequence[AssumptionRow]) -> TracedInitiative:
    practices = [_practice(each, world.viewer) for each in world.practices.get(row.id, ())]
    gaps = []
    if row not in world.serving:
        gaps.append(Missing(MissingLink.VISION, "It does not say that it carries out this vision."))
    if not practices:
        gaps.append(Missing(MissingLink.PRACTICE, "It names no practice that it rests on or brings about."))
    anywhere = any(each.step is None for each in world.refuted)
    return TracedInitiative(row, practices, bool(refuted) or anywhere, gaps)


def _practice(row: EntryRow, viewer: Viewer) -> TracedPractice:
    is_heard = bool(evidence.tally_of(row, viewer).spoken)
    gaps = [] if is_heard else [Missing(MissingLink.EVIDENCE, "No customer has been heard on it yet.")]
    return TracedPractice(row, gaps)


def _initiatives(session: Session, viewer: Viewer, found: EntryRow | None) -> Sequence[_CarryingRow]:
    """The published initiatives of this vision and of none, the latest changed first."""
    statement = (
        seen_by(viewer)
        .add_columns(_b.vision_id)
        .outerjoin(table_of(InitiativeBacking), _b.entry_id == _e.id)
        .where(_e.kind == Kind.INITIATIVE, _e.status == Status.PUBLISHED)
        .where(or_(_b.vision_id.is_(None), _b.vision_id == (found.id if found is not None else -1)))
        .order_by(_b.vision_id.is_(None), _e.updated_at.desc(), _e.id.desc())
    )
    return read(session, _CarryingRow, statement.limit(MOST_INITIATIVES))


def _linked(
    session: Session, viewer: Viewer, serving: Sequence[EntryRow], found: EntryRow | None
) -> Sequence[_LinkedRow]:
    """Practices at initiatives, entries to which answers point, and practices that nothing speaks for: all in one statement."""
    ids = [row.id for row in serving]
    pairs = union_all(*_ways(ids), *_answered(found), _bare(viewer)).subquery("traced")
    near, near_id, question, far = pairs.c
    labelled = (near.label("near"), near_id.label("near_id"), question.label("question"))
    statement = (
        seen_by(viewer)
        .add_columns(*labelled)
        .join(pairs, far == _e.id)
        .where(_e.status == Status.PUBLISHED, _e.kind.in_(TRACED))
        .order_by(near, _e.updated_at.desc(), _e.id.desc())
        .limit(MOST_PRACTICES)
    )
    rows = read(session, _LinkedRow, statement)
    return [row for row in rows if row.kind is Kind.BEST_PRACTICE or row.near == "answer"]


def _ways(ids: Collection[int]) -> Iterable[Select[Any]]:
    """Links of these initiatives either way; one that contradicts carries nothing out."""
    if not ids:
        return
    for pairs, near, far in (
        (each := links.pairs_of(near=[*ids]), each.c.from_id, each.c.to_id),
        (each := links.pairs_of(far=[*ids]), each.c.to_id, each.c.from_id),
    ):
        yield _row("initiative", near, null(), far).where(pairs.c.kind != LinkKind.CONTRADICTS)


def _answered(found: EntryRow | None) -> Iterable[Select[Any]]:
    if found is None:
        return
    mine = _l.revision_id == found.revision_id
    yield _row("answer", null(), _l.question, _e.id).where(mine, _e.slug == _l.slug)
    yield _row("answer", null(), _l.question, _s.entry_id).where(mine, _s.slug == _l.slug)


def _bare(viewer: Viewer) -> Select[Any]:
    """The practices that nothing was ever attached to, the latest changed first."""
    proof = table_of(Evidence).c
    chosen = (
        seen_by(viewer)
        .with_only_columns(_e.id)
        .where(_e.kind == Kind.BEST_PRACTICE, _e.status == Status.PUBLISHED)
        .where(~exists().where(proof.entry_id == _e.id))
        .order_by(_e.updated_at.desc(), _e.id.desc())
        .limit(MOST_UNMET)
        .subquery()
    )
    return _row("bare", null(), null(), chosen.c.id)


def _row(near: str, near_id: ColumnElement[Any], question: ColumnElement[Any], far: ColumnElement[Any]) -> Select[Any]:
    columns: list[Any] = [literal(near, String), cast(near_id, Integer), func.coalesce(cast(question, String), ""), far]
    return select(*columns)


def _by(rows: Sequence[_LinkedRow], near: str, key: Any) -> Mapping[Any, Sequence[EntryRow]]:
    found: dict[Any, dict[int, EntryRow]] = {}
    for row in rows:
        if row.near == near:
            found.setdefault(key(row), {})[row.id] = row
    return {place: list(each.values()) for place, each in found.items()}
