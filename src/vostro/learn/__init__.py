"""Learn 学习: what the choice earned, with intervals, and what another would have earned."""

from vostro.learn.capacity import what_if_capacity
from vostro.learn.effect import measure_effect, waiting_effect
from vostro.learn.intervals import difference, percentile_interval, rate
from vostro.learn.results import *  # noqa: F403 - the results' own __all__ is the list
from vostro.learn.results import __all__ as _results

__all__ = [
    "difference",
    "measure_effect",
    "percentile_interval",
    "rate",
    "waiting_effect",
    "what_if_capacity",
]
__all__ += _results
