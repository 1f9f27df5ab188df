"""Model tags 模型标签: are their estimators there, and what follows when estimates change?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import polars as pl

from vostro.engine import Lake
from vostro.words import Fault, suggest

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["learning_order", "model_faults", "with_model_tags"]

_NODE = "estimator "  # before the code of an estimator among tags: no tag has a blank


def with_model_tags(
    portraits: pl.DataFrame, tags: "Mapping[str, Tag]", lake: Lake, *, as_of: datetime | None = None
) -> pl.DataFrame:
    """Return portraits with the estimates that are kept by now, and all that rules make of them.

    Args:
        portraits: as ``build_portraits`` returns them, perhaps before the estimators had answered.
        tags: of the bank.
        lake: holds the estimates.
        as_of: the moment of the portraits; None: all that is kept.
    """
    from vostro.portrait.build import with_held, with_rule_tags
    from vostro.portrait.catalogue.held import held_values

    own = [code for code, tag in tags.items() if tag.kind not in ("rule", "household")]
    held = held_values(lake, tags, as_of=as_of)
    return with_rule_tags(with_held(portraits.select("customer", *own), tags, held), tags)


def model_faults(tags: "Mapping[str, Tag]", estimators: Mapping[str, Iterable[str]]) -> list[Fault]:
    """Return what is wrong between model tags and estimators.

    Args:
        tags: of the bank.
        estimators: code -> the tags that it reads.

    Returns:
        A fault for each model tag whose estimator does not exist, that an estimator reads to make it (a
        circle), or that may be used to price although the estimator reads a tag that may not.
    """
    faults = []
    circle = set(_circle(tags, estimators))
    for code, tag in tags.items():
        if tag.kind != "model" or tag.model is None:
            continue
        name = tag.model.estimator
        if name not in estimators:
            close = suggest(name, set(estimators))
            hint = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
            faults.append(
                _at(tag, f"there is no estimator '{name}'{hint[0]}", f"没有名为“{name}”的模型{hint[1]}")
            )
        elif code in circle:
            en = f"tag '{code}' and estimator '{name}' read each other in a circle"
            faults.append(_at(tag, en, f"标签“{code}”与模型“{name}”循环引用"))
        else:
            unpriced = [each for each in estimators[name] if each in tags and "price" not in tags[each].uses]
            if "price" in tag.uses and unpriced:
                en = f"use 'price' is not allowed: estimator '{name}' reads tag '{unpriced[0]}', which may not price"
                zh = f"不允许用途“price”：模型“{name}”读取的标签“{unpriced[0]}”不得用于定价"
                faults.append(_at(tag, en, zh))
    return faults


def learning_order(tags: "Mapping[str, Tag]", estimators: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the estimators, each after those whose estimates it reads as tags; see ``model_faults``."""
    graph = _graph(tags, estimators)
    order = TopologicalSorter(graph).static_order()
    names = [name.removeprefix(_NODE) for name in order if name.startswith(_NODE)]
    return [name for name in names if name in estimators]  # clusters and unknown ones are others' matter


def _graph(tags: "Mapping[str, Tag]", estimators: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {_NODE + name: set(reads) for name, reads in estimators.items()}
    for code, tag in tags.items():
        graph[code] = set(tag.depends)
        if tag.kind == "model" and tag.model is not None:
            graph[code].add(_NODE + tag.model.estimator)
    return graph


def _circle(tags: "Mapping[str, Tag]", estimators: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the tags and estimators of all circles."""
    graph = _graph(tags, estimators)
    found: list[str] = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
            return found
        except CycleError as error:
            circle = error.args[1]
            found += circle
            graph = {code: reads - set(circle) for code, reads in graph.items() if code not in circle}


def _at(tag: "Tag", en: str, zh: str) -> Fault:
    return Fault(file=tag.file, line=tag.line, message_en=en, message_zh=zh)
