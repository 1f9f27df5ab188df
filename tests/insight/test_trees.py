"""Trees: deterministic, exact contributions, and nothing heavy before they are asked for."""

import subprocess
import sys

import numpy as np
import pytest

from vostro.insight.training import TREES
from vostro.insight.trees import Trees, grow


def _grown(threads: int = 2, seed: int = 0) -> tuple[Trees, np.ndarray]:
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(2000, 4))
    matrix[draw.random((2000, 4)) < 0.1] = np.nan
    observed = (draw.random(2000) < 1 / (1 + np.exp(-np.nan_to_num(matrix[:, 0])))).astype(float)
    parameters = {**TREES, "num_threads": threads}
    return grow(matrix, observed, None, seed=seed, parameters=parameters, rounds=20, members=2), matrix


def test_the_same_seed_grows_the_same_trees_whatever_the_threads() -> None:
    one, matrix = _grown()
    two, _ = _grown()
    assert one.texts == two.texts
    assert np.array_equal(_grown(threads=1)[0].logodds(matrix), one.logodds(matrix))
    assert not np.array_equal(_grown(seed=1)[0].logodds(matrix), one.logodds(matrix))


def test_contributions_sum_to_the_logodds() -> None:
    trees, matrix = _grown()
    assert trees.contributions(matrix).sum(axis=1) == pytest.approx(trees.logodds(matrix), abs=1e-9)


def test_the_gain_is_shared_out_and_the_true_cause_has_most() -> None:
    gain = _grown()[0].gain()
    assert gain.sum() == pytest.approx(1.0)
    assert gain.argmax() == 0


def test_no_row_and_no_split() -> None:
    trees, matrix = _grown()
    assert trees.logodds(matrix[:0]).shape == (0,)
    assert trees.contributions(matrix[:0]).shape == (0, 5)
    parameters = {**TREES, "num_threads": 1}
    bare = grow(
        np.ones((100, 2)), np.tile([0.0, 1.0], 50), None, seed=0, parameters=parameters, rounds=3, members=1
    )
    assert np.ptp(bare.logodds(np.ones((5, 2)))) == 0
    assert bare.gain().tolist() == [0.0, 0.0]


def test_the_front_door_loads_nothing_heavy() -> None:
    code = (
        "import sys, vostro.insight as i; assert not {'lightgbm', 'sklearn', 'pandas'} & set(sys.modules); "
        "i.ResponseModel(); assert 'lightgbm' not in sys.modules; "
        "from vostro.insight.trees import lightgbm; lightgbm(); import os; print(os.environ['OMP_WAIT_POLICY'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "PASSIVE", done.stderr


def test_every_public_name_can_be_had() -> None:
    import vostro.insight

    for name in vostro.insight.__all__:
        assert getattr(vostro.insight, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'ResponseModell'"):
        _ = vostro.insight.ResponseModell
