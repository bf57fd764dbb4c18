"""Who met the year's customers, where and how it was for them."""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.customers.interactions import Interaction
from knowledge.customers.touchpoints import Touchpoint
from knowledge.database import table_of
from knowledge.words import InteractionKind, Medium
from knowledge.year.customers import FOLDER, Who
from knowledge.year.hearing import Colleague
from knowledge.year.wording import Way, fresh

EACH = 16
"""So often each way of meeting comes, as far as it is not said twice."""
I = InteractionKind  # noqa: E741  the words of one enum stand in a table
KINDS = {
    "Service visit": I.VISIT,
    "Call for help": I.CALL,
    "Delivery": I.DELIVERY,
    "Invoice": I.CALL,
    "Handover and first steps": I.TRAINING,
    "Enquiry": I.CALL,
}
WELL = {"+": True, "-": False, "=": None}


def meet(session: Session, everyone: Sequence[Who], keys: Mapping[str, int], by: Mapping[str, Colleague]) -> None:
    """Write it down; nothing of a touchpoint that the company has drawn out of its map."""
    t = table_of(Touchpoint).c
    places = {row.name: row.id for row in session.connection().execute(select(t.name, t.id))}
    there = [
        each for each in everyone if each.name in keys and each.life.bought and not each.inside and each.life.left == 0
    ]
    rows = [
        {
            "uid": clock.uid(),
            "customer_id": keys[who.name],
            "touchpoint_id": places[place],
            "at": at,
            "medium": Medium.PERSON,
            "kind": KINDS.get(place, I.CONVERSATION),
            "positive": WELL[mark],
            "note": note,
            "person_id": by[person].id,
            "created_at": at,
            "sample": True,
        }
        for place, person, mark, note, who, at in _met(there, clock.now())
        if place in places
    ]
    session.connection().execute(insert(table_of(Interaction)), rows)
    subjects: list[activity.Subject] = [(row["uid"], 0, {}) for row in rows]
    with clock.held(max(row["at"] for row in rows)):
        activity.record_each(session, by["jonas"].id, "interaction.logged", "Interaction", subjects)


def _met(there: Sequence[Who], now: datetime) -> Iterator[tuple[Any, ...]]:
    lot = random.Random("the year's meetings")  # noqa: S311  the sample is the same for everybody
    told = tomllib.loads((FOLDER / "met.toml").read_text(encoding="utf-8"))
    said: set[str] = set()
    for line in told["lines"]:
        place, person, mark, words = line.split(" | ")
        ways = Way.of(words).wordings(lot)
        for _ in range(EACH):
            if (wording := fresh(ways, said)) is None:
                break
            who = lot.choice(there)
            day = now - timedelta(days=lot.randint(4, min(360, who.life.bought[0][0])))
            yield place, person, mark, wording.words, who, day.replace(hour=lot.randint(7, 18), minute=0)
