"""How the sample's company answered: what it promised about the valve, what it did, and what it will not do."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session

from knowledge import activity, clock, people
from knowledge.database import read, table_of
from knowledge.entries import by_slug
from knowledge.feedback import items
from knowledge.feedback.items import Feedback, FeedbackRow
from knowledge.loop import answering
from knowledge.loop.answering import Said, Subject
from knowledge.loop.deliveries import Contact
from knowledge.loop.responses import LoopResponse
from knowledge.people import OPERATOR, viewer_for
from knowledge.words import Audience, Decision, LoopKind

SUGGESTED = "f-006"
"""A customer wants the descaling valve at the front."""

ANSWERS: tuple[tuple[int, Said], ...] = (
    (
        4,
        {
            "heard": "You would descale every week if the valve were at the front. You measured that there is room.",
            "decision": Decision.WILL_DO,
            "why": "Eleven of you told us the same. The next machines get it.",
        },
    ),
    (
        41,
        {
            "heard": "The descaling valve is hard to reach behind the machine.",
            "decision": Decision.DONE,
            "why": "Since October it is at the front, behind the drip tray, where you said there was room.",
            "audience": Audience.CUSTOMERS,
        },
    ),
)
"""After how many days what was said to it."""

_f, _r = table_of(Feedback).c, table_of(LoopResponse).c


def answer(session: Session) -> None:
    """Answer it; nothing where that has been done, or where the sample is not there."""
    activity.hush(session)
    there = session.connection().execute(select(_r.id).where(_r.sample).limit(1)).first()
    wanted = items.everything().where(_f.sample, _f.external_id == SUGGESTED)
    found = read(session, FeedbackRow, wanted)
    author = people.by_email(session, "margit@example.com")
    if there is not None or not found or author is None:
        return
    (item,), viewer = found, viewer_for(author)
    initiative = by_slug(session, OPERATOR, "valve-to-the-front")
    for days, said in ANSWERS:
        with clock.held(min(item.received_at + timedelta(days=days), clock.now())):
            drafted = answering.draft(session, viewer, Subject([item]), {**said, "initiative": initiative}, sample=True)
            answering.publish(session, viewer, drafted.uid, Contact())
    _begin_another(session)


def _begin_another(session: Session) -> None:
    """A draft to several at once, of which nobody has been told yet."""
    spoken = items.everything().where(_f.sample, _f.verbatim.ilike("%descal%")).order_by(_f.id).limit(6)
    rows, author = read(session, FeedbackRow, spoken), people.by_email(session, "ines@example.com")
    if author is None or not rows:
        return
    said: Said = {
        "heard": "Descaling takes two people and half an hour.",
        "decision": Decision.WILL_DO,
        "why": "Whoever has a machine of the old kind gets a longer key for the valve, free of charge.",
        "loop": LoopKind.OUTER,
    }
    answering.draft(session, viewer_for(author), Subject(rows), said, sample=True)
