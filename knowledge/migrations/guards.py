"""What the database itself refuses, whoever asks: the words of a customer are never changed [F1], only taken away by erasure.

A batch migration on SQLite copies a table and loses its triggers, so that these are made anew after every upgrade.
"""

from sqlalchemy import Connection, inspect, text

_MESSAGE = "What a customer said is never changed."

_SQLITE = (
    f"""CREATE TRIGGER IF NOT EXISTS feedback_verbatim BEFORE UPDATE OF verbatim ON feedback
    WHEN NEW.verbatim IS NOT OLD.verbatim AND NEW.verbatim <> ''
    BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END""",
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION feedback_verbatim() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    "DROP TRIGGER IF EXISTS feedback_verbatim ON feedback",
    """CREATE TRIGGER feedback_verbatim BEFORE UPDATE OF verbatim ON feedback FOR EACH ROW
    WHEN (NEW.verbatim IS DISTINCT FROM OLD.verbatim AND NEW.verbatim <> '') EXECUTE FUNCTION feedback_verbatim()""",
)


def stand(connection: Connection) -> None:
    """Make the guards, unless they are there."""
    if not inspect(connection).has_table("feedback"):
        return
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(text(statement))
