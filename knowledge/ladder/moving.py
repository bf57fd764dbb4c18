"""Moves by hand: a colleague who knows better says where a customer stands, why, and when to look again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlmodel import Session

from knowledge import activity, clock, customers, people
from knowledge.customers import Customer, CustomerRow, Reference, StageTransition, sorting
from knowledge.database import Order, Page, Row, Slice, columns_of, neighbours, slices, table_of
from knowledge.errors import Conflict, Invalid, NotFound, Problem, refuse
from knowledge.ladder import advocacies, settling, stages, transactions
from knowledge.ladder.stages import ADVOCATE, BEFORE
from knowledge.people import Act, PersonRow, Viewer, require
from knowledge.words import AdvocacyKind, Stage, StageSource, TransitionCause

REVIEW = timedelta(days=90)
"""After which a move by hand is usually looked at again."""
LATEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Move:
    """Where to, why, and when it is looked at again. `believed` is where they stood for whoever moves them."""

    to: Stage
    reason: str
    review_on: date
    believed: Stage | None = None
    advocacy: AdvocacyKind | None = None


class TransitionRow(Row):
    """One move as it is read."""

    customer_id: int
    from_stage: Stage | None
    to_stage: Stage
    at: datetime
    passing: bool
    cause: TransitionCause
    reason: str | None
    evidence: str | None
    review_on: date | None
    actor_id: int | None


_s = table_of(StageTransition).c
_NEWEST = Order("moved", ((_s.id, True),))


def move(session: Session, viewer: Viewer, reference: Reference, wanted: Move) -> CustomerRow:
    """Move a customer by one legal move. Refuses NOT_FOUND, NOT_ALLOWED, INVALID with all that is wrong [L6], and CONFLICT when
    they stand elsewhere than was believed. `wanted.advocacy` records what made an advocate of them [L4].
    """
    require(viewer, Act.CUSTOMERS_WRITE, doing="move customers")
    row = _needed(session, viewer, reference)
    standing = _held(session, row)
    row = _needed(session, viewer, reference)
    if wanted.believed not in (None, standing.stage):
        raise Conflict(f"{row.name} has moved since: {_at(standing.stage)}.", "to", current=row)
    spoke = settling.known_of(session, [standing])[row.id].facts.speaks_for_us
    refuse([*_faults(row, wanted, spoke=spoke), *review_faults(wanted.review_on)])
    if wanted.advocacy is not None:
        advocacies.record(session, viewer, row, {"kind": wanted.advocacy, "note": wanted.reason.strip()})
    at = settling.next_moment(settling.last_moves(session, [row.id]).get(row.id))
    told = {"reason": wanted.reason.strip(), "review_on": wanted.review_on, "actor_id": viewer.id}
    steps = settling.links(row.id, [wanted.to], standing.stage, at, cause=TransitionCause.MANUAL, **told)
    session.connection().execute(insert(table_of(StageTransition)), steps)
    customer = session.get_one(Customer, row.id, with_for_update=True)
    customer.stage, customer.stage_source, customer.stage_review_on = wanted.to, StageSource.MANUAL, wanted.review_on
    _touch(session, viewer, customer, "customer.moved", {"stage": (standing.stage, wanted.to)})
    sorting.later(session)  # segments may ask for the stage
    return _needed(session, viewer, reference)


def keep(session: Session, viewer: Viewer, reference: Reference, review_on: date) -> CustomerRow:
    """Say that a customer still stands where somebody put them. Refuses NOT_FOUND, NOT_ALLOWED and INVALID."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="move customers")
    row = _needed(session, viewer, reference)
    refuse(review_faults(review_on))
    standing = _held(session, row)
    if standing.stage_source is not StageSource.MANUAL:
        raise Invalid(f"{row.name} stands there because of what they bought; that needs no second look.", "customer")
    customer = session.get_one(Customer, row.id, with_for_update=True)
    moved = {"stage_review_on": (customer.stage_review_on, review_on)}
    customer.stage_review_on = review_on
    _touch(session, viewer, customer, "customer.stage_kept", moved)
    return _needed(session, viewer, reference)


def qualify(
    session: Session, viewer: Viewer, reference: Reference, *, need: bool | None, ability: bool | None
) -> CustomerRow:
    """Say whether a customer needs what we offer and is able to buy it; None is not known. Refuses NOT_FOUND and NOT_ALLOWED."""
    require(viewer, Act.CUSTOMERS_WRITE, doing="qualify customers")
    row = _needed(session, viewer, reference)
    customer = session.get_one(Customer, row.id, with_for_update=True)
    moved: dict[str, tuple[object, object]] = {
        "need_confirmed": (customer.need_confirmed, need),
        "ability_confirmed": (customer.ability_confirmed, ability),
    }
    customer.need_confirmed, customer.ability_confirmed = need, ability
    if customer.stage in BEFORE and not (need is ability is None):
        customer.stage_review_on = None  # this is the second look
    _touch(session, viewer, customer, "customer.qualified", moved)
    settling.settle(session, [row.id])
    return _needed(session, viewer, reference)


def _touch(
    session: Session, viewer: Viewer, customer: Customer, verb: str, moved: Mapping[str, tuple[object, object]]
) -> None:
    customer.version += 1
    customer.updated_at = clock.now()
    activity.record(session, viewer.id, verb, "Customer", customer.uid, moved=moved)
    session.flush()  # the answer is read back


def _needed(session: Session, viewer: Viewer, reference: Reference) -> CustomerRow:
    row = customers.find(session, viewer, reference)
    if row is None:
        raise NotFound("There is no such customer.", "customer")
    return row


def _held(session: Session, row: CustomerRow) -> settling.Standing:
    held = settling.standings(session, [row.id])
    if not held:
        raise NotFound("There is no such customer.", "customer")
    return held[0]


def _faults(row: CustomerRow, wanted: Move, *, spoke: bool) -> Iterable[Problem]:
    legal = stages.moves(row.stage, dealt=transactions.has_dealt(row))
    if wanted.to not in legal:
        there = " or ".join(", ".join(each.lower().replace("_", "-") for each in legal).rsplit(", ", 1))
        yield Problem("to", f"{row.name} {_at(row.stage)}; from there one moves to {there}.")
    elif wanted.to is ADVOCATE and not spoke and wanted.advocacy is None:
        yield Problem("advocacy", "Say what they did for us: an advocate is a client who brings others.")
    elif wanted.to is not ADVOCATE and wanted.advocacy is not None:
        yield Problem("advocacy", "This goes with a move to advocate; record it by itself.")
    if not 3 <= len(wanted.reason.strip()) <= 300:
        yield Problem("reason", "Say why in 3 to 300 characters.")


def _at(stage: Stage) -> str:
    said = stage.lower().replace("_", "-")
    if stage in (Stage.INACTIVE, Stage.DISQUALIFIED):
        return f"is {said}"
    customer = " customer" if stage in (Stage.FIRST_TIME, Stage.REPEAT) else ""
    return f"is {'an' if said[0] in 'aeiou' else 'a'} {said}{customer}"


def review_faults(review_on: date) -> Iterable[Problem]:
    """What is wrong with the day on which a move is looked at again."""
    today = clock.now().date()
    if not today < review_on <= today + LATEST:
        yield Problem("reviewOn", "Choose a day from tomorrow to two years from now.")


def moves_of(customer: CustomerRow) -> Sequence[Stage]:
    """Where a customer may be moved by hand, in the order of the ladder."""
    return stages.moves(customer.stage, dealt=transactions.has_dealt(customer))


def is_due(customer: CustomerRow) -> bool:
    """Whether it is time to look again at where somebody put a customer."""
    return customer.stage_review_on is not None and customer.stage_review_on < clock.today()


def _history(session: Session, rows: Sequence[CustomerRow], page: Page) -> Mapping[int, Slice[TransitionRow]]:
    statement = select(*columns_of(StageTransition))
    return slices(session, TransitionRow, statement, _NEWEST, page, rows, _s.customer_id)


def history(customer: CustomerRow, page: Page) -> Slice[TransitionRow]:
    """How a customer came to where they stand, the latest move first."""
    return neighbours(customer, _history, page)


def actor_of(transition: TransitionRow) -> PersonRow | None:
    """The colleague who moved them."""
    return neighbours(transition, people.loaded, "actor_id")
