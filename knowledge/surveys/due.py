"""What somebody who signed in has still to answer: the invitations of waves that are running."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.people import Viewer
from knowledge.surveys import links
from knowledge.surveys.links import Opens
from knowledge.surveys.response import Invitation
from knowledge.surveys.survey import Survey, Wave
from knowledge.words import Anonymity, SurveyState

MOST = 20

_i, _w, _s = table_of(Invitation).c, table_of(Wave).c, table_of(Survey).c


@dataclass(frozen=True, slots=True)
class Due:
    """A survey that waits for somebody's answer, and the link by which they answer."""

    title: str
    intro: str
    anonymity: Anonymity
    closes_at: datetime | None
    token: str


ASKED_AT = _i.created_at
"""Since when somebody is asked."""


def running(viewer: Viewer) -> Select[Any] | None:
    """The invitations that wait for the viewer, who signed in themselves; None for everybody else."""
    if viewer.scopes is not None or viewer.id is None:
        return None
    mine = _i.person_id == viewer.id
    if viewer.customer_id is not None:
        mine |= _i.customer_id == viewer.customer_id
    is_open = (_w.opens_at < clock.minute_over()) & (_w.closes_at.is_(None) | (_w.closes_at > clock.minute()))
    return (
        select(_s.title, _s.intro, _s.anonymity, _w.closes_at, _i.uid)
        .join_from(table_of(Invitation), table_of(Wave), _w.id == _i.wave_id)
        .join(table_of(Survey), _s.id == _w.survey_id)
        .where(mine, _i.answered.is_(False), _s.state == SurveyState.OPEN, is_open)
    )


def due(session: Session, viewer: Viewer, secret: bytes) -> Sequence[Due]:
    """What waits for the viewer, who signed in themselves, what is over soonest first; at most twenty."""
    wanted = running(viewer)
    if wanted is None:
        return []
    wanted = wanted.order_by(_w.closes_at.is_(None), _w.closes_at, _i.id).limit(MOST)
    return [
        Due(row[0], row[1], row[2], row[3], links.written(secret, Opens.INVITATION, row[4]))
        for row in session.connection().execute(wanted)
    ]
