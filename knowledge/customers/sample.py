"""What the invented firm of the sample has with its customers, beyond their words."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session

from knowledge import people
from knowledge.customers import characteristics, interactions, needs, relationships, segments, touchpoints
from knowledge.customers.characteristics import Characteristic, Value
from knowledge.customers.customer import CustomerRow, Reference, find
from knowledge.customers.interactions import Interaction
from knowledge.customers.needs import Need
from knowledge.customers.rules import Node
from knowledge.customers.segments import Segment
from knowledge.database import Page, table_of
from knowledge.people import OPERATOR, Viewer, viewer_for
from knowledge.words import CustomerRelation, NeedDecision, Predicate, Stage, ValueKind

YES, NO, OPEN = True, False, None
MET = (
    ("miramont", "Handover and first steps", "margit", "2026-03-04", YES, "Four machines, two shifts taught. Not the night shift."),
    ("miramont", "Call for help", "ines", "2026-10-12", NO, "The app again. I had the list of nights in front of me this time."),
    ("miramont", "Service visit", "jonas", "2026-10-19", YES, "Stayed until the firewall was found. They walked me to the door."),
    ("blue-door", "First heard of us", "ines", "2025-02-11", OPEN, "A guest of theirs drinks at Café Zimt."),
    ("blue-door", "Order", "ines", "2025-03-20", YES, "Chose the machine with the tap on the left, for Rosa's wrist."),
    ("blue-door", "Service visit", "jonas", "2026-09-02", YES, "Measured the room behind the tray together."),
    ("copper-pot", "Call for help", "ines", "2026-09-21", NO, "Three minutes in the queue, with the shop full."),
    ("depot-north", "Everyday use", "jonas", "2026-10-06", YES, "The van list is shared now. Nobody drove for nothing this week."),
    ("dorothy-lane", "Enquiry", "margit", "2026-10-29", OPEN, "Wants to know what happens when she moves house."),
)  # fmt: skip
"""Who met whom, where and when, how it was for them, and what is worth remembering."""


def meet(session: Session) -> None:
    """Have the sample's people meet its customers; nothing happens where somebody has, or where they are not there."""
    there = {each[0]: find(session, OPERATOR, Reference(source="sample", external_id=each[0])) for each in MET}
    folk = {each[2]: people.by_email(session, f"{each[2]}@example.com") for each in MET}
    known = {name: row for name, row in there.items() if row is not None and row.sample}
    viewers = {name: viewer_for(person) for name, person in folk.items() if person is not None}
    if len(known) == len(there) and len(viewers) == len(folk) and not _has_met(session):
        _log(session, known, viewers)
        _know(session, known)
        _sort(session, known)


def _has_met(session: Session) -> bool:
    logged = table_of(Interaction).c
    return session.connection().execute(select(logged.id).where(logged.sample).limit(1)).first() is not None


def _log(session: Session, customers: Mapping[str, CustomerRow], by: Mapping[str, Viewer]) -> None:
    touchpoints.install(session)
    session.flush()  # they are looked up by their names
    for customer, place, person, day, positive, note in MET:
        where = touchpoints.by_name(session, OPERATOR, place)
        if where is not None:
            at = datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=UTC)
            met: interactions.Met = {"at": at, "positive": positive, "note": note}
            interactions.log(session, by[person], customers[customer], where, met, sample=True)


def _know(session: Session, customers: Mapping[str, CustomerRow]) -> None:
    """What is known of them, what they need, who serves them and what was agreed, as far as nobody has said it."""
    if characteristics.all_of_them(session, OPERATOR):
        return
    cups = characteristics.define(session, OPERATOR, {"name": "Cups a day", "kind": ValueKind.NUMBER})
    session.get_one(Characteristic, cups.id).sample = True
    for name, number in (("miramont", 900.0), ("blue-door", 260.0), ("copper-pot", 120.0)):
        characteristics.tell(session, OPERATOR, customers[name], cups, Value(number=number))
    quick = needs.record(
        session,
        OPERATOR,
        {"statement": "Coffee when the doors open, also after a fault", "decision": NeedDecision.MEET},
    )
    session.get_one(Need, quick.id).sample = True
    ratings = (("miramont", 9, 3), ("blue-door", 10, 8), ("copper-pot", 8, 4))
    for name, importance, satisfaction in ratings:
        needs.rate(session, OPERATOR, quick, customers[name], importance=importance, satisfaction=satisfaction)
    needs.serve(
        session,
        OPERATOR,
        Stage.FIRST_TIME,
        quick,
        "A call on the third morning, before they have to ask.",
        Stage.REPEAT,
    )
    for group in people.groups(session, OPERATOR)[:1]:
        relationships.serve(session, OPERATOR, group.uid, customers["depot-north"], "hands over what is to be fitted")
    relationships.plan(
        session, OPERATOR, customers["blue-door"], {"title": "The valve, seen from the bar", "goal": GOAL}
    )


def _sort(session: Session, customers: Mapping[str, CustomerRow]) -> None:
    if segments.listing(session, OPERATOR, Page(first=1)).rows:
        return
    friends = segments.create(session, OPERATOR, {"name": "Council of cafés", "description": COUNCIL})
    for name in ("blue-door", "copper-pot"):
        segments.add(session, OPERATOR, friends, customers[name])
    cups = characteristics.all_of_them(session, OPERATOR)[0]
    many = Node(Predicate.CHARACTERISTIC_AT_LEAST, characteristic=cups.uid, value=Value(number=200.0))
    outside = Node(Predicate.RELATION, relation=CustomerRelation.EXTERNAL)
    rule = Node(Predicate.ALL, (outside, many))
    busy = segments.create(
        session, OPERATOR, {"name": "Busy bars", "description": BUSY, "high_value": True, "rule": rule}
    )
    for each in (friends, busy):
        session.get_one(Segment, each.id).sample = True


GOAL = (
    "One of ours behind their bar for a morning each quarter; one of theirs beside us when the next machine is drawn."
)
COUNCIL = "Those who meet twice a year and tell us what we would rather not hear."
BUSY = "Outside the company, and from 200 cups a day: a morning without coffee costs them most."
