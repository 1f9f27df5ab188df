"""Training rows 训练样本: which outcome belongs to which portrait?

Each outcome is joined with the customer as he was before it: tags that move with time (measures
over events, what persons or estimators said, records of later loads) are taken as of the outcome,
so that nothing is learnt from what came after. A history is replayed by event time, from all that
was loaded by the moment of learning: a bank that loads years of history in one afternoon can
learn from it (docs/decisions/0003).
"""

from datetime import datetime

import polars as pl

from vostro.bank import Bank
from vostro.engine import Workspace
from vostro.insight import EstimatorDefinition
from vostro.listen import outcomes_of
from vostro.portrait import portraits_at

__all__ = ["training_rows"]


def training_rows(
    workspace: Workspace,
    bank: Bank,
    definition: EstimatorDefinition,
    *,
    as_of: datetime,
    loaded_by: datetime | None = None,
    outcomes: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return what an estimator may learn from.

    Args:
        workspace: its log and lake.
        bank: the definitions.
        definition: of the estimator.
        as_of: the moment of learning; outcomes count that happened before it.
        loaded_by: only what was loaded by then; None: by ``as_of``.
        outcomes: as ``outcomes_of`` returns them; None: all of the log.

    Returns:
        ``customer``, ``event_time``, ``success`` and every tag, one row for each learnable outcome of a customer
        whom the bank knew, in the order of the log.
    """
    if outcomes is None:
        outcomes = outcomes_of(workspace.store, definition, bank.contracts)
    known = outcomes.filter((pl.col("event_time") < as_of) & pl.col("learnable"))
    moments = known.select("customer", as_of="event_time")
    portraits = portraits_at(bank.tags, bank.contracts, workspace.lake, moments, loaded_by=loaded_by or as_of)
    rows = known.hstack(portraits.drop("customer", "as_of"))
    own = [code for code, tag in bank.tags.items() if tag.attribute]
    return rows.filter(pl.any_horizontal(pl.col(own).is_not_null())) if own else rows
