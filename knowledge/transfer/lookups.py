"""Finds what the rows of a batch refer to, one statement for each kind of thing, whoever may see it."""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import Session

from knowledge.customers import Customer, CustomerRow
from knowledge.customers.interactions import Interaction, InteractionRow
from knowledge.database import Row, Table, carried, columns_of, read, table_of, whole
from knowledge.entries.entry import Entry, EntryRow, everything
from knowledge.entries.links import SlugRedirect
from knowledge.feedback import Feedback, FeedbackRow
from knowledge.initiatives.progress import ProgressRow, ProgressUpdate
from knowledge.ladder.advocacies import Advocacy, AdvocacyRow
from knowledge.ladder.offerings import Offering, OfferingRow
from knowledge.ladder.transactions import Transaction, TransactionRow
from knowledge.people import FunctionalGroup, GroupRow, Person, PersonRow
from knowledge.transfer.fields import Identity

R = TypeVar("R", bound=Row)

HERE = "loyalty-commons"
"""The source of what was written here and comes from no other system; its external id is then its uid."""

_PERSON = ("id", "uid", "name", "email", "role", "group_id", "customer_id", "disabled_at", "sample", "handle")


def entries(session: Session, slugs: Iterable[str | None]) -> Mapping[str, EntryRow]:
    """Entries by slug, in whatever state, with the revision that is shown."""
    wanted = {slug for slug in slugs if slug}
    if not wanted:
        return {}
    found = read(session, EntryRow, everything().where(table_of(Entry).c.slug.in_(wanted)))
    return {row.slug: row for row in found}


def former(session: Session, slugs: Iterable[str]) -> Mapping[str, int]:
    """Those of the slugs that an entry had before it was renamed, with its key."""
    table = table_of(SlugRedirect).c
    rows = session.connection().execute(select(table.slug, table.entry_id).where(table.slug.in_(set(slugs))))
    return {row.slug: row.entry_id for row in rows}


def persons(session: Session, emails: Iterable[str | None]) -> Mapping[str, PersonRow]:
    """People by address."""
    wanted = {email for email in emails if email}
    if not wanted:
        return {}
    statement = select(*columns_of(Person, *_PERSON)).where(table_of(Person).c.email.in_(wanted))
    return {row.email: row for row in read(session, PersonRow, statement)}


def groups(session: Session, names: Iterable[str | None]) -> Mapping[str, GroupRow]:
    """Functional groups by name."""
    wanted = {name for name in names if name}
    if not wanted:
        return {}
    statement = select(*columns_of(FunctionalGroup)).where(table_of(FunctionalGroup).c.name.in_(wanted))
    return {row.name: row for row in read(session, GroupRow, statement)}


def customers(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, CustomerRow]:
    """Customers by the identity that their source gave them, or by the one they have here; who was merged into another is that one."""
    found = _identified(session, Customer, CustomerRow, identities)
    gone = {carried(row, "merged_into_id") for row in found.values()} - {None}
    if not gone:
        return found
    stay = select(*columns_of(Customer)).where(table_of(Customer).c.id.in_(gone))
    standing = {row.id: row for row in read(session, CustomerRow, stay)}
    return {identity: standing.get(carried(row, "merged_into_id"), row) for identity, row in found.items()}


def feedback(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, FeedbackRow]:
    """Feedback by the same."""
    return _identified(session, Feedback, FeedbackRow, identities)


def interactions(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, InteractionRow]:
    """Interactions by the same."""
    return _identified(session, Interaction, InteractionRow, identities)


def progress(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, ProgressRow]:
    """Progress updates by the same."""
    return _identified(session, ProgressUpdate, ProgressRow, identities)


def offerings(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, OfferingRow]:
    """Offerings by the same."""
    return _identified(session, Offering, OfferingRow, identities)


def transactions(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, TransactionRow]:
    """Transactions by the same."""
    return _identified(session, Transaction, TransactionRow, identities)


def advocacies(session: Session, identities: Iterable[Identity | None]) -> Mapping[Identity, AdvocacyRow]:
    """Advocacy by the same."""
    return _identified(session, Advocacy, AdvocacyRow, identities)


def _identified(
    session: Session, table: type[Table], row_class: type[R], identities: Iterable[Identity | None]
) -> Mapping[Identity, R]:
    wanted = {identity for identity in identities if identity is not None}
    if not wanted:
        return {}
    column = table_of(table).c
    sources, ids = {each.source for each in wanted}, {each.external_id for each in wanted}
    ways = [and_(column.source.in_(sources), column.external_id.in_(ids))]
    if own := [uid for each in wanted if each.source == HERE and (uid := _uid(each.external_id)) is not None]:
        ways.append(and_(column.source.is_(None), column.uid.in_(own)))
    return {identity_of(row): row for row in read(session, row_class, select(*columns_of(table)).where(or_(*ways)))}


def identified(session: Session, table: type[Table], identities: Iterable[Identity]) -> dict[str | Identity, int]:
    """The keys of rows that have a source, by that identity."""
    if table is Customer:
        return {identity: row.id for identity, row in customers(session, identities).items()}
    return {identity: row.id for identity, row in _identified(session, table, Row, identities).items()}


def identity_of(row: Row) -> Identity:
    """What a row with a source is called there, and what any other is called here."""
    values = whole(row)
    if values["source"] is None:
        return Identity(HERE, str(values["uid"]))
    return Identity(values["source"], values["external_id"])


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
