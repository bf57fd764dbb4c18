"""How the sample's customers came to where they stand: bought, served, spoken for us, moved by hand, at times before today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session

from knowledge import clock, customers, people
from knowledge.customers import Customer, CustomerRow, Reference, StageTransition
from knowledge.database import table_of
from knowledge.ladder import moving, offerings, settling, telling
from knowledge.ladder.moving import Move
from knowledge.ladder.offerings import Offering, OfferingReference
from knowledge.ladder.stages import BEFORE
from knowledge.ladder.transactions import Told
from knowledge.people import OPERATOR, viewer_for
from knowledge.words import AdvocacyKind, CustomerRelation, OfferingKind, Stage, StageSource, TransactionKind

BEGAN = 1000
"""So many days ago nobody knew any of them."""

MACHINE, BEANS, CARE = "Counter machine", "Beans by the month", "Care plan"
PARTS, LOANS = "Parts by the next morning", "Loan machines"
OFFERED = {
    MACHINE: (OfferingKind.PRODUCT, 3650),
    BEANS: (OfferingKind.PRODUCT, None),
    CARE: (OfferingKind.SERVICE, None),
    PARTS: (OfferingKind.SERVICE, None),
    LOANS: (OfferingKind.SERVICE, None),
}
OUTSIDE, INSIDE = (MACHINE, BEANS, CARE), (PARTS, LOANS)

MOVED = {
    "miramont": (Stage.CLIENT, "They roast for themselves; all else that they can use they buy from us.", 12, 60),
    "lakeside": (Stage.PROSPECT, "Asked what two counters would cost for the season.", 100, -10),
}
"""Where somebody put whom and why, how many days ago, and in how many it is looked at again."""


@dataclass(frozen=True)
class Event:
    """Something so many days ago: an offering that was had, or how somebody spoke for us, or just another day."""

    days: int
    offering: str = ""
    advocacy: AdvocacyKind | None = None


def climb(session: Session) -> None:
    """Have the sample's customers climb; nothing where they have, or where none are there."""
    mine = table_of(Customer).c
    rows = {
        row.external_id: row.id
        for row in session.connection().execute(select(mine.id, mine.external_id).where(mine.sample).order_by(mine.id))
    }
    there = session.connection().execute(select(table_of(Offering).c.id).where(table_of(Offering).c.sample)).first()
    if not rows or there is not None:
        return
    made = {
        name: offerings.create(session, OPERATOR, {"name": name, "kind": kind, "dormant_after": days}, sample=True).uid
        for name, (kind, days) in OFFERED.items()
    }
    found = customers.by_ids(session, OPERATOR, rows.values())
    _begin(session, list(rows.values()))
    references = {name: OfferingReference(uid=uid) for name, uid in made.items()}
    for place, row in enumerate(found.values()):
        _live(session, row, place, references)
    _move(session)


def _begin(session: Session, ids: list[int]) -> None:
    """As if they had come as strangers: the sample's file says where they stand today."""
    long_ago = clock.now() - timedelta(days=BEGAN)
    move, customer = table_of(StageTransition), table_of(Customer)
    session.connection().execute(
        update(move).where(move.c.customer_id.in_(ids)).values(at=long_ago, to_stage=Stage.SUSPECT)
    )
    stranger = {"stage": Stage.SUSPECT, "stage_source": StageSource.DERIVED}
    session.connection().execute(update(customer).where(customer.c.id.in_(ids)).values(**stranger))
    session.expire_all()


def _live(session: Session, row: CustomerRow, place: int, offered: Mapping[str, OfferingReference]) -> None:
    whom = Reference(uid=row.uid)
    now = clock.now()
    with clock.held(now - timedelta(days=BEGAN - 1)):
        _know(session, row, whom, offered)
    for event in sorted(_events(row, place), key=lambda each: -each.days):
        with clock.held(now - timedelta(days=event.days)):
            _happen(session, row, whom, event, offered)


def _know(session: Session, row: CustomerRow, whom: Reference, offered: Mapping[str, OfferingReference]) -> None:
    """What each can use; of those who never bought anything, and of whom somebody knows better, nobody has said."""
    if row.stage in BEFORE or row.external_id in MOVED:
        return
    for name in INSIDE if row.relation is CustomerRelation.INTERNAL else OUTSIDE:
        telling.use(session, OPERATOR, whom, offered[name], True)


def _events(row: CustomerRow, place: int) -> Iterator[Event]:
    """What brings a customer to a stage; each a little apart from the others, some of it within the last weeks."""
    first, second, *rest = INSIDE if row.relation is CustomerRelation.INTERNAL else OUTSIDE
    shift = place * 11 % 60
    match row.stage:
        case Stage.PROSPECT | Stage.DISQUALIFIED:
            yield Event(20 + shift)
        case Stage.FIRST_TIME:
            yield Event(25 + shift, first)
        case Stage.REPEAT:
            yield from (Event(330 + shift // 2, second), Event(15 + shift, second))
        case Stage.CLIENT | Stage.ADVOCATE:
            yield from (Event(700 + shift, first), Event(30 + shift, first), Event(20 + shift, second))
            yield from (Event(18 + shift, each) for each in rest)
            if row.stage is Stage.ADVOCATE:
                yield Event(5 + shift, advocacy=list(AdvocacyKind)[place % 5])
        case Stage.INACTIVE:
            yield from (Event(600 + shift, second), Event(380 + shift, second), Event(13 + shift))


def _happen(
    session: Session, row: CustomerRow, whom: Reference, event: Event, offered: Mapping[str, OfferingReference]
) -> None:
    if event.advocacy is not None:
        telling.advocacy(session, OPERATOR, whom, {"kind": event.advocacy})
    elif event.offering:
        inside = row.relation is CustomerRelation.INTERNAL
        kind = TransactionKind.SERVICE_DELIVERY if inside else TransactionKind.PURCHASE
        telling.dealings(session, OPERATOR, [Told(whom, kind, clock.now(), offered[event.offering])])
    elif row.stage in (Stage.PROSPECT, Stage.DISQUALIFIED) and row.external_id not in MOVED:
        moving.qualify(session, OPERATOR, whom, need=True, ability=row.stage is Stage.PROSPECT)
    else:
        settling.settle(session, [row.id])


def _move(session: Session) -> None:
    person, now = people.by_email(session, "ines@example.com"), clock.now()
    viewer = viewer_for(person) if person is not None else OPERATOR
    for key, (to, reason, ago, due) in MOVED.items():
        with clock.held(now - timedelta(days=ago)):
            wanted = Move(to, reason, _day(now, due))
            moving.move(session, viewer, Reference(source="sample", external_id=key), wanted)


def _day(now: datetime, days: int) -> date:
    return (now + timedelta(days=days)).date()
