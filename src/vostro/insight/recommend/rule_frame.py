"""Rules as a table 规则表: what does a rule say, in numbers and in words?"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.recommend.rules import Rules
from vostro.words import Text

__all__ = ["RULE_COLUMNS", "Of", "item_lists", "rule_frame", "say_rules"]

Of = Literal["baskets", "customers"]
RULE_COLUMNS: Any = {
    "antecedent": pl.List(pl.String),
    "consequent": pl.List(pl.String),
    "baskets": pl.Int64,
    "support": pl.Float64,
    "confidence": pl.Float64,
    "lift": pl.Float64,
    "conviction": pl.Float64,
    "leverage": pl.Float64,
    "improvement": pl.Float64,
    "p": pl.Float64,
    "q": pl.Float64,
}
_EN = {
    "baskets": "Baskets with {} also hold {} in {} % of cases, {} times as often as all baskets ({} baskets).",
    "customers": "Customers who hold {} also hold {} in {} % of cases, {} times as often as all ({} customers).",
}
_ZH = {
    "baskets": "购物篮中有{}时，{}也在其中的占 {} %，是全部购物篮的 {} 倍（{} 个）。",
    "customers": "持有{}的客户中，同时持有{}的占 {} %，是全体客户的 {} 倍（{} 位）。",
}


def rule_frame(rules: Rules, names: Sequence[str]) -> pl.DataFrame:
    """Return one row a rule, best confidence first, then more baskets, then by names."""
    n = rules.baskets
    both, left, right = (each / n for each in (rules.both, rules.left, rules.right))
    confidence = rules.both / rules.left
    with np.errstate(divide="ignore", invalid="ignore"):
        conviction = np.where(rules.both < rules.left, (1 - right) / (1 - confidence), np.inf)
    frame = pl.DataFrame(
        {
            "antecedent": item_lists(rules.antecedent, names),
            "consequent": item_lists(rules.consequent, names),
            "baskets": rules.both,
            "support": both,
            "confidence": confidence,
            "lift": rules.both * float(n) / (rules.left.astype(np.float64) * rules.right),
            "conviction": conviction,
            "leverage": both - left * right,
            "improvement": confidence - rules.general,
            "p": rules.p,
            "q": rules.q,
        },
        schema=RULE_COLUMNS,
    )
    by = [pl.col("antecedent").list.join("\n"), pl.col("consequent").list.join("\n")]
    down = [True, True, False, False]
    return frame.sort(["confidence", "baskets", *by], descending=down, maintain_order=True)


def item_lists(codes: npt.NDArray[np.int32], names: Sequence[str]) -> pl.Series:
    """Return the names of each row's items, shape (n,): lists; -1 is no item."""
    known = pl.Series(names, dtype=pl.String)
    columns = [
        known.gather(pl.Series(np.maximum(column, 0)).cast(pl.UInt32)).set(pl.Series(column < 0), None)
        if len(names)
        else pl.Series([None] * len(column), dtype=pl.String)
        for column in codes.T
    ]
    frame = pl.DataFrame({f"i{place}": column for place, column in enumerate(columns)})
    return frame.select(found=pl.concat_list(pl.all()).list.drop_nulls())["found"]


def say_rules(frame: pl.DataFrame, names: Mapping[str, Text], of: Of) -> pl.DataFrame:
    """Add the sentences of each rule in both languages, columns ``en`` and ``zh``."""
    numbers = [
        (pl.col("confidence") * 100).round(1).cast(pl.String),
        pl.col("lift").round(2).cast(pl.String),
        pl.col("baskets").cast(pl.String),
    ]
    parts = ("antecedent", "consequent")
    english = [_said(part, {code: text.en for code, text in names.items()}, " and ") for part in parts]
    chinese = [_said(part, {code: text.zh for code, text in names.items()}, "、") for part in parts]
    return frame.with_columns(
        en=pl.format(_EN[of], *english, *numbers), zh=pl.format(_ZH[of], *chinese, *numbers)
    )


def _said(part: str, names: Mapping[str, str], sign: str) -> pl.Expr:
    named = pl.element().replace(names) if names else pl.element()
    return pl.col(part).list.eval(named).list.join(sign)
