"""Linking 记录关联: which records of these tables are one person?

The public door. Fields are recognised, values cleaned, candidates found, parameters estimated
by EM, pairs weighed, groups made; nothing is told which records truly belong together.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from vostro.portrait.identity.estimating import estimate
from vostro.portrait.identity.frames import Frame, stacked
from vostro.portrait.identity.infer import checked_fields, infer_fields
from vostro.portrait.identity.links import Links, make_links
from vostro.portrait.identity.matcher import Matcher
from vostro.portrait.identity.matching import group, match_pairs
from vostro.portrait.identity.prepared import fields_of, prepare

__all__ = ["THRESHOLD", "link"]

THRESHOLD = 0.95


def link(
    frames: Frame | Mapping[str, Frame],
    *,
    id: str,
    keys: Sequence[str | Sequence[str]] = (),
    fields: Mapping[str, str] | None = None,
    threshold: float = THRESHOLD,
    seed: int = 7,
    threads: int | None = None,
    spark: Any = None,
) -> Links:
    """Link records of one or several tables to people.

    Args:
        frames: a table (Polars, pandas, Arrow), or ``{source: table}``.
        id: the column that identifies a record within its table.
        keys: columns, or lists of columns, that prove one person when all are equal.
        fields: ``{column: kind}``; kinds are name, date, email, phone, postcode, address, id_number,
            text and category. None: recognised from the data.
        threshold: probability, above 0.5 and below 1, from which a pair may connect two records.
        seed: which random pairs are looked at; the same seed gives the same answer on any machine.
        threads: of DuckDB; None takes all. The answer does not depend on it.
        spark: a session to weigh the candidates on, instead of DuckDB; it was started with the jar of
            ``splink.backends.spark.similarity_jar_location``. Parameters are still estimated on DuckDB, from samples.

    Raises:
        IdentityFrameError, IdentityColumnError, RecordIdError, FieldKindError, NothingToCompareError.
    """
    records = stacked(frames, id)
    of_keys = [[key] if isinstance(key, str) else list(key) for key in keys]
    kinds = (
        checked_fields(fields) if fields is not None else infer_fields(records, frozenset({"source", "id"}))
    )
    known = fields_of(kinds)
    prepared = prepare(records, known, of_keys)
    with ExitStack() as engines:
        matcher = engines.enter_context(Matcher(prepared, known, threads=threads))
        weigher = matcher if spark is None else engines.enter_context(Matcher(prepared, known, spark=spark))
        model, weighed = estimate(matcher, keys=of_keys, threshold=threshold, seed=seed, weigher=weigher)
        pairs = match_pairs(weigher, model, weighed=weighed)
        share = model.parameters.match_share
        matched = group(model, prepared.height, pairs, weigh=lambda more: weigher.weigh(more, share))
    return make_links(prepared, model, matched, one_source=records["source"].n_unique() <= 1)
