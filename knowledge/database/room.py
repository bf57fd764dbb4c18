"""Tells a disk that takes no more from every other failure of a database."""

from typing import Any

from sqlalchemy.exc import DBAPIError

SQLITE = {8, 10, 13}  # READONLY, IOERR and FULL
POSTGRESQL = {"25006", "53100", "58030"}  # read_only_sql_transaction, disk_full and io_error


class Unwritable(Exception):
    """The disk is full, fails, or may not be written. Nothing was kept; reading goes on, and so does writing once there is room."""


def told(failure: BaseException) -> BaseException:
    """The failure, or `Unwritable` because of it if the disk is what failed."""
    orig: Any = failure.orig if isinstance(failure, DBAPIError) else None
    if getattr(orig, "sqlite_errorcode", None) not in SQLITE and getattr(orig, "sqlstate", None) not in POSTGRESQL:
        return failure
    refused = Unwritable(f"The database cannot be written: {orig}.")
    refused.__cause__ = failure
    return refused
