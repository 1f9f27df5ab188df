"""Bench of recommenders 推荐基准: are the rules the right ones, and how long do they take?

The libraries that are compared with (mlxtend, and what it needs) are not needed to recommend; where they
are absent, the comparison says so.
"""

import gzip
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import polars as pl

from vostro.insight.errors import BenchFileError
from vostro.insight.recommend.associations import Associations
from vostro.insight.recommend.choice import hits
from vostro.insight.recommend.coding import read_pairs, sparse_rows
from vostro.insight.recommend.collaborative import Collaborative
from vostro.insight.recommend.gram import ease_weights, gram
from vostro.insight.recommend.ranking import _bootstrap, lists_of, truth_of
from vostro.insight.recommend.top import top_of_holdings

__all__ = ["bench_baskets", "bench_collaborative", "bench_groceries", "read_groceries"]

FILE = "groceries.csv.gz"
BASKET_ITEMS_MEAN = 8  # items a synthetic basket
TYPES = 25  # kinds of synthetic customers
EASE_PENALTY = 500.0  # customers; a value often seen, chosen on nothing


def bench_groceries(data: Path, *, seed: int = 0) -> dict[str, Any]:
    """Compare all rules at support 0.001 and confidence 0.5 with those of mlxtend; nothing is drawn.

    Args:
        data: folder with ``groceries.csv.gz``, or with a folder ``groceries`` that has it.
        seed: of nothing; both methods are exact.

    Raises:
        BenchFileError: the file is not there.
    """
    del seed
    baskets = read_groceries(data)
    began = perf_counter()
    rules = Associations(support=0.001, confidence=0.5).fit(baskets).rules()
    seconds = perf_counter() - began
    ours = {
        (frozenset(left), frozenset(right)): (round(support * 9835), confidence, lift)
        for left, right, support, confidence, lift in rules.select(
            "antecedent", "consequent", "support", "confidence", "lift"
        ).iter_rows()
    }
    theirs = _rules_of_mlxtend(baskets) if find_spec("mlxtend") else None
    return {
        "rules": len(ours),
        "rules_mlxtend": None if theirs is None else len(theirs),
        "identical": None if theirs is None else _same(ours, theirs),
        "rules_not_redundant": int((rules["improvement"] > 0).sum()),
        "target": "identical to mlxtend's rules",
        "met": theirs is not None and _same(ours, theirs),
        "protocol": "All rules at support 0.001 and confidence 0.5 of 9,835 baskets: the same antecedents and "
        "consequents, the same counts, confidence and lift to 1e-9.",
        "seconds": seconds,
    }


def bench_baskets(
    *, rows: int = 1_000_000, items: int = 200, compared: bool = True, seed: int = 0
) -> dict[str, Any]:
    """Time all itemsets to size 3 at support 0.001 of synthetic baskets, from the table of pairs on.

    Item popularity falls as rank ** -0.8; a basket draws a Poisson number of items, mean 8. Ours is timed
    from the (basket, item) table to the itemsets; mlxtend from the finished one-hot frame, which is not
    timed. Compiled code is loaded before.

    Args:
        rows: baskets.
        items: items there are.
        compared: run mlxtend's fpgrowth on the same baskets (about a minute and 2 GB by default).
        seed: of the baskets.
    """
    baskets = synthetic_baskets(rows, items, seed)
    Associations(support=0.1, confidence=1.0, size_most=3).fit(baskets.head(1_000))
    own, began = process_time(), perf_counter()
    fitted = Associations(support=0.001, confidence=0.2, size_most=3)
    sets = _mined(baskets, rows)
    cpu, seconds = process_time() - own, perf_counter() - began
    rules = fitted.take(sets[0], sets[1]).rules().height
    theirs = _time_mlxtend(baskets, rows, items) if compared and find_spec("mlxtend") else None
    faster = None if theirs is None else theirs["cpu_seconds"] / cpu
    same = theirs is None or theirs["itemsets"] == len(sets[0].counts)
    return {
        "itemsets": len(sets[0].counts),
        "pairs": baskets.height,
        "rules": rules,
        "cpu_seconds": cpu,
        "mlxtend_fpgrowth": theirs,
        "times_faster": faster,
        "target": "<= 3 s and >= 10 x faster than mlxtend's fpgrowth",
        "met": cpu <= 3 and same and faster is not None and faster >= 10,
        "protocol": f"{rows:,} baskets, {items} items, mean {BASKET_ITEMS_MEAN} items drawn, support 0.001, "
        "itemsets to 3, one thread, CPU seconds; compiled code loaded before.",
        "seconds": seconds,
    }


def bench_collaborative(
    *, customers: int = 1_000_000, items: int = 500, each: int = 10, seed: int = 0
) -> dict[str, Any]:
    """Time learning from all but each customer's last interaction and 10 items for everyone; measure HR@10.

    Synthetic customers mix two of 25 kinds with tastes of their own over popularity that falls as
    rank ** -0.7. The method and its settings are chosen by ``fit`` on the latest tenth of the training
    part only. Beside it, in the same run: EASE alone, its penalty chosen likewise, and EASE with penalty
    500. Where ``fit`` chooses EASE, the first is the same method.

    Args:
        customers: how many.
        items: how many.
        each: interactions a customer to learn from; one more is held out.
        seed: of everything.
    """
    history, last = synthetic_interactions(customers, items, each, seed)
    Collaborative().fit(history.head(20_000)).recommend(k=10)
    own, began = process_time(), perf_counter()
    model = Collaborative(seed=seed).fit(history)
    learnt = process_time() - own
    lists = model.recommend(k=10)
    cpu, seconds = process_time() - own, perf_counter() - began
    names = tuple(sorted(str(item) for item in range(items)))
    keys = last["customer"].unique().sort()
    truth = truth_of(last, keys, names)
    hit = hits(lists_of(lists, keys, names, 10), truth)[0]
    ease = Collaborative(methods=["ease"], seed=seed).fit(history).setting.penalty
    beside, ease_seconds = _plain_ease(history, last, names, ease)
    low, high = _bootstrap(hit, seed)
    return {
        "hit_rate_10": float(hit.mean()),
        "hit_rate_10_low": low,
        "hit_rate_10_high": high,
        "hit_rate_10_ease": beside,
        "hit_rate_10_ease_500": _plain_ease(history, last, names, EASE_PENALTY)[0],
        "chosen": model.setting.method,
        "chosen_penalty": model.setting.penalty,
        "tried": [
            {"method": t.setting.method, "penalty": t.setting.penalty, "hit_rate": t.hit_rate}
            for t in model.tried
        ],
        "interactions": history.height,
        "cpu_seconds": cpu,
        "cpu_seconds_fit": learnt,
        "cpu_seconds_ease": ease_seconds,
        "target": "<= 10 s with HR@10 at or above EASE's",
        "met": cpu <= 10 and float(hit.mean()) >= beside,
        "protocol": "Leave the last new item of each customer out; choose, learn and list 10 items for every "
        "customer in one go, CPU seconds, one thread; EASE alone, chosen likewise, in the same run.",
        "seconds": seconds,
    }


def read_groceries(data: Path) -> pl.DataFrame:
    """Return the baskets as columns basket and item.

    Raises:
        BenchFileError: the file is not there.
    """
    path = next((each for each in (data / FILE, data / "groceries" / FILE) if each.is_file()), None)
    if path is None:
        raise BenchFileError(file=FILE, folder=str(data))
    lines = pl.Series("item", gzip.decompress(path.read_bytes()).decode().splitlines())
    return pl.DataFrame({"basket": np.arange(len(lines)), "item": lines.str.split(",")}).explode("item")


def synthetic_baskets(rows: int, items: int, seed: int) -> pl.DataFrame:
    """Return baskets of a Poisson number of draws, mean 8, from a power law of popularity."""
    draw = np.random.default_rng(seed)
    share = np.arange(1, items + 1) ** -0.8
    basket = np.repeat(np.arange(rows), draw.poisson(BASKET_ITEMS_MEAN, rows))
    return pl.DataFrame({"basket": basket, "item": draw.choice(items, len(basket), p=share / share.sum())})


def synthetic_interactions(
    customers: int, items: int, each: int, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the history, and the last new item of each customer: columns customer, item, time."""
    draw = np.random.default_rng(seed)
    taste = np.arange(1, items + 1) ** -0.7 * np.exp(1.3 * draw.normal(size=(TYPES, items)))
    heap = np.cumsum(taste / taste.sum(axis=1, keepdims=True), axis=1)
    heap[:, -1] = 1.0
    customer = np.repeat(np.arange(customers), each + 1)
    kinds = draw.integers(0, TYPES, (2, customers))
    kind = np.where(draw.random(len(customer)) < 0.65, kinds[0][customer], kinds[1][customer])
    flat = (heap + np.arange(TYPES)[:, None]).ravel()
    item = np.searchsorted(flat, draw.random(len(customer)) + kind) - kind * items
    frame = pl.DataFrame(
        {"customer": customer, "item": np.clip(item, 0, items - 1), "time": draw.random(len(customer))}
    )
    first = frame.group_by("customer", "item").agg(pl.col("time").min()).sort("customer", "item")
    last = first.filter(pl.col("time") == pl.col("time").max().over("customer"))
    history = frame.join(
        last.select("customer", "item"), on=["customer", "item"], how="anti", maintain_order="left"
    )
    return history, last.filter(pl.col("customer").is_in(history["customer"].unique().implode()))


def _mined(baskets: pl.DataFrame, rows: int) -> tuple[Any, tuple[str, ...]]:
    from vostro.insight.recommend.mining import mine_itemsets

    coded = read_pairs(baskets, "basket", "item")
    least = max(1, round(rows * 0.001))
    return mine_itemsets(sparse_rows(coded), count_least=least, size_most=3), coded.names


def _one_hot(baskets: pl.DataFrame) -> Any:
    import pandas as pd  # type: ignore[import-untyped]

    names = sorted(baskets["item"].unique().to_list())
    place = {name: at for at, name in enumerate(names)}
    matrix: Any = np.zeros((baskets["basket"].n_unique(), len(names)), dtype=bool)
    matrix[baskets["basket"].to_numpy(), [place[each] for each in baskets["item"]]] = True
    return pd.DataFrame(matrix, columns=names)


def _rules_of_mlxtend(baskets: pl.DataFrame) -> dict[Any, tuple[int, float, float]]:
    from mlxtend.frequent_patterns import association_rules, fpgrowth  # type: ignore[import-untyped]

    frame = _one_hot(baskets)
    sets = fpgrowth(frame, min_support=0.001, use_colnames=True)
    rules = association_rules(sets, metric="confidence", min_threshold=0.5)
    columns = (rules[name] for name in ("antecedents", "consequents", "support", "confidence", "lift"))
    return {
        (left, right): (round(support * len(frame)), float(confidence), float(lift))
        for left, right, support, confidence, lift in zip(*columns, strict=True)
    }


def _same(ours: dict[Any, tuple[int, float, float]], theirs: dict[Any, tuple[int, float, float]]) -> bool:
    return ours.keys() == theirs.keys() and all(
        ours[key][0] == theirs[key][0] and np.allclose(ours[key][1:], theirs[key][1:], rtol=1e-9, atol=0)
        for key in ours
    )


def _time_mlxtend(baskets: pl.DataFrame, rows: int, items: int) -> dict[str, Any]:
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth

    matrix: Any = np.zeros((rows, items), dtype=bool)
    matrix[baskets["basket"].to_numpy(), baskets["item"].to_numpy()] = True
    frame = pd.DataFrame(matrix)
    own, began = process_time(), perf_counter()
    found = fpgrowth(frame, min_support=0.001, max_len=3)
    return {"cpu_seconds": process_time() - own, "seconds": perf_counter() - began, "itemsets": len(found)}


def _plain_ease(
    history: pl.DataFrame, last: pl.DataFrame, names: tuple[str, ...], penalty: float
) -> tuple[float, float]:
    """Return EASE's hit rate with one penalty, and its CPU seconds without tables, from the same history."""
    own = process_time()
    coded = read_pairs(history, "customer", "item")
    held = sparse_rows(coded)
    chosen = top_of_holdings(held, ease_weights(gram(held), penalty), 10)[0]
    seconds = process_time() - own
    assert coded.names == names, "every item stands in the history"
    return float(hits(chosen, truth_of(last, coded.keys, names))[0].mean()), seconds
