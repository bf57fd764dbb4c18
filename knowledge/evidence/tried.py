"""What came of a practice in the sample's company: who used it with whom, and how that went."""

from datetime import timedelta

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.entries import by_slug
from knowledge.people import OPERATOR
from knowledge.uses import Use
from knowledge.words import GroupKind, Kind, Stage, UseResult

SOURCE, PRACTICE = "sample story", "replace-first"

G, R, S = GroupKind, UseResult, Stage
TRIED: tuple[tuple[int, Stage, GroupKind, UseResult, str], ...] = (
    (171, S.REPEAT, G.SUPPORT, R.WORKED, "Ring at nine, even when the van is on time: that was the call they spoke of."),
    (149, S.CLIENT, G.SERVICE, R.WORKED, "The driver pulled two shots before he left. Nobody asked for the money again."),
    (120, S.REPEAT, G.SERVICE, R.WORKED, "Took the machine from the showroom, because the shelf was empty."),
    (96, S.CLIENT, G.OPERATIONS, R.WORKED, "A school kitchen. They had only wanted to hear that it was the third time."),
    (61, S.REPEAT, G.SUPPORT, R.WORKED, "In Spanish, by their own technician's number. Half a morning closed."),
    (37, S.CLIENT, G.SERVICE, R.WORKED, "The cause came two weeks later. They said that was early enough."),
    (25, S.CLIENT, G.OPERATIONS, R.HARMED, "What we brought had not stood on test, and leaked as well. Two machines in the corridor."),
)  # fmt: skip
"""How many days ago, with which customers, by which function, what came of it, and what others should know."""

_u = table_of(Use).c


def use(session: Session) -> None:
    """Write it down as the service desk handed it over; nothing where that has been done, or where the practice is not there."""
    practice = by_slug(session, OPERATOR, PRACTICE)
    there = session.connection().execute(select(_u.id).where(_u.source == SOURCE).limit(1)).first()
    if practice is None or practice.kind is not Kind.BEST_PRACTICE or there is not None:
        return
    now = clock.now()
    rows = [
        {
            "uid": clock.uid(),
            "entry_id": practice.id,
            "stage": stage,
            "function": function,
            "result": result,
            "note": note,
            "used_on": (now - timedelta(days=days)).date(),
            "created_at": now - timedelta(days=days),
            "source": SOURCE,
            "external_id": f"u-{place}",
        }
        for place, (days, stage, function, result, note) in enumerate(TRIED, 1)
    ]
    session.connection().execute(insert(table_of(Use)), rows)


def forget(session: Session) -> None:
    """Take it away again: the practice stays, and nobody has tried it."""
    session.connection().execute(delete(table_of(Use)).where(_u.source == SOURCE))
