"""Questions to colleagues and leaders: to whom one is addressed, how far it has come, and which answer was accepted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import Field, Session

from knowledge import clock, entries, people
from knowledge.community import comments
from knowledge.community.comments import Comment, CommentRow
from knowledge.community.follows import GOES_ALONG
from knowledge.database import Order, Page, Row, Slice, Table, moment, neighbours, read, sliced, table_of
from knowledge.entries import Entry, EntryRow
from knowledge.people import OPERATOR, Act, FunctionalGroup, GroupRow, Person, PersonRow, Viewer
from knowledge.words import AnswerState, Kind, Status


class Addressee(Table, table=True):
    """The person or the group whom a question asks; exactly one is given."""

    __tablename__ = "addressee"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True, sa_column_kwargs=GOES_ALONG)
    group_id: int | None = Field(
        default=None, foreign_key="functional_group.id", index=True, sa_column_kwargs=GOES_ALONG
    )


class AcceptedAnswer(Table, table=True):
    """The comment that answers a question, as whoever asked or a steward says."""

    __tablename__ = "accepted_answer"

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    accepted_by_id: int | None = Field(default=None, foreign_key="person.id")
    accepted_at: datetime = moment()


class AskedRow(Row):
    """Where one question stands, as the viewer may know it."""

    person_id: int | None
    group_id: int | None
    name: str | None
    comment_id: int | None
    accepted_by_id: int | None
    accepted_at: datetime | None
    replied: bool

    @property
    def state(self) -> AnswerState:
        """How far it has come."""
        if self.comment_id is not None:
            return AnswerState.ACCEPTED
        return AnswerState.ANSWERED if self.replied else AnswerState.WAITING


_e, _p, _g = table_of(Entry).c, table_of(Person).c, table_of(FunctionalGroup).c
_a, _k = table_of(Addressee).c, table_of(AcceptedAnswer).c
_c = table_of(Comment).c
_LONGEST = Order("waiting longest", ((func.coalesce(_e.published_at, _e.created_at), False), (_e.id, False)))


def _accepted(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an accepted answer is one that the viewer may read."""
    live = select(_c.id).where(_c.id == _k.comment_id, comments.live_for(viewer))
    return live.correlate(table_of(AcceptedAnswer)).exists()


def _replied(viewer: Viewer) -> ColumnElement[bool]:
    """Whether somebody else has said something to a question that the viewer may read: of those asked, where somebody is."""
    asked = table_of(Addressee).alias("asked").c
    named = select(asked.entry_id).where(asked.entry_id == _e.id)
    member = table_of(Person).alias("member").c
    members = select(member.id).where(member.group_id == asked.group_id)
    among = named.where(or_(asked.person_id == _c.author_id, _c.author_id.in_(members)))
    said = select(_c.id).where(
        _c.entry_id == _e.id,
        comments.live_for(viewer),
        _c.author_id.is_distinct_from(_e.author_id),
        or_(~named.correlate(table_of(Entry)).exists(), among.correlate(table_of(Entry), table_of(Comment)).exists()),
    )
    return said.correlate(table_of(Entry)).exists()


def waits(viewer: Viewer) -> ColumnElement[bool]:
    """Which entries are questions that wait for an answer, as far as the viewer may know."""
    accepted = select(_k.entry_id).where(_k.entry_id == _e.id, _accepted(viewer)).correlate(table_of(Entry)).exists()
    return and_(_e.kind == Kind.QUESTION, ~accepted, ~_replied(viewer))


def asked_of(viewer: Viewer) -> ColumnElement[bool]:
    """Which entries are questions to the viewer or to their group."""
    mine = or_(_a.person_id == (viewer.id or -1), _a.group_id == (viewer.group_id or -1))
    return and_(_e.kind == Kind.QUESTION, exists().where(_a.entry_id == _e.id, mine))


def waiting_for(session: Session, viewer: Viewer, page: Page) -> Slice[EntryRow]:
    """The questions to the viewer or to their group that wait, the one that has waited longest first; for colleagues."""
    statement = entries.seen_by(viewer).where(_e.status == Status.PUBLISHED, asked_of(viewer), waits(viewer))
    if not viewer.is_inside:
        statement = statement.where(_e.id.is_(None))
    return sliced(session, EntryRow, statement, _LONGEST, page)


def _standings(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, AskedRow | None]:
    wanted = [row.id for row in rows if row.kind is Kind.QUESTION]
    if not wanted:
        return dict.fromkeys((row.id for row in rows), None)
    accepted = and_(_k.entry_id == _e.id, _accepted(viewer))
    columns: list[Any] = [_e.id, _a.person_id, _a.group_id, _k.comment_id, _k.accepted_by_id, _k.accepted_at]
    statement = (
        select(*columns, func.coalesce(_p.name, _g.name).label("name"), _replied(viewer).label("replied"))
        .outerjoin_from(table_of(Entry), table_of(Addressee), _a.entry_id == _e.id)
        .outerjoin(table_of(Person), _p.id == _a.person_id)
        .outerjoin(table_of(FunctionalGroup), _g.id == _a.group_id)
        .outerjoin(table_of(AcceptedAnswer), accepted)
        .where(_e.id.in_(wanted))
    )
    found = {row.id: row for row in read(session, AskedRow, statement)}
    return {row.id: found.get(row.id) for row in rows}


def standing_of(entry: EntryRow, viewer: Viewer) -> AskedRow | None:
    """Where a question stands, read for the whole list in one statement; None for what is none."""
    return neighbours(entry, _standings, viewer)


def state_of(entry: EntryRow, viewer: Viewer) -> AnswerState | None:
    """How far a question has come."""
    found = standing_of(entry, viewer)
    return found.state if found is not None else None


def waiting_since(entry: EntryRow, viewer: Viewer) -> datetime | None:
    """Since when a published question waits; None where it does not."""
    waiting = state_of(entry, viewer) is AnswerState.WAITING and entry.status is Status.PUBLISHED
    return entry.published_at if waiting else None


def waiting_days(entry: EntryRow, viewer: Viewer) -> int | None:
    """For how many whole days it has waited."""
    since = waiting_since(entry, viewer)
    return clock.days_since(since) if since is not None else None


def _people(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, PersonRow | None]:
    asked = {row.id: found.person_id for row in rows if (found := standing_of(row, viewer)) is not None}
    known = people.by_ids(session, {id for id in asked.values() if id is not None})
    return {row.id: known.get(asked.get(row.id) or 0) for row in rows}


def person_of(entry: EntryRow, viewer: Viewer) -> PersonRow | None:
    """Whom a question asks, for colleagues."""
    return neighbours(entry, _people, viewer) if viewer.is_inside else None


def _groups(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, GroupRow | None]:
    asked = {row.id: found.group_id for row in rows if (found := standing_of(row, viewer)) is not None}
    known = people.groups_by_ids(session, set(asked.values()))
    return {row.id: known.get(asked.get(row.id)) for row in rows}


def group_of(entry: EntryRow, viewer: Viewer) -> GroupRow | None:
    """The group that a question asks, for colleagues."""
    return neighbours(entry, _groups, viewer) if viewer.is_inside else None


def name_of(entry: EntryRow, viewer: Viewer) -> str | None:
    """What the colleague or the group is called whom a question asks, without a statement of its own; for colleagues."""
    found = standing_of(entry, viewer) if viewer.is_inside else None
    return found.name if found is not None else None


def _answers(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, CommentRow | None]:
    chosen = {row.id: found.comment_id for row in rows if (found := standing_of(row, viewer)) is not None}
    known = comments.by_ids(session, viewer, (id for id in chosen.values() if id is not None))
    for row in rows:
        if (answer := known.get(chosen.get(row.id) or 0)) is not None:
            answer.entry = row
    return {row.id: known.get(chosen.get(row.id) or 0) for row in rows}


def answer_of(entry: EntryRow, viewer: Viewer) -> CommentRow | None:
    """The answer that was accepted, if the viewer may read it."""
    return neighbours(entry, _answers, viewer)


def is_accepted(comment: CommentRow, viewer: Viewer) -> bool:
    """Whether a comment is the accepted answer to the question that it is on."""
    entry = comments.entry_of(comment, viewer)
    standing = standing_of(entry, viewer) if entry is not None else None
    return standing is not None and standing.comment_id == comment.id


def may_accept(comment: CommentRow, viewer: Viewer) -> bool:
    """Whether the viewer may say that a comment answers the question: whoever asked, and those who curate."""
    entry = comments.entry_of(comment, viewer)
    return entry is not None and may_judge(entry, viewer) and comment.body is not None and comment.hidden_at is None


def may_judge(entry: EntryRow, viewer: Viewer) -> bool:
    """Whether the viewer may accept answers to a question."""
    mine = viewer.id is not None and viewer.id in (entry.author_id, entry.owner_id)
    judges = mine or viewer.may(Act.ENTRIES_CURATE) or viewer == OPERATOR
    return entry.kind is Kind.QUESTION and viewer.may(Act.COMMUNITY_WRITE) and judges
