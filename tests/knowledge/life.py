"""The life of entries as plain values: what people who write, review and read them would say should happen.

Nothing here is taken from the code under test but its words.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from knowledge.words import Audience, Freshness, Kind, RevisionState, Role, Status

DONE, NOT_FOUND, NOT_ALLOWED, INVALID, CONFLICT = "DONE", "NOT_FOUND", "NOT_ALLOWED", "INVALID", "CONFLICT"

LEAVES = frozenset({Audience.CUSTOMERS, Audience.PUBLIC})
CURATORS = frozenset({Role.STEWARD, Role.LEADER, Role.ADMIN})
LEADERS = frozenset({Role.LEADER, Role.ADMIN})
DIRECTION = frozenset({Kind.VISION, Kind.PRINCIPLE, Kind.INITIATIVE})

DUE_BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Person:
    """Somebody with a role."""

    name: str
    role: Role

    @property
    def is_inside(self) -> bool:
        """Whether it is a colleague."""
        return self.role is not Role.CUSTOMER

    @property
    def curates(self) -> bool:
        """Whether it is a steward, a leader or an administrator."""
        return self.role in CURATORS

    def writes(self, kind: Kind) -> bool:
        """Whether such entries are for this person to write."""
        return self.role in LEADERS if kind in DIRECTION else self.is_inside


@dataclass
class Written:
    """One revision. What it says never changes; its state does."""

    number: int
    title: str
    body: str
    audience: Audience
    author: Person
    state: RevisionState = RevisionState.DRAFT

    @property
    def says(self) -> tuple[int, str, str, Audience]:
        """All that is written."""
        return self.number, self.title, self.body, self.audience


@dataclass
class Life:
    """An entry from its first draft on, with the verbs of all that happened to it."""

    kind: Kind
    author: Person
    revisions: list[Written]
    status: Status = Status.DRAFT
    published: Written | None = None
    freshness: Freshness = Freshness.UNVERIFIED
    verified_until: datetime | None = None
    log: list[str] = field(default_factory=lambda: ["entry.created"])

    @property
    def latest(self) -> Written:
        """The newest revision."""
        return self.revisions[-1]

    @property
    def shown(self) -> Written:
        """What readers see: what is published, or else what is newest."""
        return self.published or self.latest

    # Who may what.

    def is_seen_by(self, person: Person) -> bool:
        """Own entries in any state; what is out by its audience; what waits for review or is over by curators, and what they
        themselves made of it. A draft that was never shown to anybody stays its author's when it is archived.
        """
        kept = self.status in (Status.DRAFT, Status.ARCHIVED)
        if person == self.author or (person.curates and kept and person == self.latest.author):
            return True
        if not (person.is_inside or self.shown.audience in LEAVES):
            return False
        return self.status is Status.PUBLISHED or (
            person.curates and (self.status is Status.IN_REVIEW or (self.status is Status.ARCHIVED and self.was_shown))
        )

    @property
    def was_shown(self) -> bool:
        """Whether anybody else has had to do with it: it was published, or its newest revision was submitted."""
        return self.published is not None or self.latest.state is not RevisionState.DRAFT

    def knows_latest(self, person: Person) -> bool:
        """A draft beside what is published is its author's alone, and of whoever wrote it, until it is submitted."""
        submitted = self.latest.state in (RevisionState.IN_REVIEW, RevisionState.CHANGES_REQUESTED)
        return self.latest is self.published or person in (self.author, self.latest.author) or submitted

    def is_edited_by(self, person: Person) -> bool:
        """Its author and curators, of what is theirs to write."""
        return person.writes(self.kind) and (person == self.author or person.curates)

    def is_reviewed_by(self, person: Person) -> bool:
        """Curators, of what is theirs to write, and never of what they wrote themselves [E2]."""
        return person.curates and person.writes(self.kind) and person != self.latest.author

    # What an act should come to.

    def on_editing(self, person: Person) -> str:
        """Whether a person may edit at all."""
        if not self.is_seen_by(person):
            return NOT_FOUND
        return DONE if self.is_edited_by(person) else NOT_ALLOWED

    def on_update(self, person: Person, base: int) -> str:
        """An update over anything but the newest revision is a conflict [E4]."""
        refused = self.on_editing(person)
        if refused != DONE:
            return refused
        return DONE if base == self.latest.number and self.knows_latest(person) else CONFLICT

    def on_submit(self, person: Person) -> str:
        """There must be something newer than what is published."""
        refused = self.on_editing(person)
        return refused if refused != DONE or self.latest.state is not RevisionState.PUBLISHED else INVALID

    def on_review(self, person: Person) -> str:
        """Something must wait for it."""
        if not self.is_seen_by(person):
            return NOT_FOUND
        if not self.is_reviewed_by(person):
            return NOT_ALLOWED
        return DONE if self.latest.state is RevisionState.IN_REVIEW else INVALID

    def on_publish(self, person: Person) -> str:
        """What leaves the company needs somebody other than its author [E2]."""
        refused = self.on_editing(person)
        if refused != DONE:
            return refused
        return NOT_ALLOWED if self.latest.audience in LEAVES and not self.is_reviewed_by(person) else DONE

    def on_verify(self, person: Person) -> str:
        """Its owner and curators vouch for what is out."""
        if not self.is_seen_by(person):
            return NOT_FOUND
        if not (person == self.author or person.curates):
            return NOT_ALLOWED
        return DONE if self.status is Status.PUBLISHED else INVALID

    # What an act does.

    def update(self, person: Person, title: str | None, body: str | None, audience: Audience | None) -> None:
        """A new revision; what is None stays as it was [E5]."""
        before = self.latest
        if before.state is RevisionState.IN_REVIEW:
            before.state = RevisionState.SUPERSEDED
        written = Written(
            before.number + 1,
            before.title if title is None else title,
            before.body if body is None else body,
            before.audience if audience is None else audience,
            person,
        )
        self.revisions.append(written)
        if self.published is None:
            self.status = Status.DRAFT
        self.log.append("entry.updated")

    def move(self, state: RevisionState, verb: str) -> None:
        """Move the newest revision, and the entry with it while nothing of it is published."""
        self.latest.state = state
        if self.published is None:
            self.status = Status(state.value)
        self.log.append(verb)

    def publish(self) -> None:
        """The newest revision is the one that readers see; nobody has vouched for it. Twice changes nothing."""
        if self.published is self.latest and self.status is Status.PUBLISHED:
            return
        if self.published is not self.latest:
            if self.published is not None:
                self.published.state = RevisionState.SUPERSEDED
            self.freshness, self.verified_until = Freshness.UNVERIFIED, None
        self.latest.state, self.published, self.status = RevisionState.PUBLISHED, self.latest, Status.PUBLISHED
        self.log.append("entry.published")

    def archive(self) -> None:
        """Out of every list."""
        self.status = Status.ARCHIVED
        self.log.append("entry.archived")

    def verify(self, now: datetime) -> None:
        """For 90 days, a vision for a year."""
        self.freshness = Freshness.VERIFIED
        self.verified_until = now + timedelta(days=365 if self.kind is Kind.VISION else 90)
        self.log.append("entry.verified")

    def lapse(self, now: datetime) -> None:
        """What time does to what is published: due a week before a verification ends, expired when it does."""
        if self.status is not Status.PUBLISHED or self.verified_until is None:
            return
        if self.freshness not in (Freshness.VERIFIED, Freshness.DUE):
            return
        wanted: Freshness = self.freshness
        if now >= self.verified_until - DUE_BEFORE:
            wanted = Freshness.DUE
        if now >= self.verified_until:
            wanted = Freshness.EXPIRED
        if wanted is not self.freshness:
            self.freshness = wanted
            self.log.append("entry.lapsed")
