"""The audience portrait: shares and indices that can be counted by hand, and bins one can read."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from vostro.portrait import Tag, audience_portrait
from vostro.words import Text


def tag(code, kind, **more):
    return Tag(tag=code, type=kind, name=Text(en=code, zh="甲"), dimension="basic", **more)


def said(bins):
    return {
        b.value if isinstance(b.value, str) else b.value.en: (b.base_share, b.audience_share, b.index)
        for b in bins
    }


def test_shares_and_index_by_hand():
    portraits = pl.DataFrame({"job": ["a"] * 6 + ["b"] * 2 + [None] * 2, "opted": [True] * 5 + [False] * 5})
    mask = np.array([True] * 3 + [False] * 3 + [True] + [False] * 2 + [True])
    names = {"b": Text(en="Bee", zh="乙")}
    job, opted = audience_portrait(
        portraits, mask, {"job": tag("job", "text", value_names=names), "opted": tag("opted", "boolean")}
    )
    assert said(job.bins) == {"a": (0.75, 0.75, 100), "Bee": (0.25, 0.25, 100)}
    assert job.coverage == 4 / 5
    assert said(opted.bins) == {"yes": (0.5, 0.6, pytest.approx(120)), "no": (0.5, 0.4, pytest.approx(80))}
    assert opted.coverage == 1


def test_rare_values_are_other_and_tiers_keep_their_order():
    values = [f"v{i:02}" for i in range(13) for _ in range(20 - i)]
    portraits = pl.DataFrame({"v": values, "tier": ["low"] * 5 + ["high"] * (len(values) - 5)})
    tiers = tag("tier", "text", tiers=(("low", None), ("high", None)))
    v, tier = audience_portrait(portraits, np.ones(len(values), bool), {"v": tag("v", "text"), "tier": tiers})
    assert [b.value for b in v.bins[:10]] == [f"v{i:02}" for i in range(10)]
    assert v.bins[10].value == Text(en="other", zh="其他")
    assert v.bins[10].base_share == pytest.approx((10 + 9 + 8) / len(values))
    assert [b.value for b in tier.bins] == ["low", "high"]


def test_an_empty_audience_and_hidden_tags():
    portraits = pl.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": ["x", "y"], "d": [None, None]})
    tags = {
        "a": tag("a", "integer"),
        "b": tag("b", "text", sensitivity="contact"),
        "c": tag("c", "text", uses=("decide",)),
        "d": tag("d", "text"),
    }
    found = audience_portrait(portraits, np.zeros(2, bool), tags)
    assert [each.tag for each in found] == ["a"]  # b and c may not be shown, nobody has a d
    assert found[0].coverage == 0
    assert all(b.audience_share == 0 and b.index == 0 for b in found[0].bins)


def test_dates_by_year():
    portraits = pl.DataFrame({"born": [date(1990, 1, 1), date(1990, 12, 31), date(2001, 5, 5)]})
    (born,) = audience_portrait(portraits, np.array([True, False, False]), {"born": tag("born", "date")})
    assert said(born.bins) == {
        "1990": (pytest.approx(2 / 3), 1, pytest.approx(150)),
        "2001": (pytest.approx(1 / 3), 0, 0),
    }
