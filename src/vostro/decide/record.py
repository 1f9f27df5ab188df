"""The decision record 决策记录: what was decided for each customer, why, and by which versions?

One canonical JSON text a customer, chosen or not. It holds the inputs, so that replay
gives the same bytes; its SHA-256 names it.
"""

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from vostro.decide.board import VERDICTS, Board
from vostro.portrait import draw_bits
from vostro.words import Text, iso

__all__ = ["VERDICT_WORDS", "decision_records"]

VERDICT_WORDS = {
    "ineligible": Text(en="not eligible for this action", zh="不符合准入规则"),
    "suppressed": Text(en="not now: a suppression holds", zh="暂不触达：命中抑制规则"),
    "control": Text(en="left alone as control group", zh="对照留白，不触达"),
    "chosen": Text(en="chosen: among the highest values", zh="选中：预期价值居前"),
    "explored": Text(en="chosen at random, to learn", zh="随机选中，用于探索学习"),
    "not_worth": Text(en="expected margin does not cover the contact cost", zh="预期收益不足以覆盖触达成本"),
    "not_chosen": Text(en="others were worth more within the capacity", zh="容量有限，他人预期价值更高"),
}

_TEXT_TYPES = (pl.Decimal, pl.Date, pl.Datetime, pl.Categorical)


def decision_records(board: Board, *, run_id: str, tags: tuple[str, ...], reasons: pl.Series) -> pl.DataFrame:
    """Return one row a customer: key columns, and the record's canonical JSON text.

    Args:
        board: settled by ``decide``, n customers.
        run_id: names the run; part of each ``decision_id``.
        tags: the tags that rules and the estimator read; their values go into the record.
        reasons: shape (n,), a list of structs (tag, en, zh, effect_logodds); null where none were asked for.

    Returns:
        Columns decision_id, customer, campaign, action, wave, as_of, verdict, response_probability,
        value, rank, would_be_chosen, contact_probability, action_probability, record.
    """
    context = board.context
    verdicts = pl.Series(VERDICTS, dtype=pl.String)
    wave_key = f"decision:{run_id}:{context.wave}"
    numbers = _hex(draw_bits(board.portraits["customer"], wave_key))
    suppressions = board.catalogue.suppressions[context.action.action]
    labels = pl.Series([*(each.suppression for each, _ in suppressions), None], dtype=pl.String)
    size = board.portraits.height
    threshold = None if np.isnan(board.threshold) else board.threshold
    keys = pl.DataFrame(
        {
            "decision_id": run_id + "-" + numbers,
            "customer": board.portraits["customer"],
            "campaign": pl.repeat(context.campaign.campaign, size, eager=True, dtype=pl.String),
            "action": pl.repeat(context.action.action, size, eager=True, dtype=pl.String),
            "wave": pl.repeat(context.wave, size, eager=True, dtype=pl.Int64),
            "as_of": pl.repeat(iso(board.as_of), size, eager=True, dtype=pl.String),
            "verdict": verdicts.gather(board.verdict),
            "response_probability": _number(context.response_probability),
            "value": _number(board.value),
            "rank": pl.Series(board.rank),
            "would_be_chosen": pl.Series(board.would_be_chosen),
            "contact_probability": pl.Series(board.contact_probability),
            "action_probability": pl.Series(board.action_probability),
        }
    )
    details = pl.DataFrame(
        {
            "eligible": pl.Series(board.eligible),
            "suppressed_by": labels.gather(board.suppressed_by % labels.len()),  # -1 becomes the null
            "holdout_draw": pl.Series(board.holdout_draw),
            "capacity": pl.repeat(board.capacity, size, eager=True, dtype=pl.Int64),
            "threshold": pl.repeat(threshold, size, eager=True, dtype=pl.Float64),
            "reasons": reasons,
            "seed": pl.repeat(board.seed, size, eager=True, dtype=pl.Int64),
        }
    )
    versions = pl.DataFrame({k: [v] for k, v in sorted(context.versions.items())}).to_struct("versions")
    used = _used(board.portraits, tags)
    whole = pl.concat([keys, details, used.to_frame()], how="horizontal")
    whole = (
        whole.with_columns(versions=pl.lit(versions.item(), dtype=versions.dtype))
        if versions.len()
        else whole
    )
    text = whole.select(pl.struct(pl.all()).struct.json_encode().alias("record"))
    return pl.concat([keys, text], how="horizontal")


def _hex(bits: npt.NDArray[np.uint64]) -> pl.Series:
    """Return each number as 16 hexadecimal digits."""
    data = pa.py_buffer(bits.astype(">u8").tobytes())
    binary = pa.FixedSizeBinaryArray.from_buffers(pa.binary(8), bits.size, [None, data])
    series = pl.from_arrow(binary.cast(pa.large_binary()))
    assert isinstance(series, pl.Series)
    return series.bin.encode("hex")


def _number(values: npt.NDArray[np.float64]) -> pl.Series:
    return pl.Series(values).fill_nan(None)


def _used(portraits: pl.DataFrame, tags: tuple[str, ...]) -> pl.Series:
    frame = portraits.select(tags)
    as_text = [name for name, dtype in frame.schema.items() if isinstance(dtype, _TEXT_TYPES)]
    return frame.with_columns(pl.col(as_text).cast(pl.String)).to_struct("tags")
