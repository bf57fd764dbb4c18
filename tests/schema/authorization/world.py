"""The world in which the cells are tried: people, and entries in every state with what hangs on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session

from knowledge import clock
from knowledge.attachments import Attachment
from knowledge.community.comments import Comment
from knowledge.community.flags import Flag
from knowledge.community.shares import ShareLink
from knowledge.community.suggestions import Suggestion, SuggestionPart
from knowledge.database import table_of
from knowledge.entries import EntryRow, publishing, writing
from knowledge.entries.entry import Entry, Revision
from knowledge.evidence import Evidence
from knowledge.feedback import FeedbackRow
from knowledge.outcomes import OutcomeRecord
from knowledge.people import OPERATOR, Viewer, groups
from knowledge.series.reading import Series, SeriesChapter
from knowledge.uses import Use
from knowledge.words import (
    Audience,
    CommentAudience,
    FlagReason,
    Kind,
    MetricKind,
    RevisionState,
    Role,
    Stance,
    Status,
    UseResult,
    Verdict,
)
from schema.nodes import global_id, id_of
from tests.factories import a_draft, a_group, a_viewer, an_entry, some_feedback
from tests.schema.authorization.cells import DIRECTION, OUT, TOKENS, Cell, can_be


@dataclass(frozen=True)
class Thing:
    """An entry in a state, with the parts that its verbs name, by what they are."""

    id: str = ""
    slug: str = ""
    number: int = 0
    """The newest revision."""
    shown: int = 0
    """The revision that readers see; before there is one, the newest."""
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def series_slug(self) -> str:
        """The series that it is a chapter of, by its slug."""
        return f"series-{self.slug}"


@dataclass
class World:
    """People, and an entry of every kind in every state for every audience."""

    people: Mapping[str, Viewer]
    leading: Viewer
    group: UUID
    group_id: str
    item: FeedbackRow
    hub: EntryRow
    series: str
    things: dict[tuple[Kind, str, Audience], Thing]

    def viewer(self, cell: Cell) -> Viewer:
        """Whoever has the role of a cell: what leaders write has a leader for its author."""
        if cell.role in TOKENS:
            return replace(self.viewer(replace(cell, role="author")), scopes=TOKENS[cell.role])
        return self.leading if cell.role == "author" and cell.kind in DIRECTION else self.people[cell.role]


def a_world(session: Session, wanted: Iterable[Cell]) -> World:
    group = a_group(session)
    people = {
        "author": a_viewer(session, group=group),
        "owner": a_viewer(session, group=a_group(session)),
        "verifier": a_viewer(session, group=a_group(session)),
        "groupmate": a_viewer(session, group=group),
        "colleague": a_viewer(session, group=a_group(session)),
        "steward": a_viewer(session, role=Role.STEWARD),
        "leader": a_viewer(session, role=Role.LEADER),
        "admin": a_viewer(session, role=Role.ADMIN),
        "customer": a_viewer(session, role=Role.CUSTOMER),
        "stranger": Viewer(),
    }
    leading = a_viewer(session, role=Role.LEADER, group=group)
    group_id = next(global_id(row) for row in groups(session, OPERATOR) if row.uid == group.uid)
    hub = an_entry(session, OPERATOR, kind=Kind.GUIDE, title="Hub", audience=Audience.PUBLIC)
    item = some_feedback(session, OPERATOR)
    world = World(
        people, leading, group.uid, group_id, item, hub, a_series(session, people["colleague"], "series-hub", hub), {}
    )
    for kind, state, audience in dict.fromkeys((cell.kind, cell.state, cell.audience) for cell in wanted):
        if can_be(kind, audience):
            world.things[kind, state, audience] = a_thing(session, world, kind, state, audience)
    return world


def a_series(session: Session, keeper: Viewer, slug: str, *chapters: EntryRow) -> str:
    now, uid = clock.now(), clock.uid()
    series = Series(uid=uid, slug=slug, title="A series", owner_id=keeper.id, created_at=now, updated_at=now)
    session.add(series)
    session.flush()  # its chapters point at its id
    assert series.id is not None
    session.add_all(
        SeriesChapter(series_id=series.id, entry_id=row.id, position=place) for place, row in enumerate(chapters, 1)
    )
    return id_of("Series", uid)


def a_thing(session: Session, world: World, kind: Kind, state: str, audience: Audience) -> Thing:
    author = world.leading if kind in DIRECTION else world.people["author"]
    named = {"audience_groups": [world.group]} if audience is Audience.GROUP else {}
    owner = world.people["owner"].uid
    row = a_draft(session, author, kind=kind, audience=audience, owner=owner, title=f"{kind} {state}", **named)
    evidence = pieces(session, world, row)
    bring(session, author, row, state)
    verifier = world.people["verifier"].id
    execute(session, update(table_of(Entry)).where(_e.id == row.id).values(verifier_person_id=verifier))
    parts = {"evidence": evidence, **said(session, world, row), **came_of_it(session, world, row)}
    parts["series"] = a_series(session, world.people["colleague"], f"series-{row.slug}", world.hub, row)
    session.flush()
    session.expunge_all()
    shown = 1 if state == "published, newer draft" else 2
    return Thing(global_id(row), row.slug, 2, shown, parts)


def bring(session: Session, author: Viewer, row: EntryRow, state: str) -> None:
    """Bring a draft into a state, by way of two revisions: of what is or was out, both were."""
    if state in OUT or state == "archived":
        publishing.publish(session, OPERATOR, row.uid)
    writing.update(session, author, row.uid, 1, {"title": "Newer"})
    if state in {"in review", "changes requested"}:
        publishing.submit(session, author, row.uid)
    if state == "changes requested":
        publishing.request_changes(session, OPERATOR, row.uid, "Say when.")
    if state in {"published", "archived", "obsolete"}:
        publishing.publish(session, OPERATOR, row.uid)
    if state == "archived":
        publishing.archive(session, OPERATOR, row.uid)
    if state == "obsolete":
        execute(session, update(table_of(Entry)).where(_e.id == row.id).values(status=Status.OBSOLETE))
    if state == "scheduled":
        revision = table_of(Revision)
        newest = (revision.c.entry_id == row.id) & (revision.c.number == 2)
        execute(session, update(table_of(Entry)).where(_e.id == row.id).values(status=Status.SCHEDULED))
        execute(session, update(revision).where(newest).values(state=RevisionState.SCHEDULED))


def pieces(session: Session, world: World, row: EntryRow) -> str:
    """Two pieces of evidence, of which one can be taken off."""
    uid, said = clock.uid(), len(world.item.verbatim)
    for each, end in ((uid, said), (clock.uid(), 3)):
        session.add(
            Evidence(
                uid=each,
                entry_id=row.id,
                feedback_id=world.item.id,
                stance=Stance.SUPPORTS,
                quote_start=0,
                quote_end=end,
                created_at=clock.now(),
            )
        )
    return id_of("Evidence", uid)


def said(session: Session, world: World, row: EntryRow) -> Mapping[str, str]:
    """What a colleague and a customer said of an entry: three comments, a suggestion and a flag."""
    now = clock.now() - timedelta(hours=1)  # nobody may say so much at once
    colleague, customer = world.people["colleague"].id, world.people["customer"].id
    about: dict[str, Any] = {"entry_id": row.id, "created_at": now}
    states: Mapping[str, Mapping[str, Any]] = {
        "comment": {},
        "settled": {"resolved_at": now},
        "hidden": {"hidden_at": now, "hidden_reason": "Rude."},
    }
    comments = {
        name: Comment(
            author_id=colleague,
            audience=CommentAudience.READERS,
            body="So it is.",
            body_html="<p>So it is.</p>",
            active_at=now,
            active_for_readers_at=now,
            **about,
            **state,
        )
        for name, state in states.items()
    }
    suggestion = Suggestion(base_revision=2, author_id=customer, **about)
    flag = Flag(person_id=customer, reason=FlagReason.WRONG, **about)
    session.add_all([*comments.values(), suggestion, flag])
    session.flush()  # a thread is named for its first comment, and a part for its suggestion
    assert suggestion.id is not None
    for comment in comments.values():
        comment.root_id = comment.id
    session.add(SuggestionPart(suggestion_id=suggestion.id, field="summary", before="", text="Shorter."))
    named = {name: id_of("Comment", comment.uid) for name, comment in comments.items()}
    return {**named, "suggestion": id_of("SuggestedEdit", suggestion.uid), "flag": id_of("Flag", flag.uid)}


def came_of_it(session: Session, world: World, row: EntryRow) -> Mapping[str, str]:
    """What a colleague did with it: a use and an outcome of what has them, a share link; and a file that came with it."""
    now, today, colleague = clock.now(), clock.now().date(), world.people["colleague"].id
    about: dict[str, Any] = {"entry_id": row.id, "created_at": now}
    use = Use(person_id=colleague, result=UseResult.WORKED, used_on=today, **about)
    outcome = OutcomeRecord(
        author_id=colleague,
        from_on=today,
        to_on=today,
        metric="Calls",
        metric_kind=MetricKind.MEAN,
        verdict=Verdict.TOO_EARLY,
        **about,
    )
    file = Attachment(name="plan.txt", media_type="text/plain", size=1, sha256="0" * 64, **about)
    link = ShareLink(digest=clock.uid().hex, author_id=colleague, expires_at=now + timedelta(days=9), **about)
    session.add_all([use, outcome, file, link])
    return {
        "use": id_of("Use", use.uid),
        "outcome": id_of("OutcomeRecord", outcome.uid),
        "file": id_of("Attachment", file.uid),
        "link": id_of("ShareLink", link.uid),
    }


def execute(session: Session, statement: Any) -> None:
    session.flush()
    session.connection().execute(statement)
    session.expire_all()


_e = table_of(Entry).c
