"""The same sixty tags by hand 手写对照 SQL: what would somebody write who only has DuckDB?

One query, in the form that measured fastest: one grouped pass for all counts, sums, extremes,
first and last, and one grouped table a column for distinct and top. ``arg_max`` is left as it is,
though a tie of two payments in the same microsecond would make it answer as it likes.
"""

from vostro.portrait.aggregate.bench_bank import AS_OF_US, GROUPS, WINDOWS
from vostro.portrait.aggregate.definition import DAY_US

__all__ = ["by_hand_sql"]


def by_hand_sql(payments: str) -> str:
    """Return the query over a table or view of payments; one row a customer, columns named like the tags."""
    main = ",\n  ".join(f"{sql} AS {code}" for code, sql in _measures().items())
    return f"""
WITH known AS (
  SELECT customer_id, event_time AS paid_at, amount, merchant_group, channel, city
  FROM {payments} WHERE load_time <= {_moment(AS_OF_US)} AND event_time < {_moment(AS_OF_US)}
), main AS (
  SELECT customer_id,
  {main}
  FROM known GROUP BY customer_id
), cities AS (
  SELECT customer_id, city, count(*) FILTER (WHERE paid_at >= {_low(90)}) AS n_90d, count(*) AS n_365d
  FROM known WHERE paid_at >= {_low(365)} GROUP BY ALL
), city AS (
  SELECT customer_id, count(*) FILTER (WHERE n_90d > 0) AS cities_90d,
    min({{'n': -n_365d, 'v': city}}).v AS top_city_365d
  FROM cities GROUP BY ALL
), groups AS (
  SELECT customer_id, merchant_group, count(*) AS n_365d
  FROM known WHERE paid_at >= {_low(365)} GROUP BY ALL
), merchant AS (
  SELECT customer_id, count(*) AS groups_365d, min({{'n': -n_365d, 'v': merchant_group}}).v AS top_group_365d
  FROM groups GROUP BY ALL
)
SELECT CAST(customer_id AS VARCHAR) AS customer, {_final()}
FROM main LEFT JOIN city USING (customer_id) LEFT JOIN merchant USING (customer_id)
"""  # noqa: S608 - fixed names


def _moment(us: int) -> str:
    return f"make_timestamptz({us})"


def _low(days: int) -> str:
    return _moment((AS_OF_US - days * DAY_US) // DAY_US * DAY_US)


def _measures() -> dict[str, str]:
    """Return what one grouped pass computes."""
    found = {f"count_{days}d": f"count(*) FILTER (WHERE paid_at >= {_low(days)})" for days in WINDOWS}
    found |= {
        f"spend_{days}d": f"coalesce(sum(amount) FILTER (WHERE paid_at >= {_low(days)}), 0)"
        for days in WINDOWS
    }
    for days in (30, 90, 365):
        found[f"mean_{days}d"] = f"avg(amount) FILTER (WHERE paid_at >= {_low(days)})"
        found[f"max_{days}d"] = f"max(amount) FILTER (WHERE paid_at >= {_low(days)})"
        for group in GROUPS:
            inside = f"merchant_group = '{group}' AND paid_at >= {_low(days)}"
            found[f"{group}_{days}d"] = f"coalesce(sum(amount) FILTER (WHERE {inside}), 0)"
    for days in (90, 365):
        found[f"min_{days}d"] = f"min(amount) FILTER (WHERE paid_at >= {_low(days)})"
    for group in GROUPS:
        found[f"{group}_count_90d"] = (
            f"count(*) FILTER (WHERE merchant_group = '{group}' AND paid_at >= {_low(90)})"
        )
    for days in (30, 90):
        found[f"online_count_{days}d"] = (
            f"count(*) FILTER (WHERE channel = 'online' AND paid_at >= {_low(days)})"
        )
    before_30, before_90 = (f"paid_at >= {_low(2 * days)} AND paid_at < {_low(days)}" for days in (30, 90))
    found["spend_before_30d"] = f"sum(amount) FILTER (WHERE {before_30})"
    found["count_before_90d"] = f"count(*) FILTER (WHERE {before_90})"
    found["last_at"], found["first_at"] = "max(paid_at)", "min(paid_at)"
    found["travel_at"] = "max(paid_at) FILTER (WHERE merchant_group = 'travel')"
    found["last_amount"] = "arg_max(amount, paid_at)"
    found["last_channel"] = "arg_max(channel, paid_at)"
    found["first_city"] = "arg_min(city, paid_at)"
    return found


def _final() -> str:
    """Return the columns of the answer: those of the pass, and what is divided."""
    helpers = ("spend_before_30d", "count_before_90d", "last_at", "first_at", "travel_at")
    plain = [code for code in _measures() if code not in helpers]
    shares = {
        f"{group}_share_90d": (f"{group}_90d", "spend_90d") for group in ("dining", "grocery", "travel")
    }
    shares["online_share_90d"] = ("online_count_90d", "count_90d")
    divided = [f"{a}::DOUBLE / nullif({b}, 0)::DOUBLE AS {code}" for code, (a, b) in shares.items()]
    for code, now, before in (
        ("spend_trend_30d", "spend_30d", "spend_before_30d"),
        ("count_trend_90d", "count_90d", "count_before_90d"),
    ):
        divided.append(f"({now} - {before})::DOUBLE / nullif({before}, 0)::DOUBLE AS {code}")
    days = [
        f"({AS_OF_US} - epoch_us({at})) // {DAY_US} AS {code}"
        for code, at in (
            ("days_since_last", "last_at"),
            ("days_since_first", "first_at"),
            ("days_since_travel", "travel_at"),
        )
    ]
    counted = ["coalesce(cities_90d, 0) AS cities_90d", "coalesce(groups_365d, 0) AS groups_365d"]
    return ",\n  ".join([*plain, *divided, *days, *counted, "top_city_365d", "top_group_365d"])
