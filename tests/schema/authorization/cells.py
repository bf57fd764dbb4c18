"""What a cell of the matrix is, and what is said of its role, kind, state and audience alone: written down from the domain."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.people import Act
from knowledge.words import Audience, Kind

ROLES = (
    "author",
    "owner",  # who answers for it and did not write it
    "verifier",  # a colleague who was named to keep it true
    "groupmate",  # of the group that a GROUP entry is for
    "colleague",  # who commented on it, used it, measured it, shared it and keeps the series that it is in
    "steward",
    "leader",
    "admin",
    "customer",  # who suggested an edit of it, and flagged it
    "stranger",
    "reading token",  # the author's, with entries:read alone
    "writing token",  # the author's, with entries:write alone, which does not let it read
    "talking token",  # the author's, with entries:read and community:write
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
INSIDE = frozenset({"author", "owner", "verifier", "groupmate", "colleague"}) | CURATORS
OUTSIDE = frozenset({"customer", "stranger"})
OWN = frozenset({"author", "owner"})
SPEAKERS = INSIDE | {"customer", "talking token"}

# Leaders publish vision and initiatives; so whoever writes one of these is a leader.
DIRECTION = frozenset({Kind.VISION, Kind.PRINCIPLE, Kind.INITIATIVE})
# What leaves the company needs one approval by somebody other than its author [E2].
LEAVES = frozenset({Audience.CUSTOMERS, Audience.PUBLIC})

TOKENS: Mapping[str, frozenset[Act]] = {
    "reading token": frozenset({Act.ENTRIES_READ}),
    "writing token": frozenset({Act.ENTRIES_WRITE}),
    "talking token": frozenset({Act.ENTRIES_READ, Act.COMMUNITY_WRITE}),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of the matrix."""

    role: str
    kind: Kind
    state: str
    audience: Audience
    verb: str


def can_be(kind: Kind, audience: Audience) -> bool:
    """Whether there can be such an entry."""
    return not (kind is Kind.INSIGHT and audience is Audience.GROUP)


def sees(cell: Cell) -> bool:
    """Authors and owners see their own in any state; readers what is out, by its audience; curators what waits and what is over."""
    if cell.role in TOKENS:
        return Act.ENTRIES_READ in TOKENS[cell.role]
    if cell.role in OWN:
        return True
    if cell.state in OUT:
        return belongs(cell)
    return cell.state in KEPT_BACK and cell.role in CURATORS and belongs(cell)


def belongs(cell: Cell) -> bool:
    """Whether somebody is among those for whom an entry is."""
    return (
        cell.role
        in {
            Audience.PUBLIC: INSIDE | OUTSIDE,
            Audience.CUSTOMERS: INSIDE | {"customer"},
            Audience.EMPLOYEES: INSIDE,
            Audience.GROUP: {"author", "groupmate"},
        }[cell.audience]
    )


def curates(cell: Cell) -> bool:
    """Stewards, leaders and administrators; whoever writes direction is a leader."""
    return cell.role in CURATORS or (cell.role == "author" and cell.kind in DIRECTION)


def is_inside(cell: Cell) -> bool:
    """Employees of every function."""
    return cell.role in INSIDE


def speaks(cell: Cell) -> bool:
    """Whoever is known to us takes part in the conversation, customers too."""
    return cell.role in SPEAKERS


def writes(cell: Cell) -> bool:
    """Author, owner and curators write; of direction only leaders do, and the one owner of an initiative."""
    if cell.kind in DIRECTION:
        return cell.role in LEADERS or cell.role == "author" or (cell.kind is Kind.INITIATIVE and cell.role == "owner")
    return cell.role in OWN | CURATORS


def is_published(cell: Cell) -> bool:
    """It is out, and nothing has taken its place."""
    return cell.state in {"published", "published, newer draft"}


def is_out_for_outsiders(cell: Cell) -> bool:
    """Customers or everybody may be reading it now."""
    return cell.state in OUT and cell.audience in LEAVES


def newest_is_known(cell: Cell) -> bool:
    """A draft that somebody works on is theirs alone: others wait until it is submitted."""
    return cell.state != "published, newer draft" or cell.role in OWN
