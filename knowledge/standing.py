"""How entries stand: what readers say of them in numbers, and what lies beside them; one statement for a whole list."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import Session

from knowledge.attachments import Attachment
from knowledge.community import comments, flags, suggestions
from knowledge.community.follows import Follow
from knowledge.community.promotions import Promotion
from knowledge.community.reactions import EntryReaction, Reactions, counted, gathered
from knowledge.community.shares import ShareLink
from knowledge.community.votes import Usefulness, Vote
from knowledge.database import Row, Table, is_alone, neighbours, read, table_of
from knowledge.entries import Entry, EntryRow, may_edit
from knowledge.evidence import Evidence
from knowledge.evidence.claiming import InsightTheme
from knowledge.loop.responses import LoopResponse
from knowledge.outcomes import OutcomeRecord
from knowledge.people import Act, Viewer
from knowledge.series import SeriesChapter
from knowledge.uses import Use
from knowledge.words import FollowState


class StandingRow(Row):
    """What readers say of one entry, in numbers, how the viewer follows it, and what lies beside it."""

    reacted: str | None
    useful: int
    not_useful: int
    mine: bool | None
    comments: int
    suggestions: int
    flags: int
    follow: FollowState | None


BESIDE: Mapping[str, type[Table]] = {
    "evidence": Evidence,
    "uses": Use,
    "outcomes": OutcomeRecord,
    "attachments": Attachment,
    "series": SeriesChapter,
    "shares": ShareLink,
}
"""What may lie beside an entry, each in a table of its own that names the entry."""

_r = table_of(LoopResponse).c
_NAMING = (_r.insight_id, _r.practice_id, _r.initiative_id)
_e = table_of(Entry).c
_v = table_of(Vote).c
_f = table_of(Follow).c
_m = table_of(Promotion).c


def _standings(session: Session, rows: list[EntryRow], viewer: Viewer) -> Mapping[int, StandingRow]:
    statement = select(
        _e.id,
        gathered(EntryReaction, "entry_id", _e.id, viewer).label("reacted"),
        _votes(True).label("useful"),
        _votes(False).label("not_useful"),
        select(_v.useful)
        .where(_v.entry_id == _e.id, _v.person_id == (viewer.id or -1))
        .scalar_subquery()
        .label("mine"),
        comments.on_entry(viewer, _e.id).label("comments"),
        suggestions.open_on(_e.id).label("suggestions"),
        flags.open_on(_e.id).label("flags"),
        select(_f.state)
        .where(_f.entry_id == _e.id, _f.person_id == (viewer.id or -1))
        .scalar_subquery()
        .label("follow"),
        *(exists().where(table_of(table).c.entry_id == _e.id).label(f"has_{what}") for what, table in BESIDE.items()),
        exists().where(table_of(Evidence).c.cited_id == _e.id).label("has_citing"),
        exists().where(or_(_m.entry_id == _e.id, _m.practice_id == _e.id)).label("has_promotions"),
        or_(
            exists().where(or_(*(column == _e.id for column in _NAMING))),
            exists().where(table_of(InsightTheme).c.entry_id == _e.id),
        ).label("has_responses"),
    ).where(_e.id.in_([row.id for row in rows]))
    return {row.id: row for row in read(session, StandingRow, statement)}


def _votes(useful: bool) -> ColumnElement[int]:
    mine = and_(_v.entry_id == _e.id, _v.useful.is_(useful))
    return select(func.count()).where(mine).select_from(table_of(Vote)).correlate(table_of(Entry)).scalar_subquery()


def reactions_of(entry: EntryRow, viewer: Viewer) -> Sequence[Reactions]:
    """How many reacted to an entry in which way."""
    return counted(neighbours(entry, _standings, viewer).reacted)


def usefulness_of(entry: EntryRow, viewer: Viewer) -> Usefulness:
    """How many found an entry useful."""
    found = neighbours(entry, _standings, viewer)
    return Usefulness(found.useful, found.not_useful, found.mine)


def comments_on(entry: EntryRow, viewer: Viewer) -> int:
    """How many comments on an entry the viewer may read."""
    return neighbours(entry, _standings, viewer).comments


def suggestions_on(entry: EntryRow, viewer: Viewer) -> int | None:
    """How many suggestions wait, for those who edit the entry."""
    return neighbours(entry, _standings, viewer).suggestions if may_edit(viewer, entry) else None


def flags_on(entry: EntryRow, viewer: Viewer) -> int | None:
    """How many flags wait on an entry and its comments, for its owner and those who curate."""
    owns = viewer.is_inside and viewer.id is not None and viewer.id == entry.owner_id
    return neighbours(entry, _standings, viewer).flags if owns or viewer.may(Act.ENTRIES_CURATE) else None


def follow_of(entry: EntryRow, viewer: Viewer) -> FollowState | None:
    """How the viewer follows an entry; None where they never said."""
    if viewer.id is None:
        return None  # strangers follow nothing
    return neighbours(entry, _standings, viewer).follow


def may_have(entry: EntryRow, viewer: Viewer, what: str) -> bool:
    """Whether it is worth asking for what lies beside an entry, one of BESIDE, where it is cited, or for answers that name it.

    Of an entry that was read alone it is known from the same statement, so that what is not there costs none of its own; of a list
    it always is.
    """
    return not is_alone(entry) or bool(getattr(neighbours(entry, _standings, viewer), f"has_{what}"))
