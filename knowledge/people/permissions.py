"""What each role may do, as one table, and the viewer whom every read and write is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from knowledge.errors import NotAllowed
from knowledge.words import LookPurpose, Role


class Act(StrEnum):
    """What may be allowed to a role and granted to a token; the values are the token scopes."""

    ENTRIES_READ = "entries:read"
    ENTRIES_WRITE = "entries:write"
    ENTRIES_CURATE = "entries:curate"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    FEEDBACK_READ = "feedback:read"
    FEEDBACK_WRITE = "feedback:write"
    FEEDBACK_TELL = "feedback:tell"
    INITIATIVES_WRITE = "initiatives:write"
    COMMUNITY_WRITE = "community:write"
    VISION_WRITE = "vision:write"
    PEOPLE_READ = "people:read"
    PROFILE_WRITE = "profile:write"
    ADMIN = "admin"
    FEEDS_READ = "feeds:read"
    SURVEYS_ANSWER = "surveys:answer"
    SURVEYS_WRITE = "surveys:write"


_CUSTOMER = frozenset(
    {
        Act.ENTRIES_READ,
        Act.PROFILE_WRITE,
        Act.COMMUNITY_WRITE,
        Act.FEEDS_READ,
        Act.FEEDBACK_TELL,
        Act.SURVEYS_ANSWER,
    }
)
_EMPLOYEE = _CUSTOMER | {
    Act.ENTRIES_WRITE,
    Act.CUSTOMERS_READ,
    Act.CUSTOMERS_WRITE,
    Act.FEEDBACK_READ,
    Act.FEEDBACK_WRITE,
    Act.PEOPLE_READ,
}
_STEWARD = _EMPLOYEE | {Act.ENTRIES_CURATE}
_LEADER = _STEWARD | {Act.INITIATIVES_WRITE, Act.VISION_WRITE, Act.SURVEYS_WRITE}
_ADMIN = _LEADER | {Act.ADMIN}

ACTS: Mapping[Role, frozenset[Act]] = {
    Role.CUSTOMER: _CUSTOMER,
    Role.EMPLOYEE: _EMPLOYEE,
    Role.STEWARD: _STEWARD,
    Role.LEADER: _LEADER,
    Role.ADMIN: _ADMIN,
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom something is read or done. `scopes` is None for someone signed in, and a token's scopes otherwise."""

    id: int | None = None
    uid: UUID | None = None
    name: str = ""
    role: Role | None = None
    group_id: int | None = None
    customer_id: int | None = None
    scopes: frozenset[Act] | None = None
    reads_public: bool = True
    tells: bool = False  # whether strangers may tell the company something
    credential: int | None = None  # the session or token row that was shown
    purpose: LookPurpose | None = None  # why a program looks at what is personal, as its token says

    def may(self, act: Act) -> bool:
        """Whether role and token both allow the act."""
        if self.role is None:
            if act is Act.SURVEYS_ANSWER:  # whoever was asked need not sign in
                return True
            return (act is Act.ENTRIES_READ and self.reads_public) or (act is Act.FEEDBACK_TELL and self.tells)
        return act in ACTS[self.role] and (self.scopes is None or act in self.scopes)

    @property
    def is_signed_in(self) -> bool:
        """Whether we know who it is."""
        return self.id is not None

    @property
    def is_inside(self) -> bool:
        """Whether it is a colleague: neither a customer nor a stranger."""
        return self.role is not None and self.role is not Role.CUSTOMER


OPERATOR = Viewer(name="operator", role=Role.ADMIN)
"""Whoever holds the command line: may all that an administrator may, and is nobody in particular."""


def require_oneself(viewer: Viewer, *, doing: str) -> None:
    """Refuse with NOT_ALLOWED unless a person is signed in themselves: a token never widens what it may do."""
    if viewer.scopes is not None or not viewer.is_signed_in:
        raise NotAllowed(f"Sign in yourself to {doing}; a token may not.")


def require(viewer: Viewer, act: Act, *, doing: str) -> None:
    """Refuse with NOT_ALLOWED unless the viewer may do the act; `doing` completes "You may not ..."."""
    if viewer.may(act):
        return
    if viewer.scopes is not None and viewer.role is not None and act in ACTS[viewer.role]:
        raise NotAllowed(f"This token lacks the scope {act.value}.")
    raise NotAllowed(f"You may not {doing}." if viewer.is_signed_in else f"Sign in to {doing}.")
