"""Mentions: people named in a comment by their handle, told of it if they may read it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Field, Session

from knowledge import activity, people
from knowledge.community.comments import CommentRow, by_uid
from knowledge.database import Table, added, neighbours, table_of
from knowledge.people import Act, Person, PersonRow, Viewer, viewer_for
from knowledge.people.handles import PATTERN

MOST = 20
"""So many people can be called in one comment; further names are only words."""

_CALL = re.compile(rf"(?<![\w@./&#;-])@({PATTERN})(?![\w@/])", re.IGNORECASE)
_TAG = re.compile(r'(<(?:[^>"]|"[^"]*")*>)')
_APART = frozenset({"a", "code", "pre"})


class CommentMention(Table, table=True):
    """Somebody who is called in a comment."""

    __tablename__ = "comment_mention"

    comment_id: int = Field(foreign_key="comment.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)


_m = table_of(CommentMention).c
_p = table_of(Person).c


def marked(html: str) -> str:
    """The HTML with every `@name` set off, whether there is such a person or not: nobody learns from it who works here."""
    within: list[str] = []
    return "".join(_piece(within, piece) for piece in _TAG.split(html))


def _piece(within: list[str], piece: str) -> str:
    if piece.startswith("<"):
        _follow(within, piece)
        return piece
    return piece if within else _CALL.sub(r"<b>@\1</b>", piece)


def _follow(within: list[str], tag: str) -> None:
    name = tag.strip("</>").split(" ", 1)[0]
    if name in _APART:
        if tag.startswith("</"):
            within.pop()
        else:
            within.append(name)


def called(html: str) -> Sequence[str]:
    """The handles that are called in marked HTML, once each, in their order."""
    found = dict.fromkeys(each.lower() for each in re.findall(rf"<b>@({PATTERN})</b>", html, re.IGNORECASE))
    return list(found)[:MOST]


def note(session: Session, viewer: Viewer, comment: CommentRow, html: str) -> None:
    """Keep who is called in a comment, and put on record each who is called anew: those who may read it, and not its author."""
    before = set(session.connection().execute(select(_m.person_id).where(_m.comment_id == comment.id)).scalars())
    meant = {each.id: each for each in _people(session, called(html)) if _hears(session, each, viewer, comment.uid)}
    gone = before - meant.keys()
    if gone:
        mine = (_m.comment_id == comment.id) & _m.person_id.in_(gone)
        session.connection().execute(delete(table_of(CommentMention)).where(mine))
    for person in (each for id, each in meant.items() if id not in before):
        added(session, CommentMention, comment_id=comment.id, person_id=person.id)
        moved = {"person": (None, str(person.uid))}
        activity.record(session, viewer.id, "mention.made", "Comment", comment.uid, moved=moved)


def _people(session: Session, handles: Sequence[str]) -> Iterable[PersonRow]:
    if not handles:
        return ()
    people.give_handles(session)
    found = select(_p.id).where(_p.handle.in_(handles), _p.disabled_at.is_(None))
    ids = session.connection().execute(found).scalars().all()
    return [each for each in people.by_ids(session, ids).values() if each is not None]


def _hears(session: Session, person: PersonRow, viewer: Viewer, uid: UUID) -> bool:
    return person.id != viewer.id and by_uid(session, viewer_for(person), uid) is not None


def _mentioned(session: Session, rows: list[CommentRow]) -> Mapping[int, Sequence[PersonRow]]:
    statement = select(_m.comment_id, _m.person_id).where(_m.comment_id.in_([row.id for row in rows]))
    pairs = session.connection().execute(statement.order_by(_m.person_id)).all()
    known = people.by_ids(session, (pair.person_id for pair in pairs))
    found: dict[int, list[PersonRow]] = {row.id: [] for row in rows}
    for pair in pairs:
        found[pair.comment_id].append(known[pair.person_id])
    return found


def mentioned_in(comment: CommentRow, viewer: Viewer) -> Sequence[PersonRow]:
    """Who is called in a comment, for those who may list people and read the comment."""
    if comment.body is None or not viewer.may(Act.PEOPLE_READ):
        return ()
    return neighbours(comment, _mentioned)
