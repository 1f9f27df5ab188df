"""Migrations: what they make is what the tables say."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from vostro.engine import Workspace, metadata, migrations


def test_migrated_is_what_the_tables_say(workspace: Workspace) -> None:
    with workspace.store.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_list_of_versions_is_that_of_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    assert tuple(each.revision for each in script.walk_revisions())[::-1] == migrations.VERSIONS
    assert script.get_current_head() == migrations.HEAD
