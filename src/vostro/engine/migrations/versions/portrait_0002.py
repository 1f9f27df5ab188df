"""Living portraits 画像更新: versions of events, what waits to be applied, and the online records."""

from alembic import op

from vostro.engine.errors import StoreDowngradeError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE event
    ADD COLUMN event_id text,
    ADD COLUMN operation text NOT NULL DEFAULT 'new'
        CONSTRAINT ck_event_operation CHECK (operation IN ('new', 'correct', 'delete')),
    ADD COLUMN load_id bigint,
    ADD COLUMN origin text NOT NULL DEFAULT 'vostro'
        CONSTRAINT ck_event_origin CHECK (origin IN ('file', 'api', 'vostro'));
CREATE INDEX ix_event_contested ON event (kind, event_id) WHERE operation <> 'new';
CREATE INDEX ix_event_undrained ON event (kind, sequence) WHERE origin = 'api';

CREATE TABLE pending (
    sequence bigint CONSTRAINT pk_pending PRIMARY KEY
);

CREATE TABLE portrait (
    customer text CONSTRAINT pk_portrait PRIMARY KEY,
    sequence bigint NOT NULL,
    version text NOT NULL,
    record bytea NOT NULL,
    updated timestamptz NOT NULL
);

CREATE TABLE drain (
    kind text CONSTRAINT pk_drain PRIMARY KEY,
    sequence bigint NOT NULL
)
"""


def upgrade() -> None:
    """Add what living portraits need."""
    for statement in TABLES.split(";"):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a store never goes back, its log would be lost.

    Raises:
        StoreDowngradeError: always.
    """
    raise StoreDowngradeError(version="0002")
