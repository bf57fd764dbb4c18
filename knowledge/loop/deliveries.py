"""Who is behind an answer, and who of them is told: each distinct customer, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, case, false, func, insert, null, select, true, union_all
from sqlmodel import Session

from knowledge import clock, contacts, customers
from knowledge.contacts import Contact
from knowledge.customers import Customer, CustomerRow
from knowledge.customers.customer import restricted
from knowledge.database import (
    Order,
    Page,
    Row,
    Slice,
    columns_of,
    neighbours,
    one,
    slices,
    table_of,
)
from knowledge.evidence import Evidence
from knowledge.feedback import dues
from knowledge.feedback.items import Feedback
from knowledge.feedback.themes import FeedbackTheme
from knowledge.loop import responses
from knowledge.loop.responses import Delivery, ResponseItem, ResponseRow
from knowledge.people import Act, Viewer
from knowledge.privacy import consents
from knowledge.words import (
    ConsentPurpose,
    CustomerStatus,
    DeliveryChannel,
    LoopKind,
    MailState,
)


@dataclass(frozen=True, slots=True)
class Behind:
    """One customer behind an answer: whether they asked, may be told, have an address, and were told of it before."""

    customer_id: int
    asked: bool
    reachable: bool
    addressed: bool
    told: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom telling an answer reaches, by their keys; `often` are those who then hear more from us than is meant to be."""

    to_tell: tuple[int, ...] = ()
    told: tuple[int, ...] = ()
    withheld: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    often: tuple[int, ...] = ()
    unnamed: int = 0


class DeliveryRow(Row):
    """A delivery as it is read."""

    uid: UUID
    response_id: int
    customer_id: int
    channel: DeliveryChannel
    asked: bool
    made_at: datetime
    read_at: datetime | None
    mail: MailState | None
    mailed_at: datetime | None


_d, _i, _f = table_of(Delivery).c, table_of(ResponseItem).c, table_of(Feedback).c
_c, _t, _e = table_of(Customer).c, table_of(FeedbackTheme).c, table_of(Evidence).c
_SEEN = ("id", *DeliveryRow.__annotations__)
_NEWEST = Order("deliveries", ((_d.made_at, True), (_d.id, True)))


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Colleagues read who was told of what, customers what was told to them."""
    if viewer.may(Act.FEEDBACK_READ):
        return _d.customer_id.not_in(restricted())
    if viewer.customer_id is not None and viewer.scopes is None:
        return _d.customer_id == viewer.customer_id
    return false()


def _seen_by(viewer: Viewer) -> Select[Any]:
    return select(*columns_of(Delivery, *_SEEN)).where(visible_to(viewer))


def by_uid(session: Session, viewer: Viewer, uid: UUID) -> DeliveryRow | None:
    """One delivery that the viewer may read, or None."""
    return one(session, DeliveryRow, _seen_by(viewer).where(_d.uid == uid))


def unopened(viewer: Viewer) -> Select[Any]:
    """What the viewer was told and has not opened as (no entry, since when), for whoever counts it among other things."""
    return select(null(), _d.made_at).where(visible_to(viewer), _d.read_at.is_(None))


def _pages(session: Session, rows: list[ResponseRow], viewer: Viewer, page: Page) -> Mapping[int, Slice[DeliveryRow]]:
    return slices(session, DeliveryRow, _seen_by(viewer), _NEWEST, page, rows, _d.response_id)


def of_response(response: ResponseRow, viewer: Viewer, page: Page) -> Slice[DeliveryRow]:
    """Who was told of an answer, the latest first; a customer sees none but their own."""
    return neighbours(response, _pages, viewer, page)


def _customers(session: Session, rows: list[DeliveryRow], viewer: Viewer) -> Mapping[int, CustomerRow | None]:
    found = customers.by_ids(session, viewer, (row.customer_id for row in rows))
    return {row.id: found.get(row.customer_id) for row in rows}


def customer_of(delivery: DeliveryRow, viewer: Viewer) -> CustomerRow | None:
    """Who was told."""
    return neighbours(delivery, _customers, viewer)


def _responses(session: Session, rows: list[DeliveryRow], viewer: Viewer) -> Mapping[int, ResponseRow | None]:
    found = responses.by_ids(session, viewer, (row.response_id for row in rows))
    return {row.id: found.get(row.response_id) for row in rows}


def response_of(delivery: DeliveryRow, viewer: Viewer) -> ResponseRow | None:
    """What they were told."""
    return neighbours(delivery, _responses, viewer)


def _whole(response: ResponseRow) -> CTE:
    """The items that an answer names, or that its theme or insight brings, with all that is joined to them."""
    named = select(_i.feedback_id.label("id")).where(_i.response_id == response.id, _i.named)
    themed = select(_t.feedback_id).where(_t.theme_id == (response.theme_id or -1))
    cited = select(_e.feedback_id).where(_e.entry_id == (response.insight_id or -1), _e.feedback_id.is_not(None))
    first = union_all(named, themed, cited).subquery("first")
    tree = select(first.c.id).cte("behind", recursive=True)
    joined = table_of(Feedback).alias("joined")
    return tree.union(select(joined.c.id).join(tree, joined.c.duplicate_of_id == tree.c.id))


def items_behind(session: Session, response: ResponseRow) -> list[int]:
    """The keys of all items behind an answer, in their order."""
    whole = _whole(response)
    return list(session.connection().execute(select(whole.c.id).distinct().order_by(whole.c.id)).scalars())


def asking(response: ResponseRow) -> ColumnElement[bool]:
    """That a word to whoever said an item was asked for: it is of a kind to which a reply is due, or answered by name [R2 R6]."""
    by_name = response.loop is LoopKind.INNER and response.theme_id is None and response.insight_id is None
    return true() if by_name else _f.kind.in_(dues.REPLIED)


def behind(session: Session, response: ResponseRow) -> Sequence[Behind]:
    """The distinct customers behind an answer; one who spoke five times is one."""
    whole = _whole(response)
    had = select(_d.id).where(_d.response_id == response.id, _d.customer_id == _c.id)
    asked = func.max(case((asking(response), 1), else_=0))
    statement = (
        select(_c.id, asked, _c.status, _c.email.is_not(None), had.exists())
        .join_from(table_of(Customer), table_of(Feedback), _f.customer_id == _c.id)
        .where(_f.id.in_(select(whole.c.id)))
        .group_by(_c.id, _c.status, _c.email)
        .order_by(_c.id)
    )
    return [
        Behind(row[0], bool(row[1]), row[2] is CustomerStatus.ACTIVE, bool(row[3]), bool(row[4]))
        for row in session.connection().execute(statement)
    ]


def reach(session: Session, response: ResponseRow, contact: Contact) -> Reach:
    """Whom telling an answer would reach. Who asked needs no consent; who did not is told only if they have given it [R2]."""
    people = behind(session, response)
    gone = tuple(each.customer_id for each in people if not each.reachable and not each.told)
    fresh = [each for each in people if each.reachable and not each.told]
    unasked = [each.customer_id for each in fresh if not each.asked]
    agreed = consents.given(session, unasked, ConsentPurpose.CONTACT)
    whole = _whole(response)
    unnamed = select(func.count()).select_from(table_of(Feedback)).where(
        _f.id.in_(select(whole.c.id)), _f.customer_id.is_(None)
    )  # fmt: skip
    return Reach(
        to_tell=tuple(each.customer_id for each in fresh if each.asked or each.customer_id in agreed),
        told=tuple(each.customer_id for each in people if each.told),
        withheld=tuple(id for id in unasked if id not in agreed),
        gone=gone,
        often=contacts.often(session, sorted(agreed), contact),
        unnamed=session.connection().execute(unnamed).scalar_one(),
    )


def deliver(session: Session, response: ResponseRow, reach: Reach, contact: Contact) -> None:
    """Write one delivery for each customer who is to be told; none for who has one already, however often this is done [R2]."""
    wanted = set(reach.to_tell)
    now = clock.now()
    rows = []
    for each in behind(session, response):
        if each.customer_id not in wanted:
            continue
        by_mail = contact.mails and each.addressed
        rows.append(
            {
                "uid": clock.uid(),
                "response_id": response.id,
                "customer_id": each.customer_id,
                "channel": DeliveryChannel.EMAIL if by_mail else DeliveryChannel.PORTAL,
                "asked": each.asked,
                "made_at": now,
                "mail": MailState.QUEUED if by_mail else None,
                "mail_due_at": now if by_mail else None,
                "mail_tries": 0,
            }
        )
    if rows:
        session.connection().execute(insert(table_of(Delivery)), rows)


def named(session: Session, viewer: Viewer, ids: Sequence[int]) -> list[CustomerRow]:
    """These customers as far as the viewer may know them, in this order."""
    found = customers.by_ids(session, viewer, ids)
    return [found[id] for id in ids if id in found]
