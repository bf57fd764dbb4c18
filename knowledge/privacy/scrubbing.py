"""What the disk still holds of somebody who was erased goes as well: files, the index, and the pages of a database that were used.

A list of whom that was lies beside the database, so that a backup which still knows them is made to forget them again.
"""

from pathlib import Path
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import Session

from knowledge import clock
from knowledge.attachments.attaching import Attachment
from knowledge.attachments.contents import store_of
from knowledge.database import Database, table_of
from knowledge.people import OPERATOR
from knowledge.privacy import erasing
from knowledge.privacy.erasing import Erasure
from knowledge.search import following
from knowledge.search.index import Index

LIST = "erasures"

_e, _a = table_of(Erasure).c, table_of(Attachment).c


def waiting(session: Session) -> list[tuple[int, UUID]]:
    """The erasures of which the disk may still hold something."""
    wanted = select(_e.id, _e.customer_uid).where(_e.scrubbed_at.is_(None)).order_by(_e.id)
    return [(row[0], row[1]) for row in session.connection().execute(wanted)]


def scrub(database: Database, index: Index, folder: Path) -> int:
    """See to all that wait; answers how many are done, and none where a reader still holds on to the past."""
    with database.reading() as session:
        wanted = waiting(session)
    if not wanted:
        return 0
    _remember(folder / LIST, [uid for _, uid in wanted])
    database.write(drop_files)
    following.follow(database, index)
    following.reindex(database, index)
    if not database.scrub():
        return 0
    database.write(lambda session: _done(session, [id for id, _ in wanted]))
    return len(wanted)


def drop_files(session: Session) -> None:
    """The bytes that were taken off entries because they name somebody, unless a file that stays has the same."""
    lately = select(_e.at).where(_e.scrubbed_at.is_(None))
    other = table_of(Attachment).alias("other")
    is_needed = exists().where(other.c.sha256 == _a.sha256, other.c.removed_at.is_(None))
    gone = select(_a.sha256).where(_a.removed_at.in_(lately), ~is_needed).distinct()
    store = store_of(session)
    for sha256 in session.connection().execute(gone).scalars().all():
        store.drop(session, sha256)


def _done(session: Session, ids: list[int]) -> None:
    for id in ids:
        session.get_one(Erasure, id).scrubbed_at = clock.now()


def _remember(path: Path, uids: list[UUID]) -> None:
    known = remembered(path.parent)
    with path.open("a") as file:
        file.writelines(f"{uid}\n" for uid in uids if uid not in known)
    path.chmod(0o600)


def remembered(folder: Path) -> set[UUID]:
    """Whom the list beside the database names."""
    path = folder / LIST
    return {UUID(line) for line in path.read_text().split()} if path.is_file() else set()


def replay(database: Database, folder: Path) -> int:
    """Erase those once more who were erased and have come back with a backup; answers how many."""
    listed = remembered(folder)
    if not listed:
        return 0
    again = database.write(lambda session: [erasing.again(session, OPERATOR, uid) for uid in sorted(listed)])
    return sum(each is not None for each in again)
