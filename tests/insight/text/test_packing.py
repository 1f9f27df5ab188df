"""Packing: three digits are kept, and damage is refused."""

import zlib

import numpy as np
import pytest

from vostro.insight.errors import ModelFileError
from vostro.insight.text.packing import pack_weights, unpack_weights


def test_three_digits_come_back() -> None:
    weights = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    again = unpack_weights(pack_weights(weights), 3)
    assert again == pytest.approx(weights, rel=1e-3, abs=1e-6)
    assert np.array_equal(unpack_weights(pack_weights(again), 3), again), "rounded once"


@pytest.mark.parametrize("packed", [b"", b"no zip", zlib.compress(b"123"), zlib.compress(b"12")])
def test_damage_is_refused(packed: bytes) -> None:
    with pytest.raises(ModelFileError):
        unpack_weights(packed, 3)
