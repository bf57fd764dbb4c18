"""Who may do what to an entry, written down from what the domain says and not from the code: the matrix compares the two.

A cell is a role, a kind, a state, an audience and a verb. What it should come to is worked out in the order in which a person
would ask: may this token do such a thing at all, do I know of the entry, is it for me to do, is it the time for it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from knowledge.people import Act
from knowledge.words import Audience, Kind

DONE, NO_SCOPE, NOT_FOUND, NOT_ALLOWED, UNTIMELY = "done", "no scope", "not found", "not allowed", "untimely"

ROLES = (
    "author",
    "owner",  # who answers for it and did not write it
    "groupmate",  # of the group that a GROUP entry is for
    "colleague",
    "steward",
    "leader",
    "admin",
    "customer",
    "stranger",
    "reading token",  # the author's, with entries:read alone
    "writing token",  # the author's, with entries:write alone, which does not let it read
)
STATES = (
    "draft",
    "in review",
    "changes requested",
    "scheduled",
    "published",
    "published, newer draft",
    "archived",
    "obsolete",
)
OUT = frozenset({"published", "published, newer draft", "obsolete"})
KEPT_BACK = frozenset({"in review", "changes requested", "scheduled", "archived"})

CURATORS = frozenset({"steward", "leader", "admin"})
LEADERS = frozenset({"leader", "admin"})
INSIDE = frozenset({"author", "owner", "groupmate", "colleague"}) | CURATORS
OWN = frozenset({"author", "owner"})

# Leaders publish vision and initiatives; so whoever writes one of these is a leader.
DIRECTION = frozenset({Kind.VISION, Kind.PRINCIPLE, Kind.INITIATIVE})
# What leaves the company needs one approval by somebody other than its author [E2].
LEAVES = frozenset({Audience.CUSTOMERS, Audience.PUBLIC})

TOKENS: Mapping[str, Act] = {"reading token": Act.ENTRIES_READ, "writing token": Act.ENTRIES_WRITE}


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of the matrix."""

    role: str
    kind: Kind
    state: str
    audience: Audience
    verb: str


def sees(cell: Cell) -> bool:
    """Authors and owners see their own in any state; readers what is out, by its audience; curators what waits and what is over."""
    if cell.role in OWN or cell.role == "reading token":
        return True
    if cell.role == "writing token":
        return False
    if cell.state in OUT:
        return belongs(cell)
    return cell.state in KEPT_BACK and cell.role in CURATORS and belongs(cell)


def belongs(cell: Cell) -> bool:
    """Whether somebody is among those for whom an entry is."""
    return (
        cell.role
        in {
            Audience.PUBLIC: INSIDE | {"customer", "stranger"},
            Audience.CUSTOMERS: INSIDE | {"customer"},
            Audience.EMPLOYEES: INSIDE,
            Audience.GROUP: {"author", "groupmate"},
        }[cell.audience]
    )


def writes(cell: Cell) -> bool:
    """Author, owner and curators write; of direction only leaders do, and the one owner of an initiative."""
    if cell.kind in DIRECTION:
        return cell.role in LEADERS or cell.role == "author" or (cell.kind is Kind.INITIATIVE and cell.role == "owner")
    return cell.role in OWN | CURATORS


def creates(cell: Cell) -> bool:
    """Everybody inside writes what they know; direction is written by leaders."""
    if cell.kind in DIRECTION:
        return cell.role in LEADERS or cell.role == "author"
    return cell.role in INSIDE or cell.role == "writing token"


def reviews(cell: Cell) -> bool:
    """A steward or leader other than its author; direction is reviewed by leaders."""
    return cell.role in (LEADERS if cell.kind in DIRECTION else CURATORS)


def sends_out(cell: Cell) -> bool:
    """Whoever writes it, for colleagues; what leaves the company is sent out by a second pair of eyes."""
    return reviews(cell) if cell.audience in LEAVES else writes(cell)


def vouches(cell: Cell) -> bool:
    """Its owner and those who curate; whoever writes direction is a leader and curates."""
    return cell.role == "owner" or cell.role in CURATORS or (cell.role == "author" and cell.kind in DIRECTION)


def brings_evidence(cell: Cell) -> bool:
    """Employees of every function."""
    return cell.role in INSIDE


def reports(cell: Cell) -> bool:
    """The owner of an initiative and leaders; whoever writes one is a leader."""
    return cell.role in LEADERS | OWN


def always(cell: Cell) -> bool:
    """At any time."""
    return True


def newest_is_known(cell: Cell) -> bool:
    """A draft that somebody works on is theirs alone: others wait until it is submitted."""
    return cell.state != "published, newer draft" or cell.role in OWN


def has_something_to_submit(cell: Cell) -> bool:
    """There is something newer than what was submitted, scheduled or published last."""
    return cell.state in {"draft", "changes requested", "published, newer draft"} and newest_is_known(cell)


def waits_for_review(cell: Cell) -> bool:
    """It was submitted, and nobody has answered yet."""
    return cell.state == "in review"


def is_published(cell: Cell) -> bool:
    """It is out, and nothing has taken its place."""
    return cell.state in {"published", "published, newer draft"}


def is_live(cell: Cell) -> bool:
    """It is not over."""
    return cell.state != "archived"


def is_published_initiative(cell: Cell) -> bool:
    """An initiative that is out."""
    return cell.kind is Kind.INITIATIVE and is_published(cell)


def is_for_this_audience(cell: Cell) -> bool:
    """Every function has a right to what is known of customers: no insight is for a group alone."""
    return can_be(cell.kind, cell.audience)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do a thing, when there is something to do, and which scope a token needs for it."""

    may: Callable[[Cell], bool]
    when: Callable[[Cell], bool] = always
    scope: Act = Act.ENTRIES_WRITE
    needs_entry: bool = True
    names_feedback: bool = False


RULES: Mapping[str, Rule] = {
    "createEntry": Rule(creates, is_for_this_audience, needs_entry=False),
    "updateEntry": Rule(writes, newest_is_known),
    "submitEntry": Rule(writes, has_something_to_submit),
    "approveEntry": Rule(reviews, waits_for_review, Act.ENTRIES_CURATE),
    "requestChanges": Rule(reviews, waits_for_review, Act.ENTRIES_CURATE),
    "publishEntry": Rule(sends_out, newest_is_known),
    "archiveEntry": Rule(writes),
    "verifyEntry": Rule(vouches, is_published),
    "linkEntries": Rule(writes),
    "unlinkEntries": Rule(writes),
    "attachEvidence": Rule(brings_evidence, is_live, names_feedback=True),
    "detachEvidence": Rule(writes, names_feedback=True),
    "postProgress": Rule(reports, is_published_initiative),
}
"""Every mutation on entries. One that is in the schema and not here fails the test."""


def can_be(kind: Kind, audience: Audience) -> bool:
    """Whether there can be such an entry."""
    return not (kind is Kind.INSIGHT and audience is Audience.GROUP)


def expected(cell: Cell) -> frozenset[str]:
    """What the cell should come to; two answers where two reasons say no, for either is one."""
    rule = RULES[cell.verb]
    if cell.role in TOKENS and TOKENS[cell.role] is not rule.scope:
        return frozenset({NO_SCOPE})
    if (rule.needs_entry and not sees(cell)) or (rule.names_feedback and cell.role not in INSIDE):
        return frozenset({NOT_FOUND})
    no = {NOT_ALLOWED} if not rule.may(cell) else set()
    return frozenset(no | ({UNTIMELY} if not rule.when(cell) else set())) or frozenset({DONE})


ALIKE = (
    (Kind.BEST_PRACTICE, Kind.STORY, Kind.IDEA, Kind.QUESTION, Kind.REQUIREMENTS, Kind.LESSON, Kind.GUIDE),
    (Kind.INSIGHT,),
    (Kind.VISION, Kind.PRINCIPLE),
    (Kind.INITIATIVE,),
)
"""Kinds of which the domain says the same."""


def every_cell() -> Iterator[Cell]:
    """The whole matrix. What is not there yet is created for every kind, and in no state."""
    for verb, role, state, audience, kind in product(RULES, ROLES, STATES, Audience, Kind):
        if RULES[verb].needs_entry:
            if can_be(kind, audience):
                yield Cell(role, kind, state, audience, verb)
        elif state == STATES[0]:
            yield Cell(role, kind, state, audience, verb)


def kinds_in_turn() -> Iterator[Cell]:
    """Every role with every state, audience and verb, and with every state, verb and sort of kind: one kind to a cell, in turn."""
    for number, (verb, role, state, audience) in enumerate(product(RULES, ROLES, STATES, Audience)):
        if RULES[verb].needs_entry:
            places = [list(each).index(value) for each, value in ((RULES, verb), (ROLES, role), (STATES, state))]
            kind = in_turn(sum(places) + list(Audience).index(audience), number // len(Audience) % len(STATES))
            yield Cell(role, kind if can_be(kind, audience) else Kind.GUIDE, state, audience, verb)
    yield from (cell for cell in every_cell() if not RULES[cell.verb].needs_entry)


def in_turn(sort: int, place: int) -> Kind:
    """A kind of one sort after the other; within a sort the one whose turn it is."""
    alike = ALIKE[sort % len(ALIKE)]
    return alike[place % len(alike)]
