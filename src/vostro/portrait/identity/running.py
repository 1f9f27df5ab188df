"""Running identity 运行客户识别: take in what is new, and say again who is one person.

Only records that are new or have changed are compared, with all the others; groups that have no
part in it stay as they are. The result is the one of a full redo under the same parameters: what
becomes of a group depends on its own records alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.engine import Lake
from vostro.portrait.identity.book import Decisions, lock, read_decisions
from vostro.portrait.identity.definition import IdentityDefinition
from vostro.portrait.identity.estimating import estimate
from vostro.portrait.identity.evidence import Evidence, place_pairs, read_evidence, read_model, write_model
from vostro.portrait.identity.grouping import components
from vostro.portrait.identity.matcher import Matcher
from vostro.portrait.identity.matching import match_pairs, weight_of
from vostro.portrait.identity.parameters import Model
from vostro.portrait.identity.prepared import ROW, fields_of, prepare
from vostro.portrait.identity.settling import Settled, settle
from vostro.portrait.identity.sources import CUSTOMER, bank_records
from vostro.portrait.identity.updating import change, keep, link_events, linked_bodies

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["IdentityRun", "groups_before", "run_identity"]

Mask = NDArray[np.bool_]


class IdentityRun(msgspec.Struct, frozen=True):
    """What a run did."""

    records: int
    compared: int  # records that were new or had changed
    pairs: int  # remembered, of all records
    customers: int
    people: int
    moved: int  # customers whose person is another than before
    settled: bool  # parameters were estimated in this run
    match_share: float


def run_identity(
    lake: Lake,
    definition: IdentityDefinition,
    contracts: "Mapping[str, Contract]",
    *,
    moment: datetime,
    estimate_again: bool = False,
    redo: bool = False,
    threads: int | None = None,
) -> IdentityRun:
    """Link the customers of a bank; new and changed records only, unless asked otherwise.

    Args:
        lake: of the bank.
        definition: of ``identity.yaml``.
        contracts: of the bank.
        moment: now; of the events.
        estimate_again: settle the parameters anew, as the first run and a changed definition do.
        redo: compare all records again under the settled parameters.
        threads: of the engine.

    Raises:
        LakeTableMissingError: a source is not loaded.
    """
    records = bank_records(lake, definition, contracts)
    fields = fields_of(definition.fields)
    keys = [[CUSTOMER], *definition.keys]
    prepared = _digested(prepare(records, fields, keys))
    with lake.store.begin() as connection:
        lock(connection)
        model = read_model(lake, connection)
        evidence = read_evidence(lake)
        with Matcher(prepared, fields, threads=threads) as matcher:
            weighed = None
            if estimate_again or model is None or not _fits(model, definition):
                model, weighed = estimate(
                    matcher, keys=keys, threshold=definition.threshold, seed=definition.seed
                )
                write_model(lake, connection, model, moment)
            old = None if redo or weighed is not None else evidence
            decisions = read_decisions(connection)
            settled, compared = _settle(matcher, model, old, decisions, weighed)
        ages = records.group_by(CUSTOMER).agg(pl.col("_load").min().alias("age"))
        moved = change(connection, settled, ages)
        link_events(connection, moved, linked_bodies(moved, prepared, settled, model), moment)
        keep(lake, connection, prepared, settled, model)
    return IdentityRun(
        records=prepared.height,
        compared=compared,
        pairs=settled.matched.pairs.height,
        customers=settled.member.height,
        people=settled.member["label"].n_unique(),
        moved=moved.height,
        settled=weighed is not None,
        match_share=model.parameters.match_share,
    )


def groups_before(prepared: pl.DataFrame, evidence: Evidence) -> NDArray[np.int64]:
    """Return the kept group of each record, by the places now; a record that was not kept is alone."""
    known = prepared.select(ROW, "source", "id").join(
        evidence.records.select("source", "id", "leader"),
        on=["source", "id"],
        how="left",
        maintain_order="left",
    )
    first = pl.when(pl.col("leader").is_null()).then(pl.col(ROW)).otherwise(pl.col(ROW).min().over("leader"))
    return known.select(first.alias("group"))["group"].to_numpy()


def _settle(
    matcher: Matcher, model: Model, old: Evidence | None, decisions: Decisions, weighed: pl.DataFrame | None
) -> tuple[Settled, int]:
    prepared, share = matcher.prepared, model.parameters.match_share

    def weigh(more: pl.DataFrame) -> pl.DataFrame:
        return matcher.weigh(more, share)

    if old is None:
        pairs = match_pairs(matcher, model, weighed=weighed)
        return settle(model, prepared, pairs, decisions, weigh=weigh), prepared.height
    fresh = _fresh(prepared, old)
    kept = place_pairs(prepared, old.pairs, model)
    kept = kept.filter(~fresh[kept["l"].to_numpy()], ~fresh[kept["r"].to_numpy()])
    pairs = pl.concat([kept, match_pairs(matcher, model, fresh)]).sort("l", "r")
    touched = fresh | _neighbours(prepared, old, fresh, weight_of(model.parameters.threshold))
    before = groups_before(prepared, old)
    found = settle(model, prepared, pairs, decisions, weigh=weigh, touched=touched, before=before)
    return found, int(fresh.sum())


def _digested(prepared: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in prepared.columns if name != ROW]
    return prepared.with_columns(digest=pl.Series(prepared.select(columns).hash_rows(seed=7)))


def _fits(model: Model, definition: IdentityDefinition) -> bool:
    """Tell whether the settled parameters are of this definition."""
    found = model.parameters
    same_keys = found.keys == [[CUSTOMER], *definition.keys]
    same_fields = found.kinds == list(definition.fields.items())
    return (
        same_keys and same_fields and (found.threshold, found.seed) == (definition.threshold, definition.seed)
    )


def _fresh(prepared: pl.DataFrame, old: Evidence) -> Mask:
    """Return which records are new or have changed, shape (n_records,)."""
    known = old.records.select("source", "id", "digest", known=pl.lit(True))
    found = prepared.select("source", "id", "digest").join(
        known, on=["source", "id", "digest"], how="left", maintain_order="left"
    )
    return found["known"].is_null().to_numpy()


def _neighbours(prepared: pl.DataFrame, old: Evidence, fresh: Mask, least: float) -> Mask:
    """Return which records were connected with a record that has changed or gone, shape (n_records,)."""
    unchanged = prepared.filter(~pl.Series(fresh)).select("source", "id", now=ROW)
    records = old.records.select("source", "id").join(
        unchanged, on=["source", "id"], how="left", maintain_order="left"
    )
    if records.is_empty() or old.pairs.is_empty() or not records["now"].null_count():
        return np.zeros(len(fresh), dtype=np.bool_)
    places = records.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    ends = old.pairs.filter((pl.col("weight") >= least) | pl.col("key").is_not_null())
    ends = ends.join(places, left_on=["source_a", "id_a"], right_on=["source", "id"])
    ends = ends.join(places, left_on=["source_b", "id_b"], right_on=["source", "id"], suffix="_b")
    certain = np.full(ends.height, np.inf)
    label = components(records.height, ends["place"].to_numpy(), ends["place_b"].to_numpy(), certain, least)
    changed = records["now"].is_null().to_numpy()
    beside = np.isin(label, label[changed]) & ~changed
    result = np.zeros(len(fresh), dtype=np.bool_)
    result[records["now"].to_numpy()[beside].astype(np.int64)] = True
    return result
