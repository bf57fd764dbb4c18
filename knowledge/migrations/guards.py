"""What the database itself refuses, whoever asks: the words of a customer are never changed [F1], only taken away by erasure,
or rid of the name of somebody who is erased, in a change that says when.

A batch migration on SQLite copies a table and loses its triggers, so that these are made anew after every upgrade.
"""

from sqlalchemy import Connection, inspect, text

_SQLITE = (
    """CREATE TRIGGER IF NOT EXISTS feedback_verbatim BEFORE UPDATE OF verbatim ON feedback
    WHEN NEW.verbatim IS NOT OLD.verbatim AND NEW.verbatim <> '' AND NEW.redacted_at IS OLD.redacted_at
    BEGIN SELECT RAISE(ABORT, 'What a customer said is never changed.'); END""",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION feedback_verbatim() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'What a customer said is never changed.' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    "DROP TRIGGER IF EXISTS feedback_verbatim ON feedback",
    """CREATE TRIGGER feedback_verbatim BEFORE UPDATE OF verbatim ON feedback FOR EACH ROW
    WHEN (NEW.verbatim IS DISTINCT FROM OLD.verbatim AND NEW.verbatim <> ''
        AND NEW.redacted_at IS NOT DISTINCT FROM OLD.redacted_at) EXECUTE FUNCTION feedback_verbatim()""",
)


def stand(connection: Connection) -> None:
    """Make the guards, unless they are there."""
    known = inspect(connection)
    if not known.has_table("feedback") or "redacted_at" not in {each["name"] for each in known.get_columns("feedback")}:
        return
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(text(statement))
