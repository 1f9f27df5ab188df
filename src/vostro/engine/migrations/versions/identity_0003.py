"""Who is who 客户识别: which customers are one person, and under which parameters they were matched."""

from alembic import op

from vostro.engine.errors import StoreDowngradeError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE identity_customer (
    customer text CONSTRAINT pk_identity_customer PRIMARY KEY,
    person text NOT NULL,
    since bigint NOT NULL,
    via text
);
CREATE INDEX ix_identity_customer_person ON identity_customer (person);

CREATE TABLE identity_model (
    settled timestamptz CONSTRAINT pk_identity_model PRIMARY KEY,
    parameters jsonb NOT NULL
)
"""


def upgrade() -> None:
    """Add who is who."""
    for statement in TABLES.split(";"):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a store never goes back, its log would be lost.

    Raises:
        StoreDowngradeError: always.
    """
    raise StoreDowngradeError(version="0003")
