"""Looks at an installation as it lies there, and says for each finding how to mend it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from knowledge import clock, jobs, migrations
from knowledge.activity import Activity
from knowledge.database import Database, engine_version, table_of
from knowledge.jobs import Job
from knowledge.people import Person
from knowledge.search import following
from knowledge.words import Role
from server import backups, installation, metrics, reaching, surroundings, upgrading
from server.health import is_risky
from server.installation import NotReady
from server.settings import Settings
from server.surroundings import Finding

BACKUP_EVERY = timedelta(days=7)
SKEW = timedelta(seconds=5)
"""By how much the clocks of two machines may differ: a change must not seem older than what it follows."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything there is to find, in the order in which to mend it."""
    yield surroundings.python()
    yield from surroundings.address(settings)
    yield from _folder(settings)
    yield from surroundings.post(settings)
    if settings.metrics and not metrics.is_installed():
        yield Finding("metrics", "LOYALTY_METRICS is on, and the package is missing.", f"Run: {metrics.EXTRA}")


def _folder(settings: Settings) -> Iterator[Finding]:
    """The folder, and what is in it as far as it can be written: to look at a database of SQLite is to write its lock."""
    found = list(surroundings.folder(settings))
    yield from found
    if {"writing", "owner"}.isdisjoint(each.name for each in found if each.mend):
        yield from _rows(reaching.hurried(settings))


def _rows(settings: Settings) -> Iterator[Finding]:
    if not installation.is_there(settings):
        yield surroundings.missing_data(settings)
        return
    try:
        database = installation.connect(settings)
    except NotReady as missing:
        yield Finding("database", str(missing), reaching.EXTRA)
        return
    try:
        yield from _database(settings, database)
    except SQLAlchemyError as failure:
        trouble = reaching.explained(failure)
        yield Finding("database", trouble.says, trouble.mend)
    finally:
        database.close()


def _database(settings: Settings, database: Database) -> Iterator[Finding]:
    engine = engine_version(database)
    yield Finding("engine", engine, "Install the package pysqlite3." if is_risky(engine) else "")
    yield from _clock(database)
    if not migrations.is_current(database):
        yield _outdated(database)
        return
    yield Finding("migrations", "current")
    with database.reading() as session:
        yield from _future(session)
        yield from _people(session)
        yield from _jobs(session)
        yield _backup(settings, session)
    yield from _index(settings, database)


def _clock(database: Database) -> Iterator[Finding]:
    """How the clock of another machine's database differs from ours."""
    if database.is_sqlite:
        return
    with database.reader.connect() as connection:
        theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    apart = abs(theirs - clock.now())
    mend = "Set both clocks by the network: timedatectl set-ntp true" if apart > SKEW else ""
    yield Finding("clock", f"{apart.total_seconds():.1f} s apart from the database's", mend)


def _future(session: Session) -> Iterator[Finding]:
    latest = session.connection().execute(select(func.max(table_of(Activity).c.at))).scalar_one()
    if latest is not None and latest - clock.now() > SKEW:
        mend = "Set the clock by the network: timedatectl set-ntp true"
        yield Finding("time", f"The last change is of {latest:%Y-%m-%d %H:%M} UTC, and it is not as late here.", mend)


def _outdated(database: Database) -> Finding:
    try:
        before, after = upgrading.versions(database)
    except NotReady as newer:
        return Finding("migrations", str(newer), "Install the newer version.")
    if not before and not _has_tables(database):
        return Finding("migrations", "The database has none of our tables yet.", "Run: loyalty init")
    says = f"The tables are {before or 'of no version'}, and this program wants {after}."
    return Finding("migrations", says, "Stop the server, then run: loyalty upgrade")


def _has_tables(database: Database) -> bool:
    with database.reader.connect() as connection:
        return inspect(connection).has_table(str(table_of(Person).name))


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
