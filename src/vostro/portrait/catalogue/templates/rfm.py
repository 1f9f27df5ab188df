"""RFM 最近购买、频次、金额: who bought lately, often and much, and what does one call them?

Recency (days since the last event), frequency (events) and monetary (sum of an amount) over a
window. Scores from 1 to 5 come from cut points that stand in the definition: learnt once with
``vostro tags cuts``, then the same in every run, online and years later. Five is best.

Source: Hughes (1994), "Strategic Database Marketing"; the named groups follow common practice.
"""

from collections.abc import Mapping

import msgspec
import numpy as np
import polars as pl

from vostro.engine import Located
from vostro.portrait.aggregate.reading import AggregateDefinition
from vostro.portrait.catalogue.templates.definition import TemplateDefinition
from vostro.portrait.catalogue.templates.made import Maker
from vostro.portrait.tag_definition import TagDefinition
from vostro.words import Text

__all__ = ["Cuts", "expand_rfm", "rfm_cuts"]

WINDOW = "365 days"
_FIFTHS = (0.2, 0.4, 0.6, 0.8)
_PLACES = {
    "aggregate.of": "of",
    "aggregate.measure": "amount",
    "aggregate.where": "where",
    "aggregate.window": "window",
}
_SEGMENTS: Mapping[str, tuple[Text, str]] = {
    "inactive": (Text("inactive", "窗口内无交易"), "{f0} = 0"),
    "champions": (Text("champions", "高价值忠诚客户"), "{r} IN ('4', '5') AND {f} IN ('4', '5') AND {m} IN ('4', '5')"),
    "loyal": (Text("loyal", "忠诚客户"), "{r} IN ('3', '4', '5') AND {f} IN ('4', '5')"),
    "potential": (Text("potentially loyal", "潜在忠诚客户"), "{r} IN ('4', '5') AND {f} IN ('2', '3')"),
    "new": (Text("new", "新交易客户"), "{r} IN ('4', '5')"),
    "needs_attention": (Text("needs attention", "需关注客户"), "{r} = '3' AND {f} IN ('2', '3')"),
    "about_to_sleep": (Text("about to sleep", "即将沉睡客户"), "{r} = '3'"),
    "cannot_lose": (Text("must not be lost", "不可流失客户"), "{f} IN ('4', '5') AND {m} IN ('4', '5')"),
    "at_risk": (Text("at risk", "流失风险客户"), "{f} IN ('3', '4', '5')"),
    "hibernating": (Text("hibernating", "沉睡客户"), "{r} = '2'"),
    "lost": (Text("lost", "流失客户"), "{r} = '1'"),
}  # fmt: skip


class Cuts(msgspec.Struct, frozen=True):
    """The cut points between the fifths of an RFM template, as they stand in its definition."""

    recency: tuple[float, ...]  # days
    frequency: tuple[float, ...]  # events
    monetary: tuple[float, ...]  # in the unit of the amount
    customers: int  # with an event in the window: those the cuts are learnt from

    @property
    def line(self) -> str:
        """The line of YAML that keeps them."""
        parts = (
            f"{name}: [{', '.join(f'{cut:.15g}' for cut in getattr(self, name))}]"
            for name in ("recency", "frequency", "monetary")
        )
        return f"cuts: {{{', '.join(parts)}}}"


def expand_rfm(at: Located[TemplateDefinition]) -> list[Located[TagDefinition]]:
    """Return the tags of an RFM template: three measures, and with cuts three scores and the named groups."""
    template, maker = at.value, Maker(at, _PLACES)
    window = template.window or WINDOW
    said_en, said_zh = f"last {window}", f"近{_zh_span(window)}"

    def measure(text: str) -> AggregateDefinition:
        return AggregateDefinition(of=template.of or "", measure=text, where=template.where, window=window)

    days, times = Text("days", "天"), Text("events", "笔")
    names = {
        "recency": Text(f"Days since the last event, {said_en}", f"距最近一笔天数（{said_zh}）"),
        "frequency": Text(f"Number of events, {said_en}", f"笔数（{said_zh}）"),
        "monetary": Text(f"Sum of amounts, {said_en}", f"金额合计（{said_zh}）"),
    }
    maker.add("recency", names["recency"], "behaviour", aggregate=measure("days_since_last"), unit=days)
    maker.add("frequency", names["frequency"], "behaviour", aggregate=measure("count"), unit=times)
    maker.add("monetary", names["monetary"], "consumption", aggregate=measure(f"sum({template.amount})"))
    if template.cuts is not None:
        _add_scores(maker)
    return maker.made


def _add_scores(maker: Maker) -> None:
    cuts = maker.at.value.cuts
    assert cuts is not None
    recency, frequency, monetary = (maker.code(name) for name in ("recency", "frequency", "monetary"))
    recent = {str(5 - i): f"{recency} <= {cut:.15g}" for i, cut in enumerate(cuts.recency)}
    maker.add(
        "r",
        Text("Recency score", "最近度得分"),
        "behaviour",
        tiers=recent | {"1": f"{recency} > {cuts.recency[3]:.15g}"},
    )
    often = {str(5 - i): f"{frequency} > {cut:.15g}" for i, cut in enumerate(cuts.frequency[::-1])}
    maker.add("f", Text("Frequency score", "频次得分"), "behaviour", tiers=often | {"1": f"{frequency} > 0"})
    much = {
        str(5 - i): f"{monetary} > {cut:.15g}" + ("" if cut >= 0 else f" AND {frequency} > 0")
        for i, cut in enumerate(cuts.monetary[::-1])
    }
    maker.add("m", Text("Monetary score", "金额得分"), "consumption", tiers=much | {"1": f"{frequency} > 0"})
    codes = {"r": maker.code("r"), "f": maker.code("f"), "m": maker.code("m"), "f0": frequency}
    maker.add(
        "segment",
        Text("RFM group", "RFM 客群"),
        "behaviour",
        tiers={value: rule.format(**codes) for value, (_, rule) in _SEGMENTS.items()},
        values={value: said for value, (said, _) in _SEGMENTS.items()},
    )


def rfm_cuts(portraits: pl.DataFrame, prefix: str) -> Cuts | None:
    """Return the cut points between the fifths of the customers who had an event in the window.

    Args:
        portraits: with the three measures of the template, one row a customer.
        prefix: of the template.

    Returns:
        For each measure the smallest values that at least 20, 40, 60 and 80 % of these customers do not
        exceed (the inverse of the empirical distribution function; ties share a fifth, so that fifths of
        whole numbers are not equally large). None where nobody had an event, or the tags are not built.
    """
    codes = [f"{prefix}_{name}" for name in ("recency", "frequency", "monetary")]
    if not set(codes) <= set(portraits.columns):
        return None
    rows = portraits.select(pl.col(code).cast(pl.Float64) for code in codes).drop_nulls()
    rows = rows.filter(pl.col(codes[1]) > 0)
    if rows.is_empty():
        return None
    cuts = [tuple(np.quantile(rows[c].to_numpy(), _FIFTHS, method="inverted_cdf").tolist()) for c in codes]
    return Cuts(cuts[0], cuts[1], cuts[2], rows.height)


def _zh_span(window: str) -> str:
    number, _, unit = window.strip().partition(" ")
    names = {"minute": "分钟", "hour": "小时", "day": "天", "week": "周"}
    return number + names.get(unit.strip().removesuffix("s"), unit)
