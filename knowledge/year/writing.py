"""When the year's entries were written."""

import tomllib
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from knowledge import clock
from knowledge.database import table_of
from knowledge.entries import Entry, Revision
from knowledge.year.customers import FOLDER

_e, _r = table_of(Entry).c, table_of(Revision).c
EARLIEST = timedelta(days=95)
"""Before the last quarter: what it tells stands first wherever the latest does."""


def date(session: Session) -> None:
    """Give each its day."""
    days = tomllib.loads((FOLDER / "written.toml").read_text(encoding="utf-8"))
    found = session.connection().execute(select(_e.id, _e.slug).where(_e.sample, _e.slug.in_(days)))
    rows = [{"its_id": row.id, "its_day": clock.now() - timedelta(days=days[row.slug])} for row in found]
    for table, key, names in (
        (Entry, _e.id, ("created_at", "updated_at", "published_at")),
        (Revision, _r.entry_id, ("created_at", "published_at")),
    ):
        values: dict[str, Any] = {name: bindparam("its_day") for name in names if name in table_of(table).c}
        if rows:
            session.connection().execute(
                update(table_of(table)).where(key == bindparam("its_id")).values(**values), rows
            )
    session.expire_all()  # what Core has written, objects do not know
