"""Alembic's entrance 迁移入口: run the migrations on the connection that ``migrate`` gives."""

from alembic import context

from vostro.engine.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
