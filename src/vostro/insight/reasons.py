"""Reasons 原因码: why is this customer's chance high or low, in words that can be read out?

Exact contributions of the trees to the log-odds, summed by source column. The words come
from ``names``: ``"age" -> Age``, and, where a value deserves words of its own,
``"outcome_before=success" -> Was successfully contacted before``.
"""

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import Kind, kind_of
from vostro.insight.design import Design
from vostro.words import Text

__all__ = ["Reason", "reason_lists", "reason_table"]

Floats = npt.NDArray[np.float64]

CLEAR = 0.5  # log-odds; about a third more or less of a small chance
SLIGHT = 0.1  # log-odds; about a tenth
NONE = 1e-9  # log-odds; below it there is no reason
UNKNOWN = Text(en="not known", zh="未知")
YES_NO = {True: Text(en="yes", zh="是"), False: Text(en="no", zh="否")}
_STRUCT = pl.Struct(
    {"feature": pl.String, "value": pl.String, "effect_logodds": pl.Float64, "en": pl.String, "zh": pl.String}
)


class Reason(msgspec.Struct, frozen=True):
    """One reason of one estimate."""

    feature: str
    value: str | None  # the column's value as text; None when it is missing
    effect_logodds: float  # what it adds to the log-odds of a response
    say: Text


def reason_table(
    frame: pl.DataFrame, design: Design, effects: Floats, *, names: Mapping[str, Text], k: int
) -> pl.DataFrame:
    """Return the ``k`` strongest reasons of each row as one long table.

    Args:
        frame: shape (n, columns), the rows that were estimated.
        design: how they became a matrix.
        effects: shape (n, len(design.names)), log-odds.
        names: words of features and of values.
        k: count, at least 1.

    Returns:
        Columns row (from 0), rank (from 1), feature, value, effect_logodds, en, zh, ordered by row and
        rank. A column that moves nothing is no reason, so a row may have fewer than ``k``.
    """
    order = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :k]
    parts = []
    for j, feature in enumerate(design.names):
        row, rank = np.nonzero(order == j)
        effect = effects[row, j]
        said = np.abs(effect) > NONE
        table = pl.DataFrame({"row": row[said], "rank": rank[said] + 1, "effect_logodds": effect[said]})
        parts.append(_say(table, frame, design, feature, names))
    return pl.concat(parts).sort("row", "rank")


def reason_lists(table: pl.DataFrame, rows: int) -> pl.Series:
    """Return a reason table as one list of structs a row, strongest first; shape (rows,)."""
    structs = pl.struct("feature", "value", "effect_logodds", "en", "zh").alias("reasons")
    lists = table.select("row", structs).group_by("row", maintain_order=True).agg("reasons")
    every = pl.DataFrame({"row": np.arange(rows)}, schema={"row": pl.Int64})
    joined = every.join(lists, on="row", how="left", maintain_order="left")["reasons"]
    return joined.cast(pl.List(_STRUCT)).fill_null(pl.Series([[]], dtype=pl.List(_STRUCT)))


def _say(
    table: pl.DataFrame, frame: pl.DataFrame, design: Design, feature: str, names: Mapping[str, Text]
) -> pl.DataFrame:
    """Add feature, value and the words to the rows of one feature."""
    column = next((each for each in design.columns if each.name == feature), None)
    if column is None:
        name = names.get(feature) or _context_name(design, feature, names)
        words = table.with_columns(value=pl.lit(None, pl.String), en=pl.lit(name.en), zh=pl.lit(name.zh))
    else:
        values = _texts(frame[feature].gather(table["row"]), column.kind)
        lookup = _lookup(feature, values.unique().sort(), column.kind, names)
        words = table.with_columns(value=values).join(
            lookup, on="value", how="left", nulls_equal=True, maintain_order="left"
        )
    effect = pl.col("effect_logodds")
    return words.select(
        pl.col("row").cast(pl.Int64),
        pl.col("rank").cast(pl.Int64),
        feature=pl.lit(feature),
        value=pl.col("value"),
        effect_logodds=effect,
        en=pl.concat_str("en", pl.lit(": "), _force(effect, "raises", "lowers"), pl.lit(" the chance")),
        zh=pl.concat_str("zh", pl.lit("，"), _force_zh(effect), pl.lit("成交可能")),
    )


def _force(effect: pl.Expr, up: str, down: str) -> pl.Expr:
    verb = pl.when(effect > 0).then(pl.lit(up)).otherwise(pl.lit(down))
    strength = pl.when(effect.abs() >= CLEAR).then(pl.lit("clearly "))
    return strength.when(effect.abs() < SLIGHT).then(pl.lit("slightly ")).otherwise(pl.lit("")) + verb


def _force_zh(effect: pl.Expr) -> pl.Expr:
    verb = pl.when(effect > 0).then(pl.lit("提高")).otherwise(pl.lit("降低"))
    strength = pl.when(effect.abs() >= CLEAR).then(pl.lit("明显"))
    return strength.when(effect.abs() < SLIGHT).then(pl.lit("略微")).otherwise(pl.lit("")) + verb


def _texts(values: pl.Series, kind: Kind) -> pl.Series:
    """Values as a person writes them: six digits, no trailing zero, dates without a time."""
    if kind_of(values) is None:
        return pl.Series("value", [None] * len(values), dtype=pl.String)
    if kind == "moment":
        said = values.cast(pl.Date).cast(pl.String)
    elif kind == "boolean":
        said = values.cast(pl.Boolean).cast(pl.String)
    elif values.dtype == pl.Duration:
        said = values.dt.total_seconds().cast(pl.String) + " s"
    elif values.dtype.is_numeric() or values.dtype == pl.Boolean:
        numbers = values.cast(pl.Float64).fill_nan(None).round_sig_figs(6).cast(pl.String)
        said = numbers.str.replace(r"\.0$", "")
    else:
        said = values.cast(pl.String)
    return said.alias("value")


def _lookup(feature: str, values: pl.Series, kind: Kind, names: Mapping[str, Text]) -> pl.DataFrame:
    """The words of each distinct value of a feature."""
    name = _name(feature, names)
    said = [names.get(f"{feature}={value}") or _value_words(name, value, kind) for value in values]
    return pl.DataFrame(
        {"value": values, "en": [each.en for each in said], "zh": [each.zh for each in said]},
        schema={"value": pl.String, "en": pl.String, "zh": pl.String},
    )


def _value_words(name: Text, value: str | None, kind: Kind) -> Text:
    said = UNKNOWN if value is None else Text(en=value, zh=value)
    if kind == "boolean" and value is not None:
        said = YES_NO[value == "true"]
    return Text(
        en=f"{name.en} {said.en}", zh=f"{name.zh}为{said.zh}" if value is not None else f"{name.zh}未知"
    )


def _context_name(design: Design, feature: str, names: Mapping[str, Text]) -> Text:
    context = next(each for each in design.contexts if each.name == feature)
    parts = [_name(column.name, names) for column in context.columns]
    en, zh = ", ".join(each.en for each in parts), "、".join(each.zh for each in parts)
    return Text(
        en=f"How others in the same situation answered ({en})", zh=f"同类情境下其他客户的响应（{zh}）"
    )


def _name(feature: str, names: Mapping[str, Text]) -> Text:
    return names.get(feature) or Text(en=feature.replace("_", " "), zh=feature)
