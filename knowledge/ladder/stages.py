"""The stages, the moves between them that are legal, and the stage that follows from facts: pure functions of plain values."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from knowledge.words import CustomerRelation, Stage, TransactionKind

SUSPECT, PROSPECT, FIRST_TIME, REPEAT = Stage.SUSPECT, Stage.PROSPECT, Stage.FIRST_TIME, Stage.REPEAT
CLIENT, ADVOCATE = Stage.CLIENT, Stage.ADVOCATE
DISQUALIFIED, INACTIVE = Stage.DISQUALIFIED, Stage.INACTIVE

LADDER = (SUSPECT, PROSPECT, FIRST_TIME, REPEAT, CLIENT, ADVOCATE)
"""The rungs, the lowest first; the other two stages lie beside the ladder."""

MOVES: Mapping[Stage, tuple[Stage, ...]] = {
    SUSPECT: (PROSPECT, FIRST_TIME, DISQUALIFIED),
    PROSPECT: (SUSPECT, FIRST_TIME, DISQUALIFIED),
    FIRST_TIME: (REPEAT, CLIENT, INACTIVE),
    REPEAT: (CLIENT, INACTIVE),
    CLIENT: (REPEAT, ADVOCATE, INACTIVE),
    ADVOCATE: (REPEAT, CLIENT, INACTIVE),
    INACTIVE: (REPEAT, CLIENT, ADVOCATE, DISQUALIFIED),
    DISQUALIFIED: (PROSPECT, FIRST_TIME),
}
"""The 23 legal moves of the 56 there could be, in the order of the ladder."""

BEFORE = frozenset({SUSPECT, PROSPECT, DISQUALIFIED})
"""Where somebody stands with whom there were no dealings yet."""

DORMANT_AFTER = 365
"""Days without dealings, or since a customer spoke for us, that still count; one more does not."""


@dataclass(frozen=True, slots=True)
class Dealing:
    """What a customer had of one offering, or of none that is known: of which kind, how often, and on which day the last time."""

    kind: TransactionKind
    last: date
    times: int = 1
    offering: int | None = None
    dormant_after: int = DORMANT_AFTER

    def is_recent(self, today: date) -> bool:
        """Whether it is within the time that its offering allows."""
        return (today - self.last).days <= self.dormant_after


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a customer and counts for their stage."""

    today: date
    relation: CustomerRelation = CustomerRelation.EXTERNAL
    need: bool | None = None
    ability: bool | None = None
    dealings: Sequence[Dealing] = ()
    applicable: frozenset[int] = field(default_factory=frozenset)
    advocated_on: date | None = None

    @property
    def bought(self) -> Sequence[Dealing]:
        """What counts as bought; colleagues do not pay, and are served."""
        if self.relation is CustomerRelation.INTERNAL:
            return self.dealings
        return [each for each in self.dealings if each.kind is not TransactionKind.SERVICE_DELIVERY]

    @property
    def purchases(self) -> int:
        """How many purchases and renewals there were."""
        return sum(each.times for each in self.bought)

    @property
    def covered(self) -> frozenset[int]:
        """Which of the offerings that they can use they have bought and not left off since."""
        recent = {each.offering for each in self.bought if each.is_recent(self.today)}
        return frozenset(each for each in self.applicable if each in recent)

    @property
    def speaks_for_us(self) -> bool:
        """Whether they did so within the window."""
        return self.advocated_on is not None and (self.today - self.advocated_on).days <= DORMANT_AFTER


def derived(facts: Facts) -> Stage:
    """The stage that follows from the facts alone, wherever the customer stands."""
    if not facts.dealings:
        if facts.need is False or facts.ability is False:
            return DISQUALIFIED
        return PROSPECT if facts.need and facts.ability else SUSPECT
    if not any(each.is_recent(facts.today) for each in facts.dealings):
        return INACTIVE
    if facts.applicable and facts.covered == facts.applicable:
        return ADVOCATE if facts.speaks_for_us else CLIENT
    return REPEAT if facts.purchases > 1 else FIRST_TIME


def settled(stage: Stage, facts: Facts) -> Stage:
    """The stage that the facts lead to from another: nobody is a first-time customer twice, or a stranger once there were dealings."""
    wanted = derived(facts)
    if wanted in BEFORE:
        return wanted if stage in BEFORE else stage
    if wanted is FIRST_TIME and stage not in BEFORE and stage is not FIRST_TIME:
        return REPEAT
    return wanted


def is_news(stage: Stage, wanted: Stage) -> bool:
    """Whether facts that are newer than what a person said of a customer overrule it: they stand higher than was thought."""
    return _height(wanted) > _height(stage)


def _height(stage: Stage) -> int:
    return LADDER.index(stage) + 1 if stage in LADDER else 0


@cache
def way(stage: Stage, wanted: Stage) -> tuple[Stage, ...]:
    """The stages from one to another by the fewest legal moves, without the first; empty where they are the same."""
    came: dict[Stage, tuple[Stage, ...]] = {stage: ()}
    waiting = deque([stage])
    while wanted not in came:
        here = waiting.popleft()
        for step in MOVES[here]:
            if step not in came:
                came[step] = (*came[here], step)
                waiting.append(step)
    return came[wanted]


def moves(stage: Stage, *, dealt: bool) -> tuple[Stage, ...]:
    """Where somebody may be moved by hand; whoever had dealings with us is no stranger any more, and disqualified only once inactive."""
    if not dealt:
        return MOVES[stage]
    return tuple(each for each in MOVES[stage] if each not in BEFORE or (each, stage) == (DISQUALIFIED, INACTIVE))


def told(facts: Facts) -> str:
    """The facts in words, as a move keeps them for its evidence."""
    if not facts.dealings:
        known = {True: "yes", False: "no", None: "not known"}
        return f"No dealings yet; need: {known[facts.need]}, ability to buy: {known[facts.ability]}."
    last = max(each.last for each in facts.dealings)
    parts = [f"{facts.purchases} {'purchase' if facts.purchases == 1 else 'purchases'}, last dealings on {_day(last)}"]
    if facts.applicable:
        parts.append(f"{len(facts.covered)} of the {len(facts.applicable)} offerings they can use")
    else:
        parts.append("what they can use is not known")
    if facts.advocated_on is not None:
        parts.append(f"spoke for us on {_day(facts.advocated_on)}")
    return f"{'; '.join(parts)}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
