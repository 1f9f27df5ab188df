"""Groups of customers 客户分群: what 'vostro clusters', 'vostro needs' and 'vostro lookalikes' do.

All of them read the portraits as of the bank's moment. Clusters that are defined in ``clusters/`` are
kept: the model, so that new customers are assigned without learning again, and each customer's
cluster as an estimate, so that a model tag can name it.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.bank import Bank, read_bank
from vostro.engine import Lake, Workspace, load_settings
from vostro.insight import (
    ClusterDefinition,
    ClusterModel,
    ClusterPortrait,
    ClusterRule,
    Clusters,
    Lookalikes,
    Need,
    NumberTried,
    ProductNeeds,
    cluster_rule,
    find_lookalikes,
    read_clusters,
    usable_tags,
)
from vostro.portrait import build_portraits, keep_estimates, parse_rule
from vostro.words import Text, VostroError, suggest

__all__ = [
    "ClustersFound",
    "ClustersUnknownError",
    "NeedsFound",
    "SeedFileError",
    "assign_clusters",
    "find_clusters",
    "find_lookalike_audience",
    "find_needs",
]

MODELS = "model"  # lake table, as of estimators; clusters are in partition "clusters-CODE"
_FILE = "clusters.json"


class ClustersUnknownError(VostroError):
    """Clusters were asked for that the bank does not define."""

    code = "insight.clusters_unknown"
    status = 404
    en = "There are no clusters '{clusters}'. The bank defines: {known}. Or name tags with --tags."
    zh = "没有名为“{clusters}”的聚类。已定义的有：{known}。也可用 --tags 指定标签。"


class SeedFileError(VostroError):
    """A file of seed customers names none that has a portrait."""

    code = "insight.seed_file"
    status = 422
    en = "{file}: none of its {rows} customers has a portrait. Its first column, or the column 'customer', names them."
    zh = "{file}：其中 {rows} 位客户均无画像。请在首列或“customer”列填写客户号。"


class ClustersFound(msgspec.Struct, frozen=True, kw_only=True):
    """The clusters of a bank's customers, and how they came about."""

    clusters: str | None  # code; None: asked for by hand, and not kept
    name: Text | None
    as_of: datetime
    customers: int
    method: str
    seed: int
    k: int
    weak: bool  # hardly more than one cloud cut into parts
    learnt: bool  # now; False: assigned by clusters that were learnt earlier
    features: tuple[str, ...]
    dropped: tuple[str, ...]  # tags that are the same for everyone
    tried: tuple[NumberTried, ...]
    portraits: list[ClusterPortrait]
    rules: list[ClusterRule | None]  # of each cluster


class NeedsFound(msgspec.Struct, frozen=True, kw_only=True):
    """Which products customers lack that others like them hold."""

    as_of: datetime
    customers: int
    needs: list[Need]
    by_need: dict[str, int]  # product -> customers whose need it is; "-": none
    list: pl.DataFrame  # customer, need, share, lift


def find_clusters(
    folder: Path,
    code: str | None,
    *,
    now: datetime,
    definition: ClusterDefinition | None = None,
    learn: bool = True,
) -> ClustersFound:
    """Find clusters of a bank's customers, or assign them to those that were found earlier.

    Args:
        folder: the bank's.
        code: of a definition in ``clusters/``; the result is kept. None: ``definition`` by hand, not kept.
        now: the clock's moment; a bank of the past lives at its own.
        definition: tags, method, number and seed, when there is no ``code``.
        learn: learn anew; False: assign by the kept clusters, if there are any.

    Raises:
        ClustersUnknownError: no definition of that code.
        VostroError: as ``Clusters.fit``.
    """
    bank = read_bank(folder)
    wanted = definition if code is None else _defined(bank, code)
    assert wanted is not None, "a code or a definition"
    moment = bank.moment(now)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        portraits = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=moment)
        kept = None if learn or code is None else _read_model(workspace.lake, code)
        found = Clusters.of(kept) if kept is not None else _fit(wanted, portraits)
        numbers = found.predict(portraits)
        if code is not None:
            _keep(workspace, code, found.model, portraits["customer"], numbers, moment)
    table = portraits.select("customer", *dict.fromkeys(wanted.features))
    return _report(bank, wanted, code, found, table, numbers, moment, learnt=kept is None)


def assign_clusters(
    workspace: Workspace, bank: Bank, portraits: pl.DataFrame, *, as_of: datetime
) -> list[str]:
    """Assign all customers to the clusters that were learnt earlier; return the codes of these.

    For 'vostro build': so that model tags of clusters are as fresh as the portraits.
    """
    codes = []
    for code in read_clusters(bank.folder, tags=bank.tags):
        model = _read_model(workspace.lake, code)
        if model is not None and set(model.space.features) <= set(portraits.columns):
            numbers = Clusters.of(model).predict(portraits)
            _keep_numbers(workspace, code, portraits["customer"], numbers, as_of)
            codes.append(code)
    return codes


def find_needs(
    folder: Path,
    products: Sequence[str],
    *,
    now: datetime,
    features: Sequence[str] | None = None,
    seed: int = 0,
) -> NeedsFound:
    """Find which products customers lack that others like them hold.

    Args:
        folder: the bank's.
        products: yes-or-no tags.
        now: the clock's moment.
        features: tags by which customers are alike; by default all that may be learnt from.
        seed: of every draw.
    """
    bank = read_bank(folder)
    moment = bank.moment(now)
    portraits = _portraits(folder, bank, moment)
    named = list(features) if features else usable_tags(bank.tags)
    model = ProductNeeds(seed=seed)
    model.fit(portraits, products=products, features=named, tags=bank.tags, made_of=_made_of(bank))
    found = model.predict(portraits)
    counts = dict(found["need"].fill_null("-").value_counts().iter_rows())
    order = [*products, "-"]
    return NeedsFound(
        as_of=moment,
        customers=portraits.height,
        needs=list(model.needs.values()),
        by_need={need: counts.get(need, 0) for need in order},
        list=found,
    )


def find_lookalike_audience(
    folder: Path,
    *,
    now: datetime,
    size: int,
    seed_rule: str | None = None,
    seed_file: Path | None = None,
    among: str | None = None,
    features: Sequence[str] | None = None,
    random_seed: int = 0,
) -> Lookalikes:
    """Find the customers that look most like those of a rule or of a list.

    Args:
        folder: the bank's.
        now: the clock's moment.
        size: how many are wanted.
        seed_rule: who the seed is, as a rule; with ``seed_file`` both count.
        seed_file: a CSV whose column ``customer``, or else the first, names the seed.
        among: a rule: only these customers are looked at, seed and others alike.
        features: tags to compare; by default all that may be learnt from.
        random_seed: of every draw.

    Raises:
        RuleError: a rule cannot be read.
        SeedFileError: no customer of the file has a portrait.
        VostroError: as ``find_lookalikes``.
    """
    bank = read_bank(folder)
    rules = [parse_rule(text, bank.tags, use="segment") for text in (seed_rule, among) if text is not None]
    portraits = _portraits(folder, bank, bank.moment(now))
    if among is not None:
        portraits = portraits.filter(pl.Series(rules[-1].mask(portraits)))
    seed = np.zeros(portraits.height, dtype=np.bool_)
    if seed_rule is not None:
        seed |= rules[0].mask(portraits)
    if seed_file is not None:
        seed |= _listed(portraits, seed_file)
    defined_by = sorted(rules[0].tags) if seed_rule is not None else []
    return find_lookalikes(
        portraits,
        seed,
        size=size,
        features=list(features) if features else usable_tags(bank.tags),
        tags=bank.tags,
        defined_by=defined_by,
        made_of=_made_of(bank),
        random_seed=random_seed,
    )


def _made_of(bank: Bank) -> dict[str, tuple[str, ...]]:
    """Return which tags each estimator and each set of clusters reads."""
    found = {code: each.features for code, each in bank.estimators.items()}
    return found | {code: each.features for code, each in read_clusters(bank.folder, tags=bank.tags).items()}


def _portraits(folder: Path, bank: Bank, moment: datetime) -> pl.DataFrame:
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        return build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=moment)


def _defined(bank: Bank, code: str) -> ClusterDefinition:
    known = read_clusters(bank.folder, tags=bank.tags)
    if code not in known:
        close = suggest(code, set(known))
        raise ClustersUnknownError(
            clusters=code, known=", ".join(sorted(known, key=lambda c: c != close)) or "-"
        )
    return known[code]


def _fit(wanted: ClusterDefinition, portraits: pl.DataFrame) -> Clusters:
    clusters = Clusters(wanted.k, method=wanted.method, seed=wanted.seed, k_most=wanted.k_most)
    return clusters.fit(portraits, features=wanted.features)


def _listed(portraits: pl.DataFrame, file: Path) -> npt.NDArray[np.bool_]:
    listed = pl.read_csv(file, infer_schema=False)
    column = "customer" if "customer" in listed.columns else listed.columns[0]
    mask = portraits["customer"].is_in(listed[column].drop_nulls().implode()).to_numpy()
    if not mask.any():
        raise SeedFileError(file=str(file), rows=listed.height)
    return np.asarray(mask, dtype=np.bool_)


def _read_model(lake: Lake, code: str) -> ClusterModel | None:
    for part in lake.partitions(MODELS):
        if part.partition == f"clusters-{code}":
            return msgspec.json.decode((part.path / _FILE).read_bytes(), type=ClusterModel)
    return None


def _keep(
    workspace: Workspace,
    code: str,
    model: ClusterModel,
    customers: pl.Series,
    numbers: npt.NDArray[np.int64],
    moment: datetime,
) -> None:
    with workspace.lake.stage(MODELS, f"clusters-{code}") as stage, workspace.store.begin() as connection:
        (stage.path / _FILE).write_bytes(msgspec.json.encode(model))
        stage.rows = 1
        workspace.lake.publish(connection, stage)
    _keep_numbers(workspace, code, customers, numbers, moment)


def _keep_numbers(
    workspace: Workspace, code: str, customers: pl.Series, numbers: npt.NDArray[np.int64], moment: datetime
) -> None:
    estimates = pl.DataFrame({"customer": customers, "value": numbers.astype(np.float64)})
    keep_estimates(workspace.lake, code, estimates, as_of=moment)


def _report(
    bank: Bank,
    wanted: ClusterDefinition,
    code: str | None,
    found: Clusters,
    table: pl.DataFrame,
    numbers: npt.NDArray[np.int64],
    moment: datetime,
    *,
    learnt: bool,
) -> ClustersFound:
    model = found.model
    return ClustersFound(
        clusters=code,
        name=wanted.name if code is not None else None,
        as_of=moment,
        customers=table.height,
        method=model.method,
        seed=model.seed,
        k=model.k,
        weak=model.weak,
        learnt=learnt,
        features=model.space.features,
        dropped=model.space.dropped,
        tried=model.tried,
        portraits=found.portraits(table, bank.tags),
        rules=[
            cluster_rule(table, numbers == number, bank.tags, seed=model.seed)
            for number in range(1, model.k + 1)
        ],
    )
