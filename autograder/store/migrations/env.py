"""Runs the scripts in the transaction of whoever asked (`autograder.store.migration`)."""

from alembic import context

from autograder.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
