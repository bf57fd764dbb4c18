"""Who hears of thanks: whoever is thanked, alone, in a group, or as a customer."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import literal, or_, select
from sqlmodel import Session

from knowledge.community.appreciations import Appreciation
from knowledge.community.readers import inside
from knowledge.database import Table, table_of
from knowledge.database.upserts import chance_uid, insert_into
from knowledge.people import Person
from knowledge.words import Reason

TOLD = frozenset({"appreciation.given"})

_a, _p = table_of(Appreciation).c, table_of(Person).c


def tell(session: Session, subject: str, *, into: type[Table], off: type[Table]) -> None:
    """Tell whoever is thanked, in one insert: never who thanked. Twice tells nobody twice, and what was withdrawn nobody.

    `into` is the table of notifications, `off` that of what people do not want to be told.
    """
    verb, type, uid, person, moment = subject.split(" ")
    if verb not in TOLD:
        return
    n, unwanted = table_of(into).c, table_of(off).c
    hushed = select(unwanted.person_id).where(unwanted.person_id == _p.id, unwanted.reason == Reason.THANKED)
    values: dict[str, Any] = {
        "uid": chance_uid(session),
        "person_id": _p.id,
        "event": literal(uuid5(NAMESPACE_OID, subject), n.event.type),
        "reason": literal(Reason.THANKED, n.reason.type),
        "actor_id": _a.from_id,
        "about_type": literal(type, n.about_type.type),
        "about_uid": _a.uid,
        "at": literal(datetime.fromisoformat(moment), n.at.type),
    }
    whom = or_(
        _p.id == _a.person_id,
        (_p.group_id == _a.group_id) & inside(),
        _p.customer_id == _a.customer_id,
    )
    whole = (
        select(*values.values())
        .join_from(table_of(Appreciation), table_of(Person), whom)
        .where(_a.uid == UUID(uid), _a.withdrawn_at.is_(None), _p.disabled_at.is_(None), ~hushed.exists())
        .where(_p.id != (-1 if person == "-" else int(person)))
    )
    session.connection().execute(
        insert_into(session, table_of(into)).from_select([*values], whole).on_conflict_do_nothing()
    )
