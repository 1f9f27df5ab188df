"""Tables 库表: what does the store hold?

The event log is the truth; the others say how it and the lake came to be. ``migrations``
creates them; a test compares both.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

__all__ = [
    "drain",
    "event",
    "identity_customer",
    "identity_model",
    "load",
    "metadata",
    "moved",
    "partition",
    "pending",
    "portrait",
    "reject",
    "run",
]

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
_moment = sa.DateTime(timezone=True)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


# What happened, in the order in which we learned of it. Rows are never changed or removed.
event = sa.Table(
    "event",
    metadata,
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _text("customer"),
    _text("kind"),
    sa.Column("event_time", _moment, nullable=False),
    sa.Column("load_time", _moment, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
    sa.Column("body", JSONB, nullable=False),
    _text("event_id", null=True),  # which event this is a version of; null for Vostro's own
    sa.Column("operation", sa.Text, nullable=False, server_default="new"),
    sa.Column("load_id", sa.BigInteger),  # with sequence, the order of the versions of one event
    sa.Column("origin", sa.Text, nullable=False, server_default="vostro"),
    sa.CheckConstraint("operation IN ('new', 'correct', 'delete')", name="operation"),
    sa.CheckConstraint("origin IN ('file', 'api', 'vostro')", name="origin"),
    sa.Index("ix_event_customer_sequence", "customer", "sequence"),
    sa.Index("ix_event_kind_sequence", "kind", "sequence"),
    sa.Index("ix_event_contested", "kind", "event_id", postgresql_where=sa.text("operation <> 'new'")),
    sa.Index("ix_event_undrained", "kind", "sequence", postgresql_where=sa.text("origin = 'api'")),
)

# Events that the online portraits do not know yet; a row goes with the portrait that took it in.
pending = sa.Table(
    "pending",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
)

# The online portrait of each customer: tiles of all aggregates, as MessagePack.
portrait = sa.Table(
    "portrait",
    metadata,
    sa.Column("customer", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    _text("version"),
    sa.Column("record", sa.LargeBinary, nullable=False),
    sa.Column("updated", _moment, nullable=False),
)

# Up to which event the log's own arrivals (not from files) were copied into the lake.
drain = sa.Table(
    "drain",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

# One row for each attempt to load a file of a source.
load = sa.Table(
    "load",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("source"),
    _text("file"),
    _text("file_digest"),
    _text("contract_digest"),
    _text("state"),
    sa.Column("started", _moment, nullable=False),
    sa.Column("finished", _moment),
    sa.Column("rows_read", sa.BigInteger),
    sa.Column("rows_loaded", sa.BigInteger),
    sa.Column("rows_rejected", sa.BigInteger),
    sa.Column("quality", JSONB),
    sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
    sa.Index(
        "uq_load_done",
        "source",
        "file_digest",
        "contract_digest",
        unique=True,
        postgresql_where=sa.text("state = 'done'"),
    ),
)

# Records that broke their contract, kept until they are mended and replayed.
reject = sa.Table(
    "reject",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("load_id", sa.BigInteger, sa.ForeignKey("load.id"), nullable=False, index=True),
    _text("source"),
    _text("file"),
    sa.Column("line", sa.BigInteger),
    sa.Column("line_last", sa.BigInteger),
    _text("field", null=True),
    _text("value", null=True),
    _text("code"),
    _text("message_en"),
    _text("message_zh"),
    _text("record", null=True),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("created", _moment, nullable=False),
    sa.Column("mended_load_id", sa.BigInteger, sa.ForeignKey("load.id")),
    sa.CheckConstraint("state IN ('open', 'replayed', 'dropped')", name="state"),
    sa.Index("ix_reject_source_state", "source", "state"),
)

# Folders of Parquet files in the lake; readers see the live ones.
partition = sa.Table(
    "partition",
    metadata,
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _text("table"),
    _text("partition"),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    _text("digest"),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Index("uq_partition_live", "table", "partition", unique=True, postgresql_where=sa.text("live")),
)

# One row for each go of the loop or of one of its stages.
run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("kind"),
    sa.Column("as_of", _moment, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("started", _moment, nullable=False),
    sa.Column("finished", _moment),
    _text("state"),
    sa.Column("versions", JSONB, nullable=False),
    sa.Column("summary", JSONB),
)

# Which customers are one person: a person is called by the oldest customer. Derived from events and evidence.
identity_customer = sa.Table(
    "identity_customer",
    metadata,
    sa.Column("customer", sa.Text, primary_key=True),
    _text("person"),
    sa.Column(
        "since", sa.BigInteger, nullable=False
    ),  # order of age; 0 for visitors, who never name a person
    _text("via", null=True),  # of a visitor who became known: the customer
    sa.Index("ix_identity_customer_person", "person"),
    sa.Index("ix_identity_customer_via", "via", postgresql_where=sa.text("via IS NOT NULL")),
)

# People who gained or lost identifiers: a row goes with the online record that was made anew.
moved = sa.Table(
    "moved",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _text("person"),
    sa.Index("ix_moved_person", "person"),
)

# The parameters under which customers are matched, as they were settled; the last row is in force.
identity_model = sa.Table(
    "identity_model",
    metadata,
    sa.Column("settled", _moment, primary_key=True),
    sa.Column("parameters", JSONB, nullable=False),
)
