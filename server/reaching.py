"""Why a database does not answer, in words that say how to mend it."""

import re
from dataclasses import dataclass

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from server.settings import Settings

PATIENCE = 5
"""The seconds after which a database that says nothing is not there."""
EXTRA = 'Run in the environment of the program: pip install "loyalty-commons[postgres]"'
DAMAGED = "Stop the server, run `PRAGMA integrity_check` on a copy of the file, and restore the last backup: loyalty restore FILE"

SAID = (
    ("28P01|password authentication failed|no password supplied", "Set the right password in LOYALTY_DATABASE_URL."),
    (
        "28000|no pg_hba.conf entry|role .* does not exist",
        "Make the role, or let it in: createuser --pwprompt NAME, and pg_hba.conf.",
    ),
    ("3D000|database .* does not exist", "Make the database: createdb --owner ROLE NAME, then run: loyalty init"),
    ("42501|permission denied", "Make its role the owner: ALTER DATABASE name OWNER TO role."),
    ("53300|too many connections|remaining connection slots", "Raise max_connections, or lower LOYALTY_WORKERS."),
    (
        "57P03|starting up|shutting down|recovery",
        "Wait until the database has started; its own log says how far it is.",
    ),
    (
        "[Cc]onnection refused|No such file or directory",
        "Start the database, and check host and port in LOYALTY_DATABASE_URL.",
    ),
    (
        "resolve|translate host name|Name or service not known",
        "Check the host in LOYALTY_DATABASE_URL: it has no address here.",
    ),
    (
        "timeout|timed out",
        "Check host and port in LOYALTY_DATABASE_URL, and whether a firewall is in between.",
    ),
    ("certificate|SSL|ssl", "Check sslmode and the certificate: LOYALTY_DATABASE_URL takes them after a `?`."),
    ("database is locked", "Find out what else holds the file open (lsof), and end it."),
    ("disk I/O error|disk is full", "Make room, and look in the system's log for trouble with the disk."),
    ("malformed|not a database|disk image", DAMAGED),
    (
        "unable to open|readonly database|read-only",
        "Give the file and its folder to whoever runs the server: chown -R USER FOLDER",
    ),
)
"""What a failure says, and what mends it; the first that fits."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the way to a database, and what mends it."""

    says: str
    mend: str


def explained(failure: SQLAlchemyError) -> Trouble:
    """What a failure means, or where to look if it is like none that is known."""
    unknown = "Check LOYALTY_DATABASE_URL, and that the database runs; its own log may say more."
    return known(failure) or Trouble(_said(failure), unknown)


def known(failure: SQLAlchemyError) -> Trouble | None:
    """What a failure means, if it is one of those that have a remedy. Neither the statement nor its values are told."""
    orig = failure.orig if isinstance(failure, DBAPIError) else failure
    state = str(getattr(orig, "sqlstate", "") or "")
    said = _said(failure)
    for pattern, mend in SAID:
        if re.search(pattern, f"{state} {said}"):
            return Trouble(said, mend)
    return None


def _said(failure: SQLAlchemyError) -> str:
    orig = failure.orig if isinstance(failure, DBAPIError) else failure
    return _last_line(str(orig)) or type(orig).__name__


def hurried(settings: Settings) -> Settings:
    """The same settings, with little patience for a database that says nothing."""
    if not settings.database_url or make_url(settings.database_url).get_backend_name() == "sqlite":
        return settings
    url = make_url(settings.database_url)
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(PATIENCE)})
    return settings.model_copy(update={"database_url": url.render_as_string(hide_password=False)})


def _last_line(text: str) -> str:
    """Of several addresses that were tried, the last; a driver's prefix says nothing that the finding does not."""
    lines = [line.strip(" -\t") for line in text.splitlines() if line.strip()]
    told = next((line for line in reversed(lines) if "failed" in line or "FATAL" in line), lines[0] if lines else "")
    return told[:300]
