"""Portraits at moments 时点画像: what was known of each customer at a moment of the customer's own?

Training sets are joined point in time: each row sees only what had happened and had been loaded
before its moment, so a model cannot learn from its future (leakage). Customers' moments are joined
with events once for all rows; nothing is looped. Whoever was known to be one person at the moment is
one: events and records of all identifiers that were known by then are his.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from vostro.capture import Contract
from vostro.engine import Lake
from vostro.portrait.aggregate.portraits import aggregates_at, zero_filled
from vostro.portrait.build import CUSTOMER, living, row_order, typed, with_rule_tags
from vostro.portrait.catalogue.held import HELD_KINDS, held_at, held_of_people
from vostro.portrait.identity.over_time import ALWAYS, everyone_at, last_step, people_at, people_over_time
from vostro.portrait.tags import Tag

__all__ = ["portraits_at"]

_ROW, _AS_OF = "_row", "_as_of"
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


def portraits_at(
    tags: Mapping[str, Tag],
    contracts: Mapping[str, Contract],
    lake: Lake,
    moments: pl.DataFrame,
    *,
    loaded_by: datetime | None = None,
) -> pl.DataFrame:
    """Return the portraits of customers at moments of their own.

    Args:
        tags: each after the tags that it reads, as ``read_tags`` returns them.
        contracts: the contracts that attributes and aggregates come from.
        lake: where their tables are.
        moments: ``customer`` (text) and ``as_of`` (moment with a zone), in any order; a customer may have
            many moments. Other columns are left out.

    Returns:
        ``customer``, ``as_of`` and a column for each tag, one row for each of ``moments`` in their order.
        Each row is what ``build_portraits`` says of the customer as of the moment; a customer whom
        nobody knew yet has no attributes and no events.

    Raises:
        PortraitColumnError: the lake lacks a column, because it was loaded under another contract.
        AmountRangeError, AggregateRangeError: an amount has more digits than a tag can hold.

    Household tags look at all customers: with them, portraits of every customer at every moment are
    computed on the way.
    """
    asked = moments.select(
        pl.col("customer").cast(pl.String),
        pl.col("as_of").dt.convert_time_zone("UTC").dt.cast_time_unit("us"),
    )
    people = _people(lake, loaded_by)
    if people is None and not any(tag.household for tag in tags.values()):
        return _portraits(tags, contracts, lake, asked, loaded_by, None)
    named = asked if people is None else _named(asked, people)
    whole = named.unique()
    if any(tag.household for tag in tags.values()):
        everyone = _everyone(tags, contracts, lake).join(asked.select("as_of").unique(), how="cross")
        everyone = everyone if people is None else _named(everyone, people)
        whole = pl.concat([everyone, named]).unique()
    found = _portraits(tags, contracts, lake, whole, loaded_by, people)
    answers = named.join(found, on=["customer", "as_of"], how="left", maintain_order="left")
    return answers.with_columns(asked["customer"])


def _people(lake: Lake, loaded_by: datetime | None) -> pl.DataFrame | None:
    """Return who was known as whom when; of a replay who was at its moment, always."""
    with lake.store.begin() as connection:
        if last_step(connection) == 0:
            return None
        found = people_over_time(connection)
    if loaded_by is not None:
        since, until = pl.lit(ALWAYS, found.schema["since"]), pl.lit(None, found.schema["until"])
        found = people_at(found, loaded_by).with_columns(since=since, until=until)
    return found if found.height else None


def _named(moments: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return moments of people in place of their identifiers; rows and order stay."""
    numbered = moments.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    return everyone_at(numbered, people)[0].drop("row")


def _portraits(
    tags: Mapping[str, Tag],
    contracts: Mapping[str, Contract],
    lake: Lake,
    moments: pl.DataFrame,
    loaded_by: datetime | None,
    people: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return the portraits of customers, or of people under their own names, at moments."""
    whole = moments.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    numbered = whole if people is None else everyone_at(whole, people)[1]
    found = whole.join(aggregates_at(tags, contracts, lake, numbered, loaded_by), on="row", how="left")
    by_contract: dict[str, list[Tag]] = defaultdict(list)
    for tag in tags.values():
        if tag.attribute:
            by_contract[tag.attribute[0]].append(tag)
    for name, of in by_contract.items():
        values = _attributes_at(contracts[name], of, lake.scan(name), numbered, loaded_by)
        found = found.join(values, on="row", how="left")
    own = {code: tag for code, tag in tags.items() if tag.kind in HELD_KINDS}
    held = _held(lake, own, whole, None if people is None else numbered)
    found = zero_filled(found, tags).join(held, on="row", how="left").sort("row")
    facts = found.drop("row")
    return (
        facts.select("as_of")
        .hstack(with_rule_tags(facts, tags, within="as_of"))
        .select(CUSTOMER, "as_of", *tags)
    )


def _held(
    lake: Lake, tags: Mapping[str, Tag], moments: pl.DataFrame, everyone: pl.DataFrame | None
) -> pl.DataFrame:
    """Return ``row`` and what was said of customers, or of people under any of their identifiers."""
    if everyone is not None:
        return held_of_people(lake, tags, everyone)
    return held_at(lake, tags, moments).drop("customer", "as_of")


def _attributes_at(
    contract: Contract,
    tags: list[Tag],
    rows: pl.LazyFrame,
    moments: pl.DataFrame,
    loaded_by: datetime | None,
) -> pl.DataFrame:
    """Return ``row`` and the attributes of one contract: of the latest record that was known at the moment."""
    assert contract.customer is not None, "read_tags refuses a contract without a customer"
    held = rows.collect_schema()
    columns = living(tags, held, pl.col(_AS_OF))
    order = row_order(contract, held)
    known = _lives(rows, contract, loaded_by).join(
        moments.lazy().select(_row="row", _customer="customer", _as_of="as_of"), on="_customer"
    )
    known = known.filter(
        (pl.col("_seen") <= pl.col(_AS_OF)) & ~(pl.col("_gone") <= pl.col(_AS_OF)).fill_null(False)
    )
    known = known.sort(order, nulls_last=False, maintain_order=True)
    known = known.unique(_ROW, keep="last", maintain_order=True).select(pl.col(_ROW).alias("row"), *columns)
    return known.select("row", *map(typed, tags)).collect()


def _lives(rows: pl.LazyFrame, contract: Contract, loaded_by: datetime | None) -> pl.LazyFrame:
    """Return records with ``_customer``, since when they are seen, and from when another takes their place."""
    held = rows.collect_schema()
    times = [name for name in ("event_time", "load_time") if name in held]
    seen = pl.max_horizontal(times)
    if loaded_by is not None:
        rows = rows.filter(pl.col("load_time") <= loaded_by)
        first = pl.col("_load") == pl.col("_load").min().over(contract.key or [contract.customer or ""])
        always = pl.when(first).then(pl.lit(_ALWAYS)).otherwise(pl.col("load_time"))
        seen = pl.col("event_time") if "event_time" in held else always
    rows = rows.with_columns(
        pl.col(contract.customer or "").cast(pl.String).alias("_customer"), seen.alias("_seen")
    ).sort("_load", maintain_order=True)
    later = pl.col("_seen").shift(-1).reverse().cum_min().reverse()
    gone = later.over(contract.key) if contract.key else pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    return rows.with_columns(gone.alias("_gone"))


def _everyone(tags: Mapping[str, Tag], contracts: Mapping[str, Contract], lake: Lake) -> pl.DataFrame:
    """Return every customer of the contracts that tags read."""
    names = {tag.attribute[0] for tag in tags.values() if tag.attribute}
    names |= {tag.aggregate.of for tag in tags.values() if tag.aggregate}
    frames = [
        lake.scan(name).select(pl.col(contracts[name].customer or "").cast(pl.String).alias("customer"))
        for name in sorted(names)
        if lake.partitions(name)
    ]
    whole = pl.concat(frames) if frames else pl.LazyFrame(schema={"customer": pl.String})
    return whole.drop_nulls().unique().collect()
