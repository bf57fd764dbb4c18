"""What the database itself refuses, whoever asks: the words of a customer are never changed [F1], only taken away by erasure,
or rid of the name of somebody who is erased, while the row that says so stands open.

A batch migration on SQLite copies a table and loses its triggers, so that these are made anew after every upgrade.
"""

from sqlalchemy import Connection, inspect, text

_SQLITE = (
    """CREATE TRIGGER IF NOT EXISTS feedback_verbatim BEFORE UPDATE OF verbatim ON feedback
    WHEN NEW.verbatim IS NOT OLD.verbatim AND NEW.verbatim <> '' AND NOT EXISTS (SELECT 1 FROM erasure WHERE door)
    BEGIN SELECT RAISE(ABORT, 'What a customer said is never changed.'); END""",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION feedback_verbatim() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF EXISTS (SELECT 1 FROM erasure WHERE door) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'What a customer said is never changed.' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    "DROP TRIGGER IF EXISTS feedback_verbatim ON feedback",
    """CREATE TRIGGER feedback_verbatim BEFORE UPDATE OF verbatim ON feedback FOR EACH ROW
    WHEN (NEW.verbatim IS DISTINCT FROM OLD.verbatim AND NEW.verbatim <> '') EXECUTE FUNCTION feedback_verbatim()""",
)


def stand(connection: Connection) -> None:
    """Make the guards, unless they are there."""
    if not inspect(connection).has_table("erasure"):
        return
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(text(statement))
