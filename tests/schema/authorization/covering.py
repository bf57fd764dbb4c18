"""Which cells there are, and which of them the quick run takes."""

from collections.abc import Iterator
from itertools import product

from knowledge.words import Audience, Kind
from tests.schema.authorization.cells import ROLES, STATES, Cell, can_be
from tests.schema.authorization.rules import RULES, always

ALIKE = (
    (Kind.BEST_PRACTICE, Kind.STORY, Kind.IDEA, Kind.QUESTION, Kind.REQUIREMENTS, Kind.LESSON, Kind.GUIDE),
    (Kind.INSIGHT,),
    (Kind.VISION, Kind.PRINCIPLE),
    (Kind.INITIATIVE,),
)
"""Kinds of which the domain says the same, as far as they have the same parts."""


def sort_of(cell: Cell) -> int:
    """Which of the alike the kind of a cell is of."""
    return next(number for number, alike in enumerate(ALIKE) if cell.kind in alike)


def is_real(cell: Cell) -> bool:
    """Whether there can be such a cell: what is not there yet is created in no state, for any audience that one may ask for."""
    rule = RULES[cell.verb]
    if not rule.needs_entry:
        return cell.state == STATES[0]
    return can_be(cell.kind, cell.audience) and cell.kind in rule.kinds


def every_cell() -> Iterator[Cell]:
    """The whole matrix."""
    for verb, role, state, audience, kind in product(RULES, ROLES, STATES, Audience, Kind):
        cell = Cell(role, kind, state, audience, verb)
        if is_real(cell):
            yield cell


def in_turn() -> Iterator[Cell]:
    """Every verb by every role in every state, or in every other where it is done at any time; to a cell one audience and one sort
    of kind, so that every verb meets each of these with every role, and in every state. And every kind is created by every role.
    """
    audiences, created = list(Audience), [verb for verb, rule in RULES.items() if not rule.needs_entry]
    for (v, verb), (r, role), (s, state) in product(enumerate(RULES), enumerate(ROLES), enumerate(STATES)):
        if verb not in created and (RULES[verb].when is not always or (v + r + s) % 2):
            yield _fitting(
                role, state, audiences[(v // 2 + r // 2 + s // 2) % 4], (v // 8 + r + 3 * (s // 2)) % 4, verb
            )
    for verb, (r, role), (k, kind) in product(created, enumerate(ROLES), enumerate(Kind)):
        yield Cell(role, kind, STATES[0], audiences[(r + k) % 4], verb)


def _fitting(role: str, state: str, audience: Audience, sort: int, verb: str) -> Cell:
    """A cell with a kind of a sort, of those that have what the verb needs; the same ones for a state and an audience."""
    alike = ALIKE[sort]
    kind = alike[(STATES.index(state) * 3 + list(Audience).index(audience)) % len(alike)]
    if kind not in RULES[verb].kinds:
        fit = [each for each in Kind if each in RULES[verb].kinds]
        kind = fit[sort % len(fit)]
    return Cell(role, kind if can_be(kind, audience) else Kind.GUIDE, state, audience, verb)
