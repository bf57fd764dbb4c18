"""What the sample's insight rests on: everybody who spoke of the valve once, and what was decided because of them."""

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import activity, people
from knowledge.database import read, table_of
from knowledge.entries import EntryRow, by_slug
from knowledge.evidence import claiming
from knowledge.evidence.attaching import attach
from knowledge.evidence.pieces import v
from knowledge.feedback import items
from knowledge.feedback.items import Feedback, FeedbackRow
from knowledge.feedback.themes import FeedbackTheme, Theme
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.words import FeedbackKind, Stance

INSIGHT, INITIATIVE = "descaling-valve-out-of-reach", "valve-to-the-front"
THEME = "reaching the descaling valve"

_f, _h, _t = table_of(Feedback).c, table_of(FeedbackTheme).c, table_of(Theme).c


def rest(session: Session) -> None:
    """Attach them; nothing where the insight, its theme or its author is not there, or where that has been done."""
    activity.hush(session)
    insight, initiative = by_slug(session, OPERATOR, INSIGHT), by_slug(session, OPERATOR, INITIATIVE)
    author = people.by_email(session, "jonas@example.com")
    theme = session.connection().execute(select(_t.uid).where(_t.key == THEME)).scalar()
    if insight is None or author is None or theme is None:
        return
    viewer = viewer_for(author)
    if initiative is not None:
        attach(session, viewer, initiative, insight, Stance.SUPPORTS)
    claiming.aim(session, viewer, insight.uid, segments=None, themes=[theme])
    for item in _unheard(session, insight, viewer):
        attach(session, viewer, insight, item, Stance.SUPPORTS)


def _unheard(session: Session, insight: EntryRow, viewer: Viewer) -> list[FeedbackRow]:
    """Of each customer with something to say of it, of whom nothing is quoted yet, the first word."""
    quoted = select(_f.customer_id).join(table_of(Feedback), _f.id == v.feedback_id).where(v.entry_id == insight.id)
    known = set(session.connection().execute(quoted).scalars())
    first = (
        select(func.min(_f.id))
        .join_from(table_of(FeedbackTheme), table_of(Feedback), _f.id == _h.feedback_id)
        .join(table_of(Theme), _t.id == _h.theme_id)
        .where(_t.key == THEME, _f.sample, _f.customer_id.is_not(None))
        .where(_f.kind.is_(None) | _f.kind.not_in((FeedbackKind.LIKE, FeedbackKind.PRAISE)))
        .group_by(_f.customer_id)
    )
    rows = read(session, FeedbackRow, items.everything().where(_f.id.in_(first), items.visible_to(viewer)))
    return [row for row in rows if row.customer_id not in known]
