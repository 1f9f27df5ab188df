"""A slow oracle: one aggregate of one customer as of a moment, in plain Python, from the words of the definition."""

import math
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import md5

DAY = 86_400_000_000
SPANS = {"minute": 60_000_000, "hour": 3_600_000_000, "day": DAY, "week": 7 * DAY}


def oracle(definition, versions, customer, as_of, offset=0):
    """Return the value; ``versions`` are dicts with times in microseconds, ``where`` is a function of one."""
    latest = {}
    for row in sorted(versions, key=lambda row: (row["_load"], row["_line"])):
        if row["load_time"] <= as_of:
            latest[row["event_id"]] = row
    rows = [row for row in latest.values() if row["customer"] == customer and not row["_deleted"]]

    def part(asked, back=0):
        low, high = window(asked.get("window"), as_of, offset, back)
        found = [row for row in rows if low <= row["event_time"] < min(high, as_of)]
        return measure(asked["measure"], [row for row in found if asked.get("where", bool)(row)], as_of)

    own = part(definition)
    if not definition.get("trend") and "ratio_to" not in definition:
        return own and (divide(*own[:2]) if definition["measure"].startswith("mean") else own[2])
    same = {key: definition[key] for key in ("measure", "window") if key in definition}
    base = part(definition, 1) if definition.get("trend") else part(same | definition["ratio_to"])
    if own is None or base is None:
        return None
    above, below = own[0] * base[1], own[1] * base[0]
    return divide(above - below if definition.get("trend") else above, below)


def window(text, as_of, offset, back):
    if text is None:
        return -math.inf, as_of
    length = int(text.split()[0]) * SPANS[text.split()[1].rstrip("s")]
    hop = DAY if length >= 2 * DAY else 300_000_000
    low, lower = ((as_of - n * length + offset) // hop * hop - offset for n in (1, 2))
    return (lower, low) if back else (low, as_of)


def measure(text, rows, as_of):
    """Return exact numerator, exact denominator and the value itself; None where it is unknown."""
    name, column, k = re.fullmatch(r"(\w+)(?:\((\w+)(?:, (\d+))?\))?", text).groups()
    if column is None:
        days = [(as_of - row["event_time"]) // DAY for row in rows]
        whole = (
            len(rows)
            if name == "count"
            else max(days, default=None)
            if "first" in name
            else min(days, default=None)
        )
        return None if whole is None else (whole, 1, whole)
    raw = next((row[column] for row in rows if row[column] is not None), 0)
    scale = (
        10**6 if isinstance(raw, float) else 10 ** -raw.as_tuple().exponent if isinstance(raw, Decimal) else 1
    )
    pairs = [
        (row["event_time"], exact(row[column], scale))
        for row in rows
        if exact(row[column], scale) is not None
    ]
    values = [value for _, value in pairs]
    if name == "distinct":
        return size(set(values)), 1, size(set(values))
    if name in ("sum", "mean"):
        total, count = sum(values), len(values) if name == "mean" else 1
        return (
            (total, count * scale, total / 10**6 if isinstance(raw, float) else Decimal(total) / scale)
            if count
            else None
        )
    if not values:
        return None
    if name == "top":
        best = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))[: int(k or 1)]
        return (
            0,
            0,
            ", ".join(str(value).lower() if value in (True, False) else str(value) for value, _ in best),
        )
    found = {"min": min(values), "max": max(values), "first": min(pairs)[1], "last": max(pairs)[1]}[name]
    return (
        found,
        scale,
        found if scale == 1 else found / 10**6 if isinstance(raw, float) else Decimal(found) / scale,
    )


def exact(value, scale):
    if isinstance(value, float):
        return math.floor(value * 10**6 + 0.5) if abs(value) <= 9e12 else None
    return int(value * scale) if isinstance(value, Decimal) else value


def divide(above, below):
    return float(above) / float(below) if below else None


def size(values):
    """Return how many distinct values: exact up to 1,024, above by HyperLogLog."""
    if len(values) <= 1024:
        return len(values)
    ranks = [0] * 4096
    for value in values:
        text = str((value - date(1970, 1, 1)).days if isinstance(value, date) else value)
        bits = f"{int(md5(text.encode()).hexdigest()[:13], 16):052b}"
        ranks[int(bits[:12], 2)] = max(
            ranks[int(bits[:12], 2)], len(bits[12:]) - len(bits[12:].lstrip("0")) + 1
        )
    raw = 0.7213 / (1 + 1.079 / 4096) * 4096**2 / sum(2.0**-rank for rank in ranks)
    return round(4096 * math.log(4096 / ranks.count(0)) if raw <= 2.5 * 4096 and 0 in ranks else raw)
