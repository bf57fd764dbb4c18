"""Looks at an installation as it lies there, and says for each finding how to mend it."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from knowledge import clock, jobs, migrations
from knowledge.activity import Activity
from knowledge.database import Database, engine_version, table_of
from knowledge.jobs import Job
from knowledge.people import Person
from knowledge.search import following
from knowledge.words import Role
from server import backups, installation, upgrading
from server.health import is_risky
from server.installation import NotReady
from server.settings import Settings

BACKUP_EVERY = timedelta(days=7)
ROOM = 200 << 20
"""Bytes below which a disk is as good as full."""
LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Where `mend` says something, it wants attention."""

    name: str
    says: str
    mend: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything there is to find, in the order in which to mend it."""
    yield from _address(settings)
    try:
        database = installation.connect(settings)
    except NotReady as missing:
        yield Finding("data", str(missing), "Run: loyalty init")
        return
    try:
        yield from _folder(settings)
        yield from _database(settings, database)
    except SQLAlchemyError as failure:
        yield Finding("database", type(failure).__name__, "Check LOYALTY_DATABASE_URL, and that the database runs.")
    finally:
        database.close()


def _address(settings: Settings) -> Iterator[Finding]:
    if settings.host in LOCAL or settings.is_secure:
        yield Finding("address", settings.base_url or f"http://{settings.host}:{settings.port}")
    else:
        mend = "Put a proxy with TLS before it, and set LOYALTY_BASE_URL to its https address."
        yield Finding("address", "Others can reach it, and passwords travel in the open.", mend)
    if settings.demo and settings.host not in LOCAL:
        yield Finding("demo", "Anybody who reaches it may sign in as anyone.", "Unset LOYALTY_DEMO.")


def _folder(settings: Settings) -> Iterator[Finding]:
    if not settings.data.exists():
        return
    mode = stat.S_IMODE(settings.data.stat().st_mode)
    mend = f"Run: chmod 700 {settings.data}" if mode & 0o077 else ""
    yield Finding("folder", f"{settings.data} has mode {mode:04o}", mend)
    free = shutil.disk_usage(settings.data).free
    mend = "Make room: what is full refuses every write, and the index stays behind." if free < ROOM else ""
    yield Finding("disk", f"{free >> 20:,} MB free", mend)


def _database(settings: Settings, database: Database) -> Iterator[Finding]:
    engine = engine_version(database)
    yield Finding("engine", engine, "Install the package pysqlite3." if is_risky(engine) else "")
    if not migrations.is_current(database):
        yield _outdated(database)
        return
    yield Finding("migrations", "current")
    with database.reading() as session:
        yield from _people(session)
        yield from _jobs(session)
        yield _backup(settings, session)
    yield from _index(settings, database)


def _outdated(database: Database) -> Finding:
    try:
        before, after = upgrading.versions(database)
    except NotReady as newer:
        return Finding("migrations", str(newer), "Install the newer version.")
    says = f"The tables are {before or 'of no version'}, and this program wants {after}."
    return Finding("migrations", says, "Stop the server, then run: loyalty upgrade")


def _backup(settings: Settings, session: Session) -> Finding:
    """An old one wants attention, and none where there has been something to lose for as long."""
    last, now = backups.last(settings), clock.now()
    oldest = session.connection().execute(select(func.min(table_of(Activity).c.at))).scalar_one()
    since = last.moment if last else oldest or now
    says = f"{last.file}, {(now - last.moment).days} days ago" if last else "none yet"
    return Finding("backup", says, "Run: loyalty backup FILE" if now - since > BACKUP_EVERY else "")


def _people(session: Session) -> Iterator[Finding]:
    table = table_of(Person).c
    counted = select(func.count()).where(table.role == Role.ADMIN, table.disabled_at.is_(None))
    admins = session.connection().execute(counted).scalar_one()
    mend = "" if admins else "Run: loyalty person add EMAIL --name NAME --role admin"
    yield Finding("administrators", str(admins), mend)


def _jobs(session: Session) -> Iterator[Finding]:
    table = table_of(Job).c
    given_up = select(table.kind, table.failure).where(table.tries >= jobs.TRIES).limit(5)
    failed = [f"{row.kind}: {row.failure}" for row in session.connection().execute(given_up)]
    mend = "Mend the cause, then set `tries` to 0 in these rows of the table `job`." if failed else ""
    yield Finding("jobs", "; ".join(failed) or "none has failed for good", mend)


def _index(settings: Settings, database: Database) -> Iterator[Finding]:
    try:
        installation.meaning_of(settings)
    except NotReady as problem:
        yield Finding("meaning", str(problem), "Install the extra, or unset LOYALTY_SEMANTIC.")
        settings = settings.model_copy(update={"semantic": False})
    with installation.opened(settings) as home:
        found = following.difference(database, home.index)
        now = home.learning.progress() if home.learning else None
        building, trouble = home.index.building(), home.index.trouble
    parts = (("missing", found.missing), ("outdated", found.outdated), ("surplus", found.surplus))
    says = ", ".join(f"{len(uids)} {name}" for name, uids in parts if uids)
    yield Finding("index", says or "agrees with the rows", "Start the server, or run: loyalty reindex" if says else "")
    if building:
        yield Finding("new index", f"{building[0]:,} of {building[1]:,} entries are read")
    if trouble:
        yield Finding("torn index", trouble, "Start the server, or run: loyalty reindex")
    if now:
        mend = "Start the server, or run: loyalty reindex" if now.done < now.total else ""
        yield Finding("meaning", f"{now.done} of {now.total} English entries have vectors", mend)
