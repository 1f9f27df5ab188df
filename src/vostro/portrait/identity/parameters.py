"""Settled parameters 定型参数: all that was estimated, so that scoring again gives the same answer.

``m`` is how often two records of one person agree in a level, ``u`` how often two records of
different people do, and the match share how many of all pairs are of one person. Written down
once, they score new records exactly as they scored the old ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import polars as pl

from vostro.portrait.identity.blocking import BlockingRule
from vostro.portrait.identity.kinds import ELSE
from vostro.portrait.identity.prepared import Field

__all__ = ["LevelShare", "Model", "Parameters", "comparison_levels", "default_shares"]

_M_SAME, _M_ELSE = 0.7, 0.1  # before any data: seven of ten agree wholly, one of ten does not agree at all
_U_SAME, _U_ELSE = 0.01, 0.95


class LevelShare(msgspec.Struct, frozen=True):
    """How often a level is seen among pairs of one person (m) and of different people (u)."""

    level: str
    m: float
    u: float


class Parameters(msgspec.Struct, frozen=True):
    """What was settled about a set of records; JSON can hold it."""

    kinds: list[tuple[str, str]]  # field and kind, in order
    keys: list[list[str]]
    rules: list[BlockingRule]
    shares: dict[str, list[LevelShare]]  # field -> its levels, the closest first, "different" last
    match_share: float  # of all pairs
    threshold: float
    seed: int
    records: int
    sampled_pairs: int  # from which u was counted
    trained_on: dict[str, int]  # field whose equal values gave pairs to EM -> how many
    estimated: bool  # False: too few records, the defaults hold


@dataclass(frozen=True)
class Model:
    """Parameters with the frequencies of values: what scoring needs."""

    parameters: Parameters
    fields: tuple[Field, ...]
    frequencies: Mapping[str, pl.DataFrame] = field(default_factory=dict)  # column -> value, share


def comparison_levels(field: Field, fields: tuple[Field, ...]) -> list[tuple[str, str, bool]]:
    """Return the levels of a field as code, SQL condition and whether frequency counts; the last is "different"."""
    others = [each.column for each in fields if each.code == field.code and each.column != field.column]
    found = []
    for level in field.kind.levels:
        columns = others if level.others else [""]
        parts = [level.condition.replace("{c}", field.column).replace("{o}", other) for other in columns]
        if parts:
            found.append((level.code, " or ".join(parts), level.frequency))
    return [*found, (ELSE, "ELSE", False)]


def default_shares(levels: list[str]) -> list[LevelShare]:
    """Return what is believed of a field's levels before any data."""
    between = len(levels) - 2
    m_between, u_between = 1 - _M_SAME - _M_ELSE, 1 - _U_SAME - _U_ELSE
    if between <= 0:
        return [
            LevelShare(levels[0], _M_SAME + m_between, _U_SAME),
            LevelShare(levels[-1], _M_ELSE, 1 - _U_SAME),
        ]
    middle = [LevelShare(level, m_between / between, u_between / between) for level in levels[1:-1]]
    return [LevelShare(levels[0], _M_SAME, _U_SAME), *middle, LevelShare(levels[-1], _M_ELSE, _U_ELSE)]
