"""Sets, tenths, samples and overlaps, checked by hand and by their laws."""

from datetime import UTC, datetime

import polars as pl
import pytest

from vostro.portrait import TagInfo, TenthError, build_index, parse_rule
from vostro.words import Text

TAGS = {"n": TagInfo(type="integer", name=Text(en="n", zh="甲"))}


@pytest.fixture(scope="module")
def index():
    frame = pl.DataFrame({"customer": [f"{i:05d}" for i in range(5_000)], "n": range(5_000)})
    return build_index(frame, TAGS, datetime(2026, 7, 1, tzinfo=UTC), "v1")


def chosen(index, text):
    return index.select(parse_rule(text, TAGS))


def test_sets(index):
    low, even_end = chosen(index, "n < 100"), chosen(index, "n BETWEEN 50 AND 149")
    assert (low & even_end).customers().to_list() == [f"{i:05d}" for i in range(50, 100)]
    assert (low | even_end).size == 150
    assert (low - even_end).customers().to_list() == [f"{i:05d}" for i in range(50)]
    assert "00099" in low
    assert "00100" not in low
    assert "nobody" not in low
    assert len(index.everybody()) == index.size == 5_000


def test_overlap_by_hand(index):
    found = chosen(index, "n < 100").overlap(chosen(index, "n BETWEEN 50 AND 149"))
    assert (found.first, found.second, found.both) == (100, 100, 50)
    assert found.jaccard == 50 / 150
    assert found.lift == pytest.approx((50 / 100) / (100 / 5_000))
    nobody = chosen(index, "n < 0")
    assert nobody.overlap(nobody).jaccard is None
    assert nobody.overlap(chosen(index, "n < 100")).lift is None


def test_tenths_split_stably(index):
    everybody, part = index.everybody(), chosen(index, "n < 2000")
    tenths = [everybody.tenth(k) for k in range(1, 11)]
    assert sum(tenth.size for tenth in tenths) == everybody.size
    assert all(400 < tenth.size < 600 for tenth in tenths)  # 500 expected, deviation 21
    assert all((a & b).size == 0 for a in tenths for b in tenths if a is not b)
    # A customer's tenth does not depend on who else was asked for.
    assert (tenths[2] & part).customers().to_list() == part.tenth(3).customers().to_list()
    assert everybody.tenth(1, question="other").customers().to_list() != tenths[0].customers().to_list()
    for wrong in (0, 11):
        with pytest.raises(TenthError):
            everybody.tenth(wrong)


def test_samples_are_drawn_by_lot_and_again_the_same(index):
    part = chosen(index, "n >= 1000")
    drawn = part.sample(300)
    assert len(drawn) == 300
    assert drawn.is_sorted()
    assert drawn.n_unique() == 300
    assert all(name in part for name in drawn)
    assert part.sample(300).to_list() == drawn.to_list()
    assert part.sample(300, question="b").to_list() != drawn.to_list()
    assert set(part.sample(100)) < set(drawn)  # a smaller sample is part of a larger one
    assert part.sample(9_999).to_list() == part.customers().to_list()
    assert part.sample(0).to_list() == []
