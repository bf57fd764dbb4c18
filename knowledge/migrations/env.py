"""What Alembic runs: our tables, over the connection it is handed."""

from alembic import context

from knowledge.migrations import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata(), render_as_batch=True, compare_type=True, transactional_ddl=False
)
context.run_migrations()
