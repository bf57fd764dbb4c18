"""Taking part in a conversation: saying something, answering, mending one's words, and what curators do about it."""

import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import activity, clock, markup
from knowledge.community import follows, mentions, quotes
from knowledge.community.comments import (
    DEEPEST,
    Comment,
    CommentAct,
    CommentRow,
    allowed,
    by_uid,
    entry_of,
    first_of,
    written_by,
)
from knowledge.database import table_of
from knowledge.entries import EntryRow
from knowledge.errors import Code, Invalid, NotAllowed, NotFound, Problem, RateLimited, Refusal, refuse
from knowledge.people import Act, Viewer, require
from knowledge.words import CommentAudience, Status

LONGEST = 10_000
MOST_REPLIES = 200
"""After so many a thread is read by nobody; another one begins."""
MOST_AT_ONCE, AT_ONCE = 30, timedelta(minutes=10)

_PLACE = re.compile(r' id="comment-[^"]*"')
_HEADING = re.compile(r"<h[2-6]>(.*?)</h[2-6]>", re.DOTALL)
_c = table_of(Comment).c


def comment(
    session: Session,
    viewer: Viewer,
    entry: EntryRow,
    *,
    body: str,
    audience: CommentAudience | None = None,
    quote: str | None = None,
) -> CommentRow:
    """Begin a conversation on an entry; for colleagues alone unless a colleague says otherwise. Refuses NOT_ALLOWED, RATE_LIMITED,
    and INVALID or TOO_LARGE with all that is wrong.
    """
    _require(session, viewer)
    words = quotes.words_of(quote)
    refuse(
        [
            *_unfit(entry),
            *_faults(session, body),
            *quotes.faults(entry, words),
            *_audience_faults(viewer, audience, None),
        ]
    )

    said = _written(viewer, entry, body, words)
    said.audience = audience or _usual(viewer)
    session.add(said)
    session.flush()  # a thread is named for its first comment
    said.root_id = said.id
    return _told(session, viewer, said)


def reply(
    session: Session,
    viewer: Viewer,
    to: CommentRow,
    *,
    body: str,
    audience: CommentAudience | None = None,
    quote: str | None = None,
) -> CommentRow:
    """Answer a comment, for no more people than read that; an answer to the deepest stands beside it. Refuses as `comment` does,
    and where the comment has gone or its thread is full.
    """
    _require(session, viewer)
    entry = entry_of(to, viewer)
    if entry is None:
        raise NotFound("There is no such comment.", "parent")
    words = quotes.words_of(quote)
    refuse(
        [
            *_unfit(entry),
            *_unanswerable(session, to),
            *_faults(session, body),
            *quotes.faults(entry, words),
            *_audience_faults(viewer, audience, to),
        ]
    )

    said = _written(viewer, entry, body, words)
    is_inside = CommentAudience.INSIDE in (to.audience, audience or _usual(viewer))
    said.audience = CommentAudience.INSIDE if is_inside else CommentAudience.READERS
    said.parent_id = to.id if to.depth < DEEPEST else to.parent_id
    said.depth = min(to.depth + 1, DEEPEST)
    said.root_id = to.root_id
    session.add(said)
    first = session.get_one(Comment, to.root_id, with_for_update=True)
    first.active_at = said.created_at
    if said.audience is CommentAudience.READERS:
        first.active_for_readers_at = said.created_at
    session.flush()  # the answer is read back
    return _told(session, viewer, said)


def update(session: Session, viewer: Viewer, uid: UUID, body: str) -> CommentRow:
    """Mend one's own words, which marks them as edited. Refuses NOT_FOUND, NOT_ALLOWED, and what is wrong with the words."""
    found = _allowed(session, viewer, uid, CommentAct.EDIT, "A comment is mended by whoever wrote it.")
    refuse(_faults(session, body))
    if body.strip() == found.body:
        return found
    row = session.get_one(Comment, found.id)
    row.body, row.body_html, row.renderer = body.strip(), rendered(body), markup.RENDERER
    row.edited_at = clock.now()
    activity.record(session, viewer.id, "comment.edited", "Comment", uid)
    session.flush()  # the answer is read back
    mentions.note(session, viewer, found, row.body_html)
    return _reread(session, viewer, uid)


def remove(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    """Take one's own comment away; while it has replies its place stays. Refuses NOT_FOUND and NOT_ALLOWED."""
    found = _allowed(session, viewer, uid, CommentAct.REMOVE, "A comment is removed by whoever wrote it.")
    session.get_one(Comment, found.id).removed_at = clock.now()
    activity.record(session, viewer.id, "comment.removed", "Comment", uid, deleted=True)
    session.flush()  # what is read next sees it gone
    return found


def resolve(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    """Call a conversation settled; a reply stands for its thread. Refuses NOT_FOUND, NOT_ALLOWED; doing it again changes nothing."""
    found = _first(session, viewer, uid)
    if found.resolved_at is not None:
        return found
    _refuse_unless(found, viewer, CommentAct.RESOLVE, _SETTLED_BY)
    row = session.get_one(Comment, found.id)
    row.resolved_at, row.resolved_by_id = clock.now(), viewer.id
    activity.record(session, viewer.id, "comment.resolved", "Comment", found.uid)
    session.flush()  # the answer is read back
    return _reread(session, viewer, found.uid)


def reopen(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    """Call a conversation open again. Refuses as `resolve` does."""
    found = _first(session, viewer, uid)
    if found.resolved_at is None:
        return found
    _refuse_unless(found, viewer, CommentAct.REOPEN, _SETTLED_BY)
    row = session.get_one(Comment, found.id)
    row.resolved_at = row.resolved_by_id = None
    activity.record(session, viewer.id, "comment.reopened", "Comment", found.uid)
    session.flush()  # the answer is read back
    return _reread(session, viewer, found.uid)


def hide(session: Session, viewer: Viewer, uid: UUID, reason: str) -> CommentRow:
    """Hide a comment from all but its author and those who curate, for a reason that is kept. Refuses NOT_FOUND, NOT_ALLOWED, INVALID."""
    found = _curated(session, viewer, uid)
    if not 1 <= len(reason.strip()) <= 300:
        raise Invalid("Say why, in at most 300 characters; its author reads it.", "reason")
    row = session.get_one(Comment, found.id)
    row.hidden_at, row.hidden_by_id, row.hidden_reason = clock.now(), viewer.id, reason.strip()
    activity.record(session, viewer.id, "comment.hidden", "Comment", uid, moved={"reason": (None, row.hidden_reason)})
    session.flush()  # the answer is read back
    return _reread(session, viewer, uid)


def unhide(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    """Show a comment again that was hidden. Refuses NOT_FOUND and NOT_ALLOWED."""
    found = _curated(session, viewer, uid)
    row = session.get_one(Comment, found.id)
    reason, row.hidden_at, row.hidden_by_id, row.hidden_reason = row.hidden_reason, None, None, None
    activity.record(session, viewer.id, "comment.unhidden", "Comment", uid, moved={"reason": (reason, None)})
    session.flush()  # the answer is read back
    return _reread(session, viewer, uid)


_SETTLED_BY = "A conversation is settled by whoever began it, by the entry's author and owner, and by those who curate."


def _require(session: Session, viewer: Viewer) -> None:
    require(viewer, Act.COMMUNITY_WRITE, doing="comment")
    if viewer.id is None:
        return
    lately = session.connection().execute(written_by(viewer.id, clock.now() - AT_ONCE)).scalars().all()
    if len(lately) >= MOST_AT_ONCE:
        wait = lately[-MOST_AT_ONCE] + AT_ONCE - clock.now()
        seconds = max(1, int(wait.total_seconds()))
        raise RateLimited(f"That is {MOST_AT_ONCE} comments in ten minutes. Wait a little.", "body", seconds=seconds)


def _usual(viewer: Viewer) -> CommentAudience:
    return CommentAudience.INSIDE if viewer.is_inside else CommentAudience.READERS


def _unfit(entry: EntryRow) -> Iterable[Problem]:
    if entry.status is Status.ARCHIVED:
        yield Problem("entry", "This entry is archived; nobody would read it.")


def _unanswerable(session: Session, to: CommentRow) -> Iterable[Problem]:
    if to.body is None or to.hidden_at is not None:
        yield Problem("parent", "This comment was taken away; begin a new one.")
    replies = select(func.count()).where(_c.root_id == to.root_id)
    if session.connection().execute(replies).scalar_one() > MOST_REPLIES:
        yield Problem("parent", f"This conversation has {MOST_REPLIES} replies; begin a new one.")


def _audience_faults(viewer: Viewer, audience: CommentAudience | None, to: CommentRow | None) -> Iterable[Problem]:
    if audience is CommentAudience.INSIDE and not viewer.is_inside:
        yield Problem("audience", "What you write is read by whoever reads the entry.")
    if audience is CommentAudience.READERS and to is not None and to.audience is CommentAudience.INSIDE:
        yield Problem("audience", "This conversation is for colleagues, and so is every reply.")


def _faults(session: Session, body: str) -> Iterable[Problem]:
    if not body.strip():
        yield Problem("body", "Write something first.")
    elif (over := len(body.strip()) - LONGEST) > 0:
        yield Problem("body", f"A comment has at most {LONGEST:,} characters; this is {over:,} over.", Code.TOO_LARGE)
    else:
        yield from _markup_faults(session, body)


def _markup_faults(session: Session, body: str) -> Iterable[Problem]:
    # All that one operation writes shares one bound on rendering, which holds the writer up.
    try:
        effort = markup.check(body) + session.info.get("effort", 0.0)
    except Refusal as refusal:
        yield from refusal.problems
        return
    if "effort" in session.info:
        session.info["effort"] = effort
    if effort > markup.EFFORT:
        yield Problem("body", "Altogether the texts take too long to render.", Code.TOO_LARGE)


def rendered(body: str) -> str:
    """The HTML of a comment. Hundreds share a page: nothing in them is a place or a heading of it."""
    html = _PLACE.sub("", markup.render(body.strip(), field="comment").html)
    return mentions.marked(_HEADING.sub(r"<p><strong>\1</strong></p>", html))


def _written(viewer: Viewer, entry: EntryRow, body: str, quote: str) -> Comment:
    now = clock.now()
    return Comment(
        entry_id=entry.id,
        author_id=viewer.id,
        audience=CommentAudience.INSIDE,
        body=body.strip(),
        body_html=rendered(body),
        renderer=markup.RENDERER,
        quote=quote,
        quote_revision=entry.revision if quote else None,
        created_at=now,
        active_at=now,
        active_for_readers_at=now,
    )


def _told(session: Session, viewer: Viewer, said: Comment) -> CommentRow:
    activity.record(session, viewer.id, "comment.created", "Comment", said.uid)
    session.flush()  # the answer is read back
    row = _reread(session, viewer, said.uid)
    mentions.note(session, viewer, row, said.body_html)
    follows.by_itself(session, said.entry_id, [said.author_id])
    return row


def _reread(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    row = by_uid(session, viewer, uid)
    assert row is not None
    return row


def _found(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    row = by_uid(session, viewer, uid)
    if row is None:
        raise NotFound("There is no such comment.", "id")
    return row


def _first(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    return first_of(_found(session, viewer, uid), viewer)


def _refuse_unless(comment: CommentRow, viewer: Viewer, act: CommentAct, otherwise: str) -> None:
    if act not in allowed(comment, viewer):
        require(viewer, Act.COMMUNITY_WRITE, doing="take part in conversations")
        raise NotAllowed(otherwise, "id")


def _allowed(session: Session, viewer: Viewer, uid: UUID, act: CommentAct, otherwise: str) -> CommentRow:
    found = _found(session, viewer, uid)
    _refuse_unless(found, viewer, act, otherwise)
    return found


def _curated(session: Session, viewer: Viewer, uid: UUID) -> CommentRow:
    found = _found(session, viewer, uid)
    if not viewer.may(Act.ENTRIES_CURATE) or not viewer.may(Act.COMMUNITY_WRITE):
        raise NotAllowed("Comments are hidden and shown again by those who curate.", "id")
    if found.body is None:
        raise Invalid("Its author has removed it already.", "id")
    return found
