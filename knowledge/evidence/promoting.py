"""From what was said to an insight: a draft that has the words as its evidence from the beginning."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from knowledge.customers.topmost import topmost
from knowledge.database import read, table_of
from knowledge.entries import EntryRow
from knowledge.entries.writing import create
from knowledge.errors import NotAllowed
from knowledge.evidence import claiming
from knowledge.evidence.attaching import attach
from knowledge.feedback import items, themes, voices
from knowledge.feedback.items import Feedback, FeedbackRow
from knowledge.feedback.themes import FeedbackTheme, ThemeRow
from knowledge.people import Act, Viewer
from knowledge.words import FeedbackKind, InsightKind, Kind, Stance

MOST = 50
"""Of a theme the first words of so many voices are quoted."""

_f, _h = table_of(Feedback).c, table_of(FeedbackTheme).c


def from_item(session: Session, viewer: Viewer, item: FeedbackRow, *, title: str, claim: str) -> EntryRow:
    """Draft an insight out of what one customer said; it is about the same themes. Refuses NOT_ALLOWED and what is wrong with the texts."""
    about = [theme.uid for theme in themes.of_item(item, viewer)]
    return _draft(session, viewer, [item], about, title, claim, InsightKind.OBSERVATION)


def from_theme(session: Session, viewer: Viewer, theme: ThemeRow, *, title: str, claim: str) -> EntryRow:
    """Draft one out of a theme, with the first words of every voice behind it, up to fifty; it is called a pattern as soon as these
    carry that. Refuses the same.
    """
    said = _first_words(session, viewer, theme)
    return _draft(session, viewer, said, [theme.uid], title, claim, InsightKind.PATTERN)


def _draft(
    session: Session,
    viewer: Viewer,
    said: Sequence[FeedbackRow],
    about: Sequence[UUID],
    title: str,
    claim: str,
    kind: InsightKind,
) -> EntryRow:
    if not viewer.may(Act.FEEDBACK_READ):
        raise NotAllowed("Evidence is attached by those who may read feedback.", "feedback")
    detail = {"claim": claim.strip(), "kind": kind}
    draft = create(session, viewer, Kind.INSIGHT, {"title": title, "detail": detail})
    for item in said:
        attach(session, viewer, draft, item, Stance.SUPPORTS)
    return claiming.aim(session, viewer, draft.uid, segments=None, themes=about)


def _first_words(session: Session, viewer: Viewer, theme: ThemeRow) -> Sequence[FeedbackRow]:
    top = topmost()
    spoken = table_of(FeedbackTheme).join(table_of(Feedback), _f.id == _h.feedback_id)
    praise = (FeedbackKind.LIKE, FeedbackKind.PRAISE)
    first = (
        select(func.min(_f.id))
        .select_from(spoken.outerjoin(top, top.c.id == _f.customer_id))
        .where(_h.theme_id == theme.id, items.visible_to(viewer), _f.kind.is_(None) | _f.kind.not_in(praise))
        .group_by(voices.voice(voices.speaker(), top))
    )
    rows = items.everything().where(_f.id.in_(first), items.visible_to(viewer))
    return read(session, FeedbackRow, rows.order_by(_f.id).limit(MOST))
