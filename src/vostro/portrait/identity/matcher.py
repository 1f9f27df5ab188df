"""Matcher 匹配引擎: Splink on an engine, which compares pairs of prepared records.

Splink counts levels on random pairs, compares and weighs; this module hands it records, pairs
and parameters, and takes weights and levels back. Nothing else of it is seen outside.

Source: Fellegi and Sunter (1969), "A Theory for Record Linkage", JASA 64; Linacre et al. (2022),
"Splink: Free software for probabilistic record linkage at scale", IJPDS 7(3).
"""

import logging
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import polars as pl

from vostro.portrait.identity.engines import match_engine
from vostro.portrait.identity.kinds import ELSE, MISSING
from vostro.portrait.identity.parameters import LevelShare, comparison_levels
from vostro.portrait.identity.prepared import ROW, Field

__all__ = ["WEIGHT_MIN", "Matcher", "prior_weight"]

WEIGHT_MIN = -20.0  # bits; one in a million of the pairs below would be a match
_PAIRS_A_CHUNK = 1_000_000
_DECIMALS = 5

Shares = Mapping[str, Sequence[LevelShare]]


class Matcher:
    """Prepared records inside an engine, ready to be compared; a context manager."""

    def __init__(
        self,
        prepared: pl.DataFrame,
        fields: tuple[Field, ...],
        *,
        threads: int | None = None,
        spark: Any = None,
    ) -> None:
        logging.getLogger("splink").setLevel(logging.ERROR)
        self.prepared, self.fields = prepared, fields
        self._engine = match_engine(threads, spark)
        columns = [name for name in prepared.columns if name == ROW or re.match(r"c\d+(_|$)", name)]
        self._records: Any = self._engine.register(prepared.select(columns))
        self._linker: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()

    def use(self, shares: Shares, match_share: float, frequencies: Mapping[str, pl.DataFrame]) -> None:
        """Compare with these parameters from now on.

        Args:
            shares: of each field's levels.
            match_share: of all pairs.
            frequencies: column -> ``value`` and ``share``; a value that is not in it is as rare as
                the rarest; without a column, all its values weigh the same.
        """
        from splink import Linker

        self._linker = Linker(
            self._records, self._settings(shares, match_share, frozenset(frequencies)), log_level=None
        )
        for field in self.fields:
            known = frequencies.get(field.column)
            if known is None:
                continue
            values = self.prepared.select(value=field.column).drop_nulls().unique()
            rarest = known["share"].min() if known.height else None
            table = values.join(known, on="value", how="left").with_columns(pl.col("share").fill_null(rarest))
            named = table.select(
                pl.col("value").alias(field.column), pl.col("share").alias(f"tf_{field.column}")
            )
            registered = self._engine.register(named.sort(field.column))
            self._linker.table_management.register_term_frequency_lookup(registered, field.column)

    def count_u(self, pairs_max: int, seed: int) -> dict[str, list[float]]:
        """Return column -> share of each level among random pairs, sampled by a hash of seed and record."""
        self._linker.training.estimate_u_using_random_sampling(
            max_pairs=pairs_max, seed=seed, min_count_per_level=None, num_chunks=1
        )
        found = {}
        for comparison in self._linker._settings_obj.comparisons:
            levels = [each for each in comparison.comparison_levels if not each.is_null_level]
            shares = [each._u_probability for each in levels]
            found[comparison.output_column_name] = [s if isinstance(s, float) else 0.0 for s in shares]
        return found

    def weigh(
        self, pairs: pl.DataFrame, match_share: float, least: float | None = WEIGHT_MIN
    ) -> pl.DataFrame:
        """Compare pairs.

        Args:
            pairs: ``l`` and ``r``, places with ``l < r``.
            match_share: the prior with which ``use`` was called.
            least: bits; pairs of less weight are left out. None: all are given.

        Returns:
            ``l``, ``r``, ``bits`` (evidence without the prior) and
            for each field its name inside with the code of the level, ordered by ``l`` and ``r``.
        """
        chunks = [self._weigh(chunk, match_share, least) for chunk in pairs.iter_slices(_PAIRS_A_CHUNK)]
        levels = {field.column: pl.String for field in self.fields}
        empty = pl.DataFrame(schema={"l": pl.Int64, "r": pl.Int64, "bits": pl.Float64, **levels})
        return pl.concat([empty, *chunks]).sort("l", "r")

    def _weigh(self, pairs: pl.DataFrame, match_share: float, least: float | None) -> pl.DataFrame:
        chunk = pairs.select(pl.lit("0").alias("match_key"), join_key_l="l", join_key_r="r")
        registered = self._engine.register(chunk)
        self._linker.table_management.register_blocked_pairs_for_predict(registered)
        answer = self._linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        wanted = [f"{ROW}_l", f"{ROW}_r", "match_weight", *[f"gamma_{field.column}" for field in self.fields]]
        found = self._engine.fetch(answer, wanted)
        self._engine.forget(registered)
        bits = (pl.col("match_weight") - prior_weight(match_share)).round(_DECIMALS)
        return found.select(
            pl.col(f"{ROW}_l").alias("l"),
            pl.col(f"{ROW}_r").alias("r"),
            bits.alias("bits"),
            *[self._level(field) for field in self.fields],
        )

    def _level(self, field: Field) -> pl.Expr:
        codes = [code for code, _, _ in comparison_levels(field, self.fields)]
        by_value = {len(codes) - 1 - i: code for i, code in enumerate(codes)} | {-1: MISSING}
        gamma = pl.col(f"gamma_{field.column}").cast(pl.Int64)
        return gamma.replace_strict(by_value, return_dtype=pl.String).alias(field.column)

    def _settings(self, shares: Shares, match_share: float, counted: frozenset[str]) -> dict[str, Any]:
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": ROW,
            "probability_two_random_records_match": match_share,
            "blocking_rules_to_generate_predictions": [],
            "comparisons": [self._comparison(each, shares[each.name], counted) for each in self.fields],
            "retain_matching_columns": True,  # and with them the levels
        }

    def _comparison(
        self, field: Field, shares: Sequence[LevelShare], counted: frozenset[str]
    ) -> dict[str, Any]:
        c = field.column
        levels: list[dict[str, Any]] = [
            {
                "sql_condition": f"{c}_l IS NULL OR {c}_r IS NULL",
                "label_for_charts": MISSING,
                "is_null_level": True,
            }
        ]
        for (code, condition, frequent), share in zip(
            comparison_levels(field, self.fields), shares, strict=True
        ):
            level = {
                "sql_condition": condition.replace("{jaro_winkler}", self._engine.jaro_winkler),
                "label_for_charts": code,
                "m_probability": share.m,
                "u_probability": share.u,
            }
            if frequent and code != ELSE and c in counted:
                level |= {"tf_adjustment_column": c, "tf_adjustment_weight": 1.0}
            levels.append(level)
        return {"output_column_name": c, "comparison_levels": levels}


def prior_weight(match_share: float) -> float:
    """Return the weight, in bits, of a pair of which nothing is known.

    >>> prior_weight(0.5), prior_weight(1 / 9)
    (0.0, -3.0)
    """
    return float(np.log2(match_share) - np.log2(1 - match_share))
