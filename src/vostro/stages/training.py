"""Training rows 训练样本: which outcome belongs to which portrait?

Where an event answers a contact, each answer is joined with the customer as he was before it. Where something
*will* happen, customers are looked at as of moments of the past, and the outcome is what came within
the horizon, which has passed. In both, tags that move with time (measures over events, what persons
or estimators said, records of later loads) are taken as of the row's moment, so that nothing is
learnt from what came after. A history is replayed by event time, from all that was loaded by the
moment of learning: a bank that loads years of history in one afternoon can learn from it
(docs/decisions/0003).
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import polars as pl

from vostro.bank import Bank
from vostro.engine import Workspace
from vostro.insight import EstimatorDefinition
from vostro.insight.definition_faults import arm_rule
from vostro.listen import outcomes_of
from vostro.portrait import Tag, draw, identity_map, parse_rule, portraits_at, resolve
from vostro.stages.purchases import read_purchases, spent_within, with_past
from vostro.words import iso, zone

__all__ = ["needed_tags", "training_moments", "training_rows"]

ROWS_MOST = 400_000  # customers at moments that are looked at; more are drawn by lot
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MOMENT = pl.Datetime("us", "UTC")


def training_rows(
    workspace: Workspace,
    bank: Bank,
    definition: EstimatorDefinition,
    *,
    as_of: datetime,
    loaded_by: datetime | None = None,
    outcomes: pl.DataFrame | None = None,
    customers: pl.Series | None = None,
    also: Collection[str] = (),
) -> pl.DataFrame:
    """Return what an estimator may learn from.

    Args:
        workspace: its log and lake.
        bank: the definitions.
        definition: of the estimator.
        as_of: the moment of learning; outcomes count that happened before it.
        loaded_by: only what was loaded by then; None: by ``as_of``.
        outcomes: as ``outcomes_of`` returns them; None: all of the log.
        customers: whom to look at, where something will happen; None: whoever has an event of the kind.
        also: other tags that are wanted; those that the bank does not define are left out.

    Returns:
        ``customer``, ``event_time``, ``success`` and every tag that the estimator needs (where an event answers:
        every tag), one row for each learnable outcome of a customer whom the bank knew and the
        population holds, in the order of the log; where something will happen, one row for each customer
        and moment (``event_time``), by moment and customer; of uplift, one for each event that names an
        arm, with ``_treated`` (bool). Of value, ``success`` is the amount (number), and ``_past`` the purchases.
    """
    if outcomes is None:
        outcomes = outcomes_of(workspace.store, definition, bank.contracts)
    loaded = loaded_by or as_of
    if definition.horizon is not None:
        with workspace.store.begin() as connection:
            people = identity_map(connection)
        outcomes = resolve(outcomes, "customer", people).collect()
        if definition.treatment is not None:
            known = _treated(workspace, bank, definition, outcomes, people, as_of)
        else:
            asked = outcomes["customer"] if customers is None else customers
            known = _looks_ahead(bank, definition, outcomes, asked, as_of)
        if definition.amount is not None:
            purchases = read_purchases(workspace, bank, definition).filter(pl.col("time") < as_of)
            known = with_past(known, purchases, "event_time")
            known = known.with_columns(success=spent_within(known, purchases, definition.horizon))
        tags: Mapping[str, Tag] = needed_tags(bank.tags, definition, also=also)
    else:
        known = outcomes.filter((pl.col("event_time") < as_of) & pl.col("learnable"))
        tags = bank.tags
    moments = known.select("customer", as_of="event_time")
    portraits = portraits_at(tags, bank.contracts, workspace.lake, moments, loaded_by=loaded)
    rows = known.hstack(portraits.drop("customer", "as_of"))
    own = [code for code, tag in tags.items() if tag.attribute]
    rows = rows.filter(pl.any_horizontal(pl.col(own).is_not_null())) if own else rows
    return rows.filter(pl.Series(parse_rule(definition.population, bank.tags, use="segment").mask(rows)))


def needed_tags(
    tags: Mapping[str, Tag], definition: EstimatorDefinition, *, also: Collection[str] = ()
) -> dict[str, Tag]:
    """Return the tags that an estimator reads, is asked about and is judged by, with all these are made of.

    Attributes are all kept: they tell whether the bank knew the customer.
    """
    wanted = {*definition.features, *definition.protected, *also}
    wanted |= parse_rule(definition.population, tags, use="segment").tags
    for code in reversed([*tags]):  # each stands after the tags that it reads
        if code in wanted:
            wanted |= tags[code].depends
    return {code: tag for code, tag in tags.items() if code in wanted or tag.attribute}


def training_moments(
    times: pl.Series, definition: EstimatorDefinition, *, as_of: datetime, zone_name: str
) -> list[datetime]:
    """Return the moments at which customers are looked at, the earliest first.

    Args:
        times: when events of the kind happened, successes or not; the bank kept account of them from the
            first on, and knows them up to the day of the last.
        definition: its horizon, the time between moments, and how many there may be.
        as_of: the moment of learning; every horizon has passed by then.
        zone_name: of the bank; moments stand right after the beginning of its days, so that what is
            dated by day belongs to the day before or the day after, never to both.
    """
    assert definition.horizon is not None and definition.every is not None
    first, last = times.min(), times.filter(times < as_of).max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return []
    here = zone(zone_name)
    end = _known_until(last, as_of, zone_name)
    found = []
    for i in range(definition.moments):
        latest = (end - definition.horizon - i * definition.every - _TICK).astimezone(here)
        moment = _day(latest).astimezone(UTC) + _TICK
        if moment < first:
            break
        found.append(moment)
    return found[::-1]


def _looks_ahead(
    bank: Bank, definition: EstimatorDefinition, outcomes: pl.DataFrame, customers: pl.Series, as_of: datetime
) -> pl.DataFrame:
    """Return customer, event_time (the moment) and success, for every customer and moment."""
    moments = training_moments(outcomes["event_time"], definition, as_of=as_of, zone_name=bank.header.zone)
    who = pl.DataFrame({"customer": customers.cast(pl.String).unique().drop_nulls().sort()})
    share = ROWS_MOST / max(1, who.height * len(moments))
    empty = who.clear().with_columns(event_time=pl.lit(None, _MOMENT))
    pairs = pl.concat([empty, *(_asked_at(who, each, definition.estimator, share) for each in moments)])
    return pairs.with_columns(success=_came(pairs, outcomes, definition))


def _treated(
    workspace: Workspace,
    bank: Bank,
    definition: EstimatorDefinition,
    outcomes: pl.DataFrame,
    people: pl.DataFrame,
    as_of: datetime,
) -> pl.DataFrame:
    """Return customer, event_time, success and _treated of every event that names an arm, its horizon passed."""
    arms = definition.treatment
    assert arms is not None and definition.horizon is not None
    says = msgspec.structs.replace(
        definition,
        event=arms.event,
        target=arm_rule(arms.arm, arms.treated),
        learn_from=arm_rule(arms.arm, arms.treated, arms.control),
    )
    given = resolve(outcomes_of(workspace.store, says, bank.contracts), "customer", people).collect()
    last = outcomes["event_time"].filter(outcomes["event_time"] < as_of).max()
    if not isinstance(last, datetime):
        return given.clear().select("customer", "event_time", "success", _treated="success")
    end = _known_until(last, as_of, bank.header.zone)
    given = given.filter("learnable", pl.col("event_time") + definition.horizon <= end)
    rows = given.select("customer", "event_time", _treated="success")
    return rows.with_columns(success=_came(rows, outcomes, definition))


def _asked_at(who: pl.DataFrame, moment: datetime, question: str, share: float) -> pl.DataFrame:
    """Return the customers who are looked at as of a moment: all, or a share by lot."""
    asked = who
    if share < 1:
        asked = who.filter(pl.Series(draw(who["customer"], f"rows:{question}:{iso(moment)}") < share))
    return asked.with_columns(event_time=pl.lit(moment, _MOMENT))


def _came(pairs: pl.DataFrame, outcomes: pl.DataFrame, definition: EstimatorDefinition) -> pl.Series:
    """Tell of each customer and moment whether the event came in (moment, moment + horizon]."""
    assert definition.horizon is not None
    events = outcomes.filter("success").select("customer", came="event_time").sort("came")
    found = (
        pairs.with_row_index("_row")
        .sort("event_time")
        .join_asof(
            events,
            left_on="event_time",
            right_on="came",
            by="customer",
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .sort("_row")
    )
    inside = (found["came"] <= found["event_time"] + definition.horizon).fill_null(False)
    return ~inside if definition.absent else inside


def _known_until(last: datetime, as_of: datetime, zone_name: str) -> datetime:
    """Return until when events of a kind are known, in UTC: the end of the last one's day, or the moment of learning."""
    end = _day(last.astimezone(zone(zone_name))) + _DAY
    return min(as_of, end).astimezone(UTC)  # spans are counted in true time


def _day(moment: datetime) -> datetime:
    """Return the beginning of the day of a moment, in the moment's own zone."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
