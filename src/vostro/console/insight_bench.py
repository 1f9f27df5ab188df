"""Benches of insight 洞察基准: every row of the table, one after the other, in one JSON object.

A row that cannot run here (its data are absent, an extra is not installed) says so in its place; the
others run on.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from vostro.words import VostroError, suggest

__all__ = ["INSIGHT_ROWS", "BenchRowUnknownError", "bench_insight"]


class Row(NamedTuple):
    """Where a row is measured."""

    room: str
    function: str
    folder: str | None = None  # of the data folder; None: the data are made


INSIGHT_ROWS: Mapping[str, Row] = {
    "waves": Row("vostro.insight", "bench_waves", "bank_marketing"),
    "hillstrom": Row("vostro.insight.uplift.bench", "bench_hillstrom", "hillstrom_email"),
    "cdnow": Row("vostro.insight.value.bench", "bench_cdnow", "cdnow"),
    "groceries": Row("vostro.insight.recommend.bench", "bench_groceries", "groceries"),
    "baskets": Row("vostro.insight.recommend.bench", "bench_baskets"),
    "intents": Row("vostro.insight.text.bench", "bench_intents", "banking77_intents"),
    "complaints": Row("vostro.insight.text.bench", "bench_complaints", "cfpb_complaints"),
    "comments-zh": Row("vostro.insight.text.bench", "bench_comments_zh", "bank_comments_zh"),
    "open-bandit": Row("vostro.learn.policy_bench", "bench_open_bandit", "open_bandit_men"),
    "scorecard": Row("vostro.insight.scorecard.bench", "bench_scorecard"),
    "collaborative": Row("vostro.insight.recommend.bench", "bench_collaborative"),
    "portfolio": Row("vostro.insight.wealth.bench", "bench_portfolio", "market_prices"),
}


class BenchRowUnknownError(VostroError):
    """There is no such row."""

    code = "console.bench_row_unknown"
    status = 422
    en = "There is no row '{row}' in the bench of insight{hint}. Rows: {known}."
    zh = "洞察基准没有名为“{row}”的项目{hint}。可用项目：{known}。"


def bench_insight(data: Path, *, row: str | None = None, seed: int = 0) -> dict[str, Any]:
    """Measure every row, or one.

    Args:
        data: a folder with one folder a data set, named as in ``INSIGHT_ROWS``.
        row: only this one.
        seed: of all that is drawn.

    Returns:
        ``rows``: for each row what its bench returns, or ``error`` with why it could not run; ``met``, the
        rows that reached their target, ``missed`` and ``failed``; ``seconds``.

    Raises:
        BenchRowUnknownError: ``row`` is not one of them.
    """
    if row is not None and row not in INSIGHT_ROWS:
        close = suggest(row, set(INSIGHT_ROWS))
        hint = f" ({close}?)" if close else ""
        raise BenchRowUnknownError(row=row, hint=hint, known=", ".join(INSIGHT_ROWS))
    began = perf_counter()
    found = {}
    for name in INSIGHT_ROWS if row is None else [row]:
        sys.stderr.write(f"{name} ...\n")
        found[name] = _measured(INSIGHT_ROWS[name], data, seed)
    return {
        "rows": found,
        "met": [name for name, each in found.items() if each.get("met") is True],
        "missed": [name for name, each in found.items() if each.get("met") is False],
        "failed": [name for name, each in found.items() if "error" in each],
        "seconds": round(perf_counter() - began, 1),
    }


def _measured(row: Row, data: Path, seed: int) -> dict[str, Any]:
    given = {} if row.folder is None else {"data": data / row.folder}
    try:
        return dict(getattr(import_module(row.room), row.function)(**given, seed=seed))
    except VostroError as error:
        return {"error": error.code, "why": error.say("en")}
    except ImportError as error:
        return {
            "error": "extra_missing",
            "why": f"{error.name} is not installed: pip install 'vostro[rivals]'",
        }
