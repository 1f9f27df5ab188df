"""Building portraits 构建画像: what is known of every customer as of a moment?

Attributes are read from the lake (the latest row of each customer), aggregates from the events
of their sources, one pass a source; all are joined on the customer. Where identity knows that several
identifiers are one person, the customer is the person: events and rows of all identifiers are his. Rule tags are then computed
over them by the engine in one query, level by level. Nothing that happened or was loaded after
``as_of`` is seen.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from vostro.capture import Contract, current, history
from vostro.engine import Lake
from vostro.portrait.aggregate.portraits import aggregates_of, zero_filled
from vostro.portrait.catalogue.held import HELD_KINDS, held_values
from vostro.portrait.errors import AmountRangeError, PortraitColumnError
from vostro.portrait.identity.over_time import known_people
from vostro.portrait.identity.resolving import resolve
from vostro.portrait.rule import Rule, engine, polars_type
from vostro.portrait.tags import Tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


__all__ = ["build_from", "build_portraits", "known_rows", "select", "with_held", "with_rule_tags"]

CUSTOMER = "customer"
Reader = Callable[[Contract], pl.LazyFrame]


def build_portraits(
    tags: Mapping[str, Tag],
    contracts: Mapping[str, Contract],
    lake: Lake,
    *,
    as_of: datetime | None = None,
) -> pl.DataFrame:
    """Return the portraits of all customers.

    Args:
        tags: each after the tags that it reads, as ``read_tags`` returns them.
        contracts: the contracts that attributes and aggregates come from.
        lake: where their tables are.
        as_of: the moment after which nothing may be known; None: all that is loaded, the windows of
            aggregates ending right after the last load of their sources.

    Returns:
        One row a customer of any of these contracts, ordered by ``customer`` (text), and a column for each
        tag in the order of ``tags``; unknown is null, and so is a float that is not finite. Customers of whom
        identity knew by ``as_of`` that they are one person are one row, under the person's name.

    Raises:
        PortraitColumnError: the lake has no such column, because it was loaded under another contract.
        AmountRangeError, AggregateRangeError: an amount has more digits than a tag can hold.
        LakeTableMissingError: nothing was loaded yet.
    """
    people = known_people(lake, as_of)
    return build_from(
        tags,
        contracts,
        lambda contract: known_rows(lake, contract, as_of),
        as_of=as_of,
        held=held_values(lake, tags, as_of=as_of, people=people),
        aggregated=aggregates_of(tags, contracts, lake, as_of, people),
        people=people,
    )


def build_from(
    tags: Mapping[str, Tag],
    contracts: Mapping[str, Contract],
    read: Reader,
    *,
    as_of: datetime | None = None,
    held: pl.DataFrame | None = None,
    aggregated: pl.DataFrame | None = None,
    people: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Build portraits from any reader of tables; see ``build_portraits``.

    ``held`` has ``customer`` and the values of manual and model tags, ``aggregated`` those of aggregates;
    without it they are unknown (0 where an aggregate counts or sums). ``people`` has ``customer`` and
    ``person`` of those who have another's name.
    """
    by_contract: dict[str, list[Tag]] = defaultdict(list)
    for tag in tags.values():
        if tag.attribute:
            by_contract[tag.attribute[0]].append(tag)
    frames = [
        _attributes(contracts[name], of, read(contracts[name]), as_of, people)
        for name, of in by_contract.items()
    ]
    if aggregated is not None:
        frames.append(aggregated.lazy())
    if not frames:
        frames = [pl.DataFrame(schema={CUSTOMER: pl.String}).lazy()]
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.join(frame, on=CUSTOMER, how="full", coalesce=True)
    facts = zero_filled(joined.sort(CUSTOMER).collect(), tags)
    return with_rule_tags(with_held(facts, tags, held), tags)


def select(rule: Rule, portraits: pl.DataFrame) -> "NDArray[np.bool_]":
    """Return which customers a rule selects; shape (n_customers,), False where it is unknown."""
    return rule.mask(portraits)


def known_rows(lake: Lake, contract: Contract, as_of: datetime | None) -> pl.LazyFrame:
    """Return the latest row of each key, as of a moment: a later load must not hide what was known then.

    Of events the last version counts, and none that was undone by then.
    """
    if as_of is None:
        return current(lake, contract)
    if contract.event_time is not None and contract.customer and _versioned(lake, contract):
        return _until(history(lake, contract, loaded_by=as_of), as_of)
    rows = _until(lake.scan(contract.contract), as_of)
    if not contract.key:
        return rows
    return rows.sort("_load", maintain_order=True).unique(contract.key, keep="last", maintain_order=True)


def _versioned(lake: Lake, contract: Contract) -> bool:
    """Tell whether an event of the contract may have several versions: by its key, or one by one."""
    alone = any(each.partition.startswith("log-") for each in lake.partitions(contract.contract))
    return bool(contract.key or contract.reverses or alone)


def _until(rows: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    held = rows.collect_schema()
    return rows.filter(*[pl.col(name) <= as_of for name in ("event_time", "load_time") if name in held])


def _attributes(
    contract: Contract,
    tags: list[Tag],
    rows: pl.LazyFrame,
    as_of: datetime | None,
    people: pl.DataFrame | None,
) -> pl.LazyFrame:
    """Return one row a customer with the attributes of one contract, as of a moment."""
    assert contract.customer is not None, "read_tags refuses a contract without a customer"
    held = rows.collect_schema()
    columns = living(tags, held, as_of)
    if as_of is not None:
        rows = _until(rows, as_of)
    customer = pl.col(contract.customer).cast(pl.String)
    order = row_order(contract, held)
    # the key's latest row is the customer's latest row, unless he has several identifiers
    one_each = contract.key == [contract.customer] and people is None
    rows = rows.select(
        customer.alias(CUSTOMER), *[pl.col(name).alias(f"_{name}_") for name in order], *columns
    )
    rows = rows.filter(pl.col(CUSTOMER).is_not_null())
    if people is not None:
        rows = resolve(rows, CUSTOMER, people)
    if not one_each:
        names = [f"_{name}_" for name in order]
        rows = rows.sort(names, nulls_last=False, maintain_order=True) if names else rows
        rows = rows.unique(CUSTOMER, keep="last", maintain_order=True)
    return rows.select(CUSTOMER, *map(typed, tags))


def row_order(contract: Contract, held: pl.Schema) -> list[str]:
    """Return the columns by which the latest row of a customer is found; by load where he is the key."""
    by_load = contract.key == [contract.customer]
    order = ("_load", "_line") if by_load else ("event_time", "_load", "_line")
    return [name for name in order if name in held]


def living(tags: list[Tag], held: pl.Schema, as_of: "datetime | pl.Expr | None") -> list[pl.Expr]:
    """Return the columns of attributes, named like them; a value that expired before ``as_of`` is unknown.

    Raises:
        PortraitColumnError: the table does not hold such a column.
    """
    times = [pl.col(name) for name in ("event_time", "load_time") if name in held]
    columns = []
    for tag in tags:
        assert tag.attribute is not None
        if tag.attribute[1] not in held:
            raise PortraitColumnError(tag=tag.tag, column=".".join(tag.attribute))
        value = pl.col(tag.attribute[1])
        if tag.expires_span is not None and as_of is not None and times:
            value = pl.when(pl.coalesce(times) > as_of - tag.expires_span).then(value)
        columns.append(value.alias(tag.tag))
    return columns


def with_held(frame: pl.DataFrame, tags: Mapping[str, Tag], held: pl.DataFrame | None) -> pl.DataFrame:
    """Add the values of manual and model tags to the customers of a frame; unknown is null."""
    codes = [code for code, tag in tags.items() if tag.kind in HELD_KINDS]
    frame = frame.drop(codes, strict=False)
    if held is not None and codes:
        frame = frame.join(held, on=CUSTOMER, how="left", maintain_order="left")
    missing = [
        pl.lit(None, dtype=polars_type(tags[code])).alias(code) for code in codes if code not in frame.columns
    ]
    return frame.with_columns(missing)


def typed(tag: Tag) -> pl.Expr:
    """Return the column of a tag in the tag's type; a float that is not finite is unknown."""
    column = pl.col(tag.tag)
    if tag.type == "number":
        column = column.cast(pl.Float64)
        return pl.when(column.is_finite()).then(column).alias(tag.tag)
    if tag.type == "decimal":
        return column.map_batches(lambda values: _amounts(tag, values), return_dtype=polars_type(tag))
    return column.cast(polars_type(tag))


def _amounts(tag: Tag, values: pl.Series) -> pl.Series:
    amounts = values.cast(polars_type(tag), strict=False)
    if amounts.null_count() > values.null_count():
        worst = values.filter(amounts.is_null() & values.is_not_null())[0]
        raise AmountRangeError(tag=tag.tag, value=worst, digits=tag.digits - tag.scale)
    return amounts


def with_rule_tags(
    attributes: pl.DataFrame, tags: Mapping[str, Tag], *, within: str | None = None
) -> pl.DataFrame:
    """Compute all rule and household tags in one query: each level of tags over the one below.

    Args:
        attributes: ``customer`` and a column for each tag of another kind.
        tags: each after the tags that it reads.
        within: a column within whose values households are counted, such as the moment.

    Returns:
        ``customer`` and a column for each tag, in the order of ``tags``.
    """
    levels: dict[str, int] = {}
    for code, tag in tags.items():
        computed_here = tag.kind in ("rule", "household")
        levels[code] = 1 + max((levels[each] for each in tag.depends), default=0) if computed_here else 0
    order = [CUSTOMER, *tags]
    if not any(levels.values()):
        return attributes.select(order)
    if not attributes.height:
        empty = [
            pl.lit(None, dtype=polars_type(tag)).alias(code) for code, tag in tags.items() if levels[code]
        ]
        return attributes.with_columns(empty).select(order)
    import ibis

    table: Any = ibis.memtable(attributes.with_row_index("_row"))
    for level in range(1, max(levels.values()) + 1):
        at_level = {
            code: _rule_column(tag, table, within) for code, tag in tags.items() if levels[code] == level
        }
        table = table.mutate(**at_level)
    computed = [code for code in tags if levels[code]]
    answer = engine().to_polars(table.select("_row", *computed)).sort("_row")
    types = [pl.col(code).cast(polars_type(tags[code])) for code in computed]
    return attributes.hstack(answer.select(types)).select(order)


def _rule_column(tag: Tag, table: Any, within: str | None) -> Any:
    """Return the column of a rule tag (its condition, or the first tier that holds) or of a household."""
    import ibis

    if tag.household is not None:
        return _household_column(tag, table, within)
    if tag.rule is not None:
        return tag.rule.predicate(table).cast("boolean")
    otherwise = next((value for value, rule in tag.tiers if rule is None), None)
    last = ibis.literal(otherwise) if otherwise is not None else ibis.null("string")
    branches = [(rule.predicate(table), ibis.literal(value)) for value, rule in tag.tiers if rule is not None]
    return ibis.cases(*branches, else_=last) if branches else last


def _household_column(tag: Tag, table: Any, within: str | None) -> Any:
    """Count or sum over all customers with the same value; unknown where that value is."""
    import ibis

    assert tag.household is not None
    same = ibis.window(group_by=[table[each] for each in (tag.household.by, within) if each is not None])
    if tag.household.sum is None:
        found = ibis._.count().over(same)
    else:
        summed = table[tag.household.sum]
        exact = (
            summed.cast("decimal(38, 6)") if tag.type == "number" else summed
        )  # so that order never matters
        found = exact.sum().over(same)
    return ibis.cases(
        (table[tag.household.by].notnull(), found),
        else_=ibis.null(found.type() if tag.household.sum else "int64"),
    )
