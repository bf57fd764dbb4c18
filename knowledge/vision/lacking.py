"""What a vision still lacks, in words: a gap that is shown is halfway closed [V1]."""

from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session

from knowledge.database import neighbours
from knowledge.entries.entry import EntryRow
from knowledge.people import Viewer
from knowledge.vision import assumptions, commitments, communications, placing, questions, reading
from knowledge.words import AssumptionState, Audience


def _total(session: Session, visions: list[EntryRow]) -> Mapping[int, int]:
    total = sum(len(questions.questions_of(step)) for step in questions.steps(session))
    return {row.id: total for row in visions}


def gaps(vision: EntryRow, viewer: Viewer) -> Sequence[str]:
    """A sentence for each thing that is missing; for colleagues."""
    return list(_gaps(vision, viewer)) if viewer.is_inside else ()


def _gaps(vision: EntryRow, viewer: Viewer) -> Iterator[str]:
    answered = [row for row in reading.answers_of(vision) if not row.not_yet]
    if (left := neighbours(vision, _total) - len(answered)) > 0:
        yield f"{_many(left, 'guiding question')} {'is' if left == 1 else 'are'} not answered yet."
    taken = assumptions.of_vision(vision, viewer)
    if not taken:
        yield "No assumption is written down: what it takes for granted can neither be tested nor refuted."
    if blind := sum(not row.test for row in taken if row.state is not AssumptionState.REFUTED):
        yield f"{_many(blind, 'assumption')} without a test."
    if refuted := sum(row.state is AssumptionState.REFUTED for row in taken):
        yield f"{_many(refuted, 'assumption')} refuted: what stands on it is to be thought over."
    if due := sum(row.is_due for row in taken):
        yield f"{_many(due, 'assumption')} past the day on which it was to be looked at."
    if bare := sum(
        not placing.evidence_at(vision, viewer, question=row.question) for row in answered if row.customers_view
    ):
        yield f"{_many(bare, 'answer')} said to be the customers' view, without a customer behind it."
    version = reading.version_of(vision)
    needed = [row for row in commitments.stakeholders_of(vision, viewer) if row.key]
    if not needed:
        yield "Nobody is named whose support it cannot do without."
    elif missing := sum(not commitments.is_behind(row, version) for row in needed):
        yield f"{_many(missing, 'key stakeholder')} not behind version {version} yet."
    outside = (Audience.CUSTOMERS, Audience.PUBLIC)
    if version and not any(row.audience in outside for row in communications.of_vision(vision, viewer)):
        yield "Customers have not been told the what and the why."


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
