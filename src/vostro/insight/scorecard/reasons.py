"""Tables and reasons of a scorecard 评分卡原因: what does each attribute carry, and where were points lost?"""

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.scorecard.bins import OTHER, BinnedFeature
from vostro.insight.scorecard.labels import bin_labels
from vostro.insight.scorecard.learning import Card
from vostro.insight.scorecard.regression import Considered
from vostro.words import Text

__all__ = ["PointReason", "lost_points", "points_table", "reason_lists", "selection_table"]

Floats = npt.NDArray[np.float64]
Points = tuple[tuple[float, ...], ...]
LOST_LEAST = 1e-9  # points; below it nothing was lost
_STRUCT = pl.Struct(
    {
        "feature": pl.String,
        "bin_en": pl.String,
        "bin_zh": pl.String,
        "points_lost": pl.Float64,
        "en": pl.String,
        "zh": pl.String,
    }
)
_WHY = {
    "kept": Text(en="kept, coefficient {m:.3f}", zh="入选，系数 {m:.3f}"),
    "weak": Text(en="information value {m:.4f} is too small", zh="信息值 {m:.4f} 过低"),
    "redundant": Text(en="correlation {m:.3f} with {other}", zh="与 {other} 的相关系数为 {m:.3f}"),
    "sign": Text(
        en="coefficient {m:.3f} turns its evidence around beside the others",
        zh="与其他变量同时入模时系数为 {m:.3f}，方向与证据相反",
    ),
    "chance": Text(en="p-value {m:.3f} beside the others", zh="与其他变量同时入模时 p 值为 {m:.3f}"),
}


class PointReason(msgspec.Struct, frozen=True):
    """One reason of a score."""

    feature: str
    bin_en: str
    bin_zh: str
    points_lost: float  # against the best bin, or the average customer
    en: str
    zh: str


class _Scored(Protocol):
    """What reasons need of a trained scorecard."""

    @property
    def card(self) -> Card: ...

    @property
    def points(self) -> Points: ...


def points_table(card: Card, points: Points) -> pl.DataFrame:
    """Return one row a bin; a bin without training rows has no bad rate."""
    return pl.concat(
        [
            _feature_table(f, laid, c)
            for f, laid, c in zip(card.features, points, card.coefficients, strict=True)
        ]
    )


def selection_table(considered: tuple[Considered, ...]) -> pl.DataFrame:
    """Return feature, iv, kept, reason_en and reason_zh, by falling information value."""
    said = [_WHY[each.why] for each in considered]
    return pl.DataFrame(
        {
            "feature": [each.feature for each in considered],
            "iv": [each.iv for each in considered],
            "kept": [each.why == "kept" for each in considered],
            "reason_en": [
                t.en.format(m=c.measure, other=c.other) for t, c in zip(said, considered, strict=True)
            ],
            "reason_zh": [
                t.zh.format(m=c.measure, other=c.other) for t, c in zip(said, considered, strict=True)
            ],
        }
    )


def lost_points(scored: _Scored, frame: pl.DataFrame, against: Literal["best", "mean"]) -> pl.DataFrame:
    """Return the points lost by every column, one column a feature, shape (n, features)."""
    card = scored.card
    return pl.DataFrame(
        {
            feature.name: (_reference(feature, laid, against) - np.array(laid))[codes]
            for feature, laid, codes in zip(card.features, scored.points, card.codes(frame), strict=True)
        }
    )


def reason_lists(
    scored: _Scored, frame: pl.DataFrame, k: int, against: Literal["best", "mean"], names: Mapping[str, Text]
) -> pl.Series:
    """Return the ``k`` largest losses of each row as lists of structs, shape (n,)."""
    card = scored.card
    codes = card.codes(frame)
    lost = lost_points(scored, frame, against).to_numpy()
    order = np.argsort(-lost, axis=1, kind="stable")[:, :k]
    parts = []
    for j, feature in enumerate(card.features):
        row, rank = np.nonzero(order == j)
        real = lost[row, j] > LOST_LEAST
        row, rank = row[real], rank[real]
        words = _words(feature, scored.points[j], against, names.get(feature.name))
        parts.append(words[codes[j][row]].with_columns(row=pl.Series(row), rank=pl.Series(rank)))
    table = pl.concat(parts).sort("row", "rank")
    structs = pl.struct(list(_STRUCT.to_schema())).alias("reasons")
    lists = table.select("row", structs).group_by("row", maintain_order=True).agg("reasons")
    every = pl.DataFrame({"row": np.arange(frame.height)}, schema={"row": pl.Int64})
    joined = every.join(lists, on="row", how="left", maintain_order="left")["reasons"]
    return joined.cast(pl.List(_STRUCT)).fill_null(pl.Series([[]], dtype=pl.List(_STRUCT)))


def _words(
    feature: BinnedFeature, laid: tuple[float, ...], against: Literal["best", "mean"], name: Text | None
) -> pl.DataFrame:
    """Return the words of each bin of a feature, by code."""
    said = name or Text(en=feature.name.replace("_", " "), zh=feature.name)
    labels = bin_labels(feature)
    lost = _reference(feature, laid, against) - np.array(laid)
    than = Text(en="the best", zh="最佳") if against == "best" else Text(en="the average", zh="平均")
    return pl.DataFrame(
        {
            "feature": [feature.name] * len(labels),
            "bin_en": [each.en for each in labels],
            "bin_zh": [each.zh for each in labels],
            "points_lost": lost,
            "en": [
                f"{said.en} {each.en}: {p:.4g} points below {than.en}"
                for each, p in zip(labels, lost, strict=True)
            ],
            "zh": [
                f"{said.zh}（{each.zh}）：比{than.zh}低 {p:.4g} 分"
                for each, p in zip(labels, lost, strict=True)
            ],
        },
        schema=_STRUCT.to_schema(),
    )


def _reference(feature: BinnedFeature, laid: tuple[float, ...], against: Literal["best", "mean"]) -> float:
    points, rows = np.array(laid), np.array(feature.rows)
    if against == "mean":
        return float(points @ rows / rows.sum())
    return float(points[rows > 0].max())


def _feature_table(feature: BinnedFeature, laid: tuple[float, ...], coefficient: float) -> pl.DataFrame:
    labels = bin_labels(feature)
    rows, bads = np.array(feature.rows), np.array(feature.bads)
    table = pl.DataFrame(
        {
            "feature": [feature.name] * len(labels),
            "bin": [each.en for each in labels],
            "bin_zh": [each.zh for each in labels],
            "rows": rows,
            "share": rows / rows.sum(),
            "bad_rate": bads / np.maximum(rows, 1e-300),
            "woe": feature.woe,
            "iv": feature.iv,
            "coefficient": [coefficient] * len(labels),
            "points": laid,
        }
    )
    if feature.kind != "text":
        table = table.filter(pl.int_range(pl.len()) != OTHER)  # no number is new
    return table.with_columns(bad_rate=pl.when(pl.col("rows") > 0).then("bad_rate"))
