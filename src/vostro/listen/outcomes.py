"""Outcomes 业务结果: what did the customers do after the decision?

An outcome is an event of the log. It answers a decision when it is of the awaited kind,
belongs to the same customer and happened inside the attribution window. A customer
without such an event did not respond, provided that the window has passed or that any
outcome of the campaign has come at all.
"""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from vostro.capture import Contract
from vostro.engine import Store, read_events
from vostro.insight import EstimatorDefinition, target_of

__all__ = ["answers_of", "outcomes_of"]


def outcomes_of(
    store: Store, estimator: EstimatorDefinition, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Return every outcome that the estimator's target is about.

    Returns:
        Columns customer (text), event_time, success and learnable (bool), in the order of the log.
    """
    with store.begin() as connection:
        events = read_events(connection, kind=estimator.event)
    return target_of(estimator, events, contracts)


def answers_of(decisions: pl.DataFrame, outcomes: pl.DataFrame, *, within: timedelta) -> pl.DataFrame:
    """Join each decision with the first success, or else the first answer, in its attribution window.

    Args:
        decisions: customer, as_of (datetime, UTC) and any other columns; one row a decision.
        outcomes: customer, event_time, success.
        within: the attribution window; event times in [as_of, as_of + within) count.

    Returns:
        The decisions with ``success`` (bool, False without an answer) and ``answered`` (bool).
    """
    keyed = decisions.with_row_index("_row")
    joined = keyed.select("_row", "customer", "as_of").join(outcomes, on="customer", how="inner")
    inside = joined.filter(
        (pl.col("event_time") >= pl.col("as_of")) & (pl.col("event_time") < pl.col("as_of") + within)
    )
    found = inside.group_by("_row").agg(pl.col("success").any())
    answered = keyed.join(found, on="_row", how="left", maintain_order="left")
    return answered.with_columns(
        answered=pl.col("success").is_not_null(), success=pl.col("success").fill_null(value=False)
    ).drop("_row")
