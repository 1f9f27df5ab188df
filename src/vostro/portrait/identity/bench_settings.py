"""Which settings are chosen by made-up people 关联设置的选择: without a look at any public set.

Every setting of blocking and grouping is changed while the others stay, and records of made-up people are linked
by the same door. What has the best mean F1 over the worlds and seeds is chosen; within ``TIE`` of the best, the
setting that stands stays.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from statistics import fmean
from typing import Any

from vostro.portrait.identity import blocking, grouping, matching
from vostro.portrait.identity.bench import pairwise
from vostro.portrait.identity.linking import link
from vostro.portrait.identity.made_people import WORLDS, World, made_people

__all__ = ["SETTINGS", "bench_link_settings"]

TIE = 0.002  # of F1; less is chance between worlds
SETTINGS: Mapping[str, tuple[Any, ...]] = {  # what stands comes first
    "pairs_a_rule": (10, 5, 20),
    "pairs_a_record": (100, 50, 200),
    "bits_most": (10.0, 5.0, 20.0),
    "stop_bits": (0.0, -3.0, 3.0),
    "grouping": ("average", "components"),
}


def bench_link_settings(
    worlds: Mapping[str, World] = WORLDS, *, seeds: int = 1, seed: int = 11
) -> dict[str, Any]:
    """Link made-up people under each setting.

    Args:
        worlds: of what people.
        seeds: draws of each world.
        seed: of the first draw.

    Returns:
        ``f1``: for each setting and value the mean F1, and ``worlds``, that of each world; ``chosen``: the value of
        each setting; ``stands``: whether the settings in force are those chosen.
    """
    drawn = {(name, i): made_people(each, seed + i) for name, each in worlds.items() for i in range(seeds)}
    standing = {name: values[0] for name, values in SETTINGS.items()}
    base = _scores(drawn, standing)
    found: dict[str, dict[str, float]] = {}
    chosen: dict[str, Any] = {}
    by_world: dict[str, dict[str, float]] = {"as it stands": _by_world(base)}
    for name, values in SETTINGS.items():
        scores = {values[0]: fmean(base.values())}
        for value in values[1:]:
            changed = _scores(drawn, standing | {name: value})
            scores[value] = fmean(changed.values())
            by_world[f"{name} {value}"] = _by_world(changed)
        best = max(scores, key=lambda value, own=scores: own[value])  # type: ignore[misc]
        chosen[name] = values[0] if scores[best] - scores[values[0]] <= TIE else best
        found[name] = {str(value): round(score, 4) for value, score in scores.items()}
    return {"f1": found, "worlds": by_world, "chosen": chosen, "stands": chosen == standing, "seeds": seeds}


def _scores(drawn: Mapping[Any, Any], settings: Mapping[str, Any]) -> dict[Any, float]:
    with _under(settings):
        return {key: _f1(*records) for key, records in drawn.items()}


def _f1(records: Any, truth: Any) -> float:
    precision, recall = pairwise(link(records, id="id").people["person"], truth)
    return 2 * precision * recall / max(precision + recall, 1e-12)


def _by_world(scores: Mapping[Any, float]) -> dict[str, float]:
    names = dict.fromkeys(name for name, _ in scores)
    return {
        name: round(fmean(score for (each, _), score in scores.items() if each == name), 4) for name in names
    }


@contextmanager
def _under(settings: Mapping[str, Any]) -> Iterator[None]:
    """Let the settings hold for a while."""
    groups = partial(grouping.average_groups, least=settings["stop_bits"])
    changes = [
        (blocking, "PAIRS_A_RULE", settings["pairs_a_rule"]),
        (blocking, "PAIRS_A_RECORD", settings["pairs_a_record"]),
        (matching, "WEIGHT_MAX", settings["bits_most"]),
        (matching, "average_groups", groups if settings["grouping"] == "average" else _connected),
    ]
    before = [getattr(module, name) for module, name, _ in changes]
    for module, name, value in changes:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(changes, before, strict=True):
            setattr(module, name, value)


def _connected(n: int, left: Any, right: Any, weight: Any) -> Any:
    """Leave components as they are, save what was decided to be apart."""
    return grouping.components(n, left, right, weight, least=-100.0)
