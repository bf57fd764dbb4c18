"""What somebody who is forgotten had posted goes out of every list, and its words out of all that was made of them [G3]."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from knowledge import clock
from knowledge.community.comments import Comment
from knowledge.community.suggestions import Suggestion, SuggestionPart
from knowledge.database import table_of
from knowledge.entries import Entry, Revision
from knowledge.entries.hiding import Hiding
from knowledge.entries.links import SlugRedirect
from knowledge.evidence import Evidence
from knowledge.privacy.names import STRUCK
from knowledge.words import Status

_e, _r, _s = table_of(Entry).c, table_of(Revision).c, table_of(Suggestion).c
_EMPTY = {"title": STRUCK, "summary": "", "body": "", "body_html": "", "source": None, "licence": None, "note": ""}


def take_down(session: Session, persons: Sequence[int], at: datetime) -> set[int]:
    """Empty every revision of what these people posted, whoever wrote it, and what others quoted of it or would have changed in it;
    its address goes as well. Answers the entries.
    """
    connection = session.connection()
    posted = set(connection.execute(select(_e.id).where(_e.author_id.in_(persons))).scalars())
    if not posted:
        return posted
    for id in sorted(posted):
        gone: dict[str, Any] = {"slug": f"erased-{clock.uid().hex[-12:]}", "status": Status.ARCHIVED, "updated_at": at}
        connection.execute(update(table_of(Entry)).where(_e.id == id).values(gone))
    connection.execute(update(table_of(Revision)).where(_r.entry_id.in_(posted)).values(_EMPTY))
    _forget_echoes(session, posted)
    return posted


def _forget_echoes(session: Session, posted: Collection[int]) -> None:
    comment, part, cited = table_of(Comment), table_of(SuggestionPart), table_of(Evidence)
    suggested = select(_s.id).where(_s.entry_id.in_(posted))
    for changed in (
        update(comment).where(comment.c.entry_id.in_(posted)).values(quote=""),
        update(part).where(part.c.suggestion_id.in_(suggested)).values(before="", text=""),
        update(table_of(Suggestion)).where(_s.entry_id.in_(posted)).values(note=""),
        update(cited).where(cited.c.cited_id.in_(posted)).values(quote_start=0, quote_end=0),
        delete(table_of(SlugRedirect)).where(table_of(SlugRedirect).c.entry_id.in_(posted)),
        delete(table_of(Hiding)).where(table_of(Hiding).c.entry_id.in_(posted)),
    ):
        session.connection().execute(changed)
