"""Alembic's entrance 迁移入口: run the migrations on the connection that ``migrate`` gives."""

from alembic import context

from vostro.engine.tables import metadata

if __name__ == "env_py":  # the name under which Alembic loads this file
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    context.run_migrations()
