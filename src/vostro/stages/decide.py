"""Decide, as a stage 决策阶段: one decision record for every customer considered, wave by wave."""

from dataclasses import replace

import numpy as np
import polars as pl

from vostro import __version__
from vostro.bank import Bank
from vostro.decide import VERDICT_WORDS, VERDICTS, Board, Campaign, Context, decision_records
from vostro.decide import decide as decide_batch
from vostro.insight import EstimatorDefinition
from vostro.lap import Estimates, Lap
from vostro.learn import DecisionExample, DecisionsResult, ReasonLine
from vostro.words import Text

__all__ = ["decide", "decide_waves", "used_tags"]

EXAMPLES = 10


def decide(lap: Lap) -> Lap:
    """Decide every wave with the estimates that were known before it."""
    assert lap.estimates is not None, "insight comes before decide"
    boards, decisions = decide_waves(lap.bank, lap.campaign, lap.estimates, run_id=lap.run_id)
    lap.progress("decide", 1, 1)
    capacity = sum(board.capacity for board in boards)
    return replace(lap, decisions=decisions, decided=_result(lap.bank, lap.campaign, decisions, capacity))


def decide_waves(
    bank: Bank, campaign: Campaign, estimates: Estimates, *, run_id: str
) -> tuple[list[Board], pl.DataFrame]:
    """Decide wave by wave; pure, so that replay calls it too.

    Returns:
        The board of each wave, and one row a decision: the columns of ``decision_records`` and ``reasons``.
    """
    action = bank.catalogue.actions[campaign.action]
    estimator = bank.estimators[action.response.model]
    tags = used_tags(bank, campaign, estimator)
    boards, frames = [], []
    for wave, as_of in estimates.as_of.items():
        here = (estimates.population["wave"] == wave).to_numpy()
        versions = {
            "definitions": bank.version,
            "estimator": estimates.versions[wave],
            "vostro": __version__,
        }
        probability = estimates.probability[here]
        context = Context(campaign, action, wave, probability, versions)
        portraits = estimates.population.filter(here)
        board = decide_batch(portraits, bank.catalogue, context, as_of=as_of, seed=campaign.seed)
        reasons = _reasons(board, estimates, wave)
        records = decision_records(board, run_id=run_id, tags=tags, reasons=reasons)
        boards.append(board)
        frames.append(records.with_columns(reasons=reasons))
    return boards, pl.concat(frames)


def used_tags(bank: Bank, campaign: Campaign, estimator: EstimatorDefinition) -> tuple[str, ...]:
    """Return the tags that the campaign's rules and its estimator read, sorted."""
    rules = [bank.catalogue.eligibility[campaign.action]]
    rules += [rule for _, rule in bank.catalogue.suppressions[campaign.action]]
    found = set(estimator.features)
    for rule in rules:
        found |= rule.tags
    return tuple(sorted(found))


def _reasons(board: Board, estimates: Estimates, wave: int) -> pl.Series:
    """Return the reasons of those who are contacted; null for the others."""
    rows = np.flatnonzero(board.contacted)
    said = estimates.explain(wave, rows)
    place = pl.DataFrame({"row": rows}).with_columns(said.alias("reasons"))
    every = pl.DataFrame({"row": np.arange(board.portraits.height)})
    return every.join(place, on="row", how="left", maintain_order="left")["reasons"]


def _result(bank: Bank, campaign: Campaign, decisions: pl.DataFrame, capacity: int) -> DecisionsResult:
    counts = dict(decisions["verdict"].value_counts().iter_rows())
    currency = bank.header.currency
    contacted = decisions.filter(pl.col("verdict").is_in(["chosen", "explored"]))
    # One example from every part of the list, so that the reader sees more than the very best.
    step = max(1, contacted.height // EXAMPLES)
    examples = [
        DecisionExample(
            decision_id=row["decision_id"],
            customer=_mask(row["customer"]),
            verdict=row["verdict"],
            verdict_words=VERDICT_WORDS[row["verdict"]],
            wave=row["wave"],
            response_probability=row["response_probability"],
            value=f"{row['value']:.2f} {currency}",
            reasons=[
                ReasonLine(each["feature"], Text(en=each["en"], zh=each["zh"]), each["effect_logodds"])
                for each in row["reasons"] or []
            ],
        )
        for row in contacted.gather_every(step).head(EXAMPLES).iter_rows(named=True)
    ]
    return DecisionsResult(
        decisions=decisions.height,
        by_verdict={verdict: counts.get(verdict, 0) for verdict in VERDICTS},
        capacity=capacity,
        examples=examples,
    )


def _mask(customer: str) -> str:
    """Show the last two characters of an identifier only."""
    return "•" * 4 + customer[-2:]
