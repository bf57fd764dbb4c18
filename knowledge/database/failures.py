"""What a failure of a database means: the disk takes no more, a value fits no column, or a bug."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, ExceptionContext, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from knowledge.errors import Invalid

SQLITE = {8, 10, 13}  # READONLY, IOERR and FULL
POSTGRESQL = {"25006", "53100", "58030"}  # read_only_sql_transaction, disk_full and io_error
INTERRUPTED = 9  # of SQLite
CANCELLED = "57014"  # of PostgreSQL: query_canceled
NUL = "A text cannot contain the character NUL."


class Unwritable(Exception):
    """The disk is full, fails, or may not be written. Nothing was kept; reading goes on, and so does writing once there is room."""


def told(failure: BaseException) -> BaseException:
    """The failure, or `Unwritable` because of it if the disk is what failed."""
    for each in _before(failure):
        orig: Any = each.orig if isinstance(each, DBAPIError) else None
        if getattr(orig, "sqlite_errorcode", None) in SQLITE or getattr(orig, "sqlstate", None) in POSTGRESQL:
            refused = Unwritable(f"The database cannot be written: {orig}.")
            refused.__cause__ = failure
            return refused
    return failure


def _before(failure: BaseException | None) -> Iterator[BaseException]:
    # A full disk makes SQLite roll back the savepoints as well, and what is heard last is that there is none to go back to.
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__


def recovered(session: Session, failure: BaseException) -> bool:
    """Whether, after this failure of a read, the session can be asked again; one that was stopped from outside is not.

    PostgreSQL answers nothing more in a transaction in which a statement failed, so that a new one begins, over the same connection:
    whoever may stop what runs knows it by that.
    """
    if any(was_stopped(each) for each in _before(failure)):
        return False
    failed: list[Any] = [each for each in _before(failure) if isinstance(each, DBAPIError)]
    if any(each.connection_invalidated for each in failed):
        return False
    if failed and hasattr(failed[0].orig, "sqlstate"):
        session.connection().connection.rollback()
        session.info.pop("remembered", None)  # it was read before, and need not be so any more
    return True


def was_stopped(failure: BaseException) -> bool:
    """Whether it is of a statement that was given up because nobody waits for it."""
    orig = getattr(failure, "orig", failure)
    return getattr(orig, "sqlite_errorcode", None) == INTERRUPTED or getattr(orig, "sqlstate", None) == CANCELLED


def refuse_what_fits_no_column(engine: Engine) -> None:
    """Have the engine raise `Invalid` for dates and numbers beyond all columns, and for the character that PostgreSQL cannot hold."""

    @event.listens_for(engine, "handle_error")
    def refused(context: ExceptionContext) -> Invalid | None:
        if isinstance(context.original_exception, OverflowError):
            return Invalid("A date or a number lies beyond what can be kept.")
        if "NUL (0x00)" in str(context.original_exception):
            return Invalid(NUL)
        return None


def refuse_what_postgresql_cannot_hold(engine: Engine) -> None:
    """Have SQLite's writer raise `Invalid` for NUL too: its backups and exports are read where no text may contain it."""

    @event.listens_for(engine, "before_cursor_execute")
    def refused(_: Any, __: Any, ___: str, parameters: Any, ____: Any, many: bool) -> None:
        several = many and isinstance(
            parameters[0], tuple
        )  # one INSERT of many rows has the values of all in one tuple
        for row in parameters if several else (parameters,):
            if any(isinstance(value, str) and "\0" in value for value in row):
                raise Invalid(NUL)
