"""People whose portraits must be made anew 归属变更队列: who gained or lost identifiers since the worker looked?"""

from alembic import op

from vostro.engine.errors import StoreDowngradeError

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE moved (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_moved PRIMARY KEY,
    person text NOT NULL
);
CREATE INDEX ix_moved_person ON moved (person);
CREATE INDEX ix_identity_customer_via ON identity_customer (via) WHERE via IS NOT NULL
"""


def upgrade() -> None:
    """Add the queue of people, and find visitors by their customers."""
    for statement in TABLES.split(";"):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a store never goes back, its log would be lost.

    Raises:
        StoreDowngradeError: always.
    """
    raise StoreDowngradeError(version="0004")
