"""Clusters as rules 聚类转规则: which short rule over tags selects nearly the customers of a cluster?

A shallow decision tree is learnt on seven tenths of the customers; its leaves that are mostly of the
cluster become one rule. How well the rule stands for the cluster (precision and recall) is counted on
the other three tenths, by the rule itself.

Source: Craven and Shavlik (1996), "Extracting Tree-Structured Representations of Trained Networks".
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import declared_kind, read_kind
from vostro.portrait import TagInfo, parse_rule

__all__ = ["ClusterRule", "cluster_rule"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
DEPTH_MOST = 4
LEARN_SHARE = 0.7
LEVELS_MOST = 12
_BELOW = -1e30  # stands for "not known", below every number; trees hold 32-bit floats


class ClusterRule(msgspec.Struct, frozen=True):
    """A rule that stands for a cluster."""

    rule: str  # in the rule language
    precision: float  # of those that the rule selects, in the cluster; on customers it was not learnt from
    recall: float  # of the cluster, selected by the rule
    rows: int  # customers that it was judged on


class _Question(msgspec.Struct, frozen=True):
    """A column to split on: a number (no word), a yes-or-no (empty word), or one word of a tag."""

    tag: str
    word: str | None
    nulls: bool  # the tag is not known of everyone


class _Split(msgspec.Struct, frozen=True):
    """A yes-or-no question, and how a rule says its two answers."""

    no: str  # value <= 0.5, or below the border
    yes: str


def cluster_rule(
    frame: pl.DataFrame, member: Mask, tags: Mapping[str, TagInfo], *, seed: int = 0
) -> ClusterRule | None:
    """Return a rule for the customers of a mask; None when no short rule finds them.

    Args:
        frame: shape (n, tags); numbers, words and yes-or-no that segments may use are tried.
        member: shape (n,), who is in the cluster.
        tags: the bank's, for the types of the rule.
        seed: of the split into learning and judging.
    """
    from sklearn.tree import DecisionTreeClassifier

    matrix, names = _questions(frame, tags)
    learn = np.random.default_rng(seed).random(frame.height) < LEARN_SHARE
    if not names or not member[learn].any() or member[learn].all() or not member[~learn].any():
        return None
    least = max(20, frame.height // 200)
    tree = DecisionTreeClassifier(max_depth=DEPTH_MOST, min_samples_leaf=least, random_state=seed)
    tree.fit(matrix[learn], member[learn])
    paths = [" AND ".join(path) for path in _paths(tree.tree_, names, list(tree.classes_)) if path]
    if not paths:
        return None
    rule = " OR ".join(f"({path})" for path in paths) if len(paths) > 1 else paths[0]
    selected = parse_rule(rule, tags).mask(frame.filter(pl.Series(~learn)))
    hits = int((selected & member[~learn]).sum())
    precision, recall = hits / max(int(selected.sum()), 1), hits / int(member[~learn].sum())
    return ClusterRule(rule, precision, recall, int((~learn).sum()))


def _questions(frame: pl.DataFrame, tags: Mapping[str, TagInfo]) -> tuple[Floats, list[_Question]]:
    """Return columns to split on, shape (n, questions), and what each asks."""
    columns: list[Floats] = []
    names: list[_Question] = []
    for name in frame.columns:
        if name not in tags or "segment" not in tags[name].uses:
            continue
        kind, nulls = declared_kind(frame[name]), frame[name].null_count() > 0
        if kind == "number":
            values = read_kind(frame, name, "number").to_numpy()
            columns.append(np.where(np.isfinite(values), values, _BELOW))
            names.append(_Question(name, None, nulls))
        elif kind == "boolean":
            columns.append(frame[name].fill_null(False).to_numpy().astype(np.float64))
            names.append(_Question(name, "", nulls))
        elif kind == "text":
            levels = frame[name].drop_nulls().value_counts(sort=True)[name].head(LEVELS_MOST).to_list()
            for level in levels:
                columns.append((frame[name] == level).fill_null(False).to_numpy().astype(np.float64))
                names.append(_Question(name, level, nulls))
    return (np.column_stack(columns) if columns else np.zeros((frame.height, 0))), names


def _paths(tree: Any, names: list[_Question], classes: list[bool]) -> list[list[str]]:
    """Return the conditions of every part of the tree that is of the cluster as a whole."""
    if True not in classes:
        return []
    kinds = _kinds(tree, classes.index(True))
    found: list[list[str]] = []
    todo: list[tuple[int, list[str]]] = [(0, [])]
    while todo:
        node, path = todo.pop()
        if kinds[node] is not None:
            if kinds[node]:
                found.append(path)
            continue
        split = _split(names[tree.feature[node]], float(tree.threshold[node]))
        todo += [
            (tree.children_right[node], [*path, split.yes]),
            (tree.children_left[node], [*path, split.no]),
        ]
    return found


def _kinds(tree: Any, inside: int) -> list[bool | None]:
    """Say of each node whether all below it is of the cluster (True), is not (False), or differs (None)."""
    kinds: list[bool | None] = [None] * tree.node_count
    for node in reversed(range(tree.node_count)):  # children come after their parent
        left, right = tree.children_left[node], tree.children_right[node]
        if left < 0:
            kinds[node] = bool(tree.value[node][0].argmax() == inside)
        elif kinds[left] == kinds[right]:
            kinds[node] = kinds[left]
    return kinds


def _split(question: _Question, border: float) -> _Split:
    tag, word = question.tag, question.word
    unknown = f" OR {tag} IS NULL" if question.nulls else ""
    if word is None:
        if border < _BELOW / 2:
            return _Split(f"{tag} IS NULL", f"{tag} IS NOT NULL")
        shown = f"{border:.6g}" if abs(border) < 1e6 else f"{border:.0f}"
        return _Split(_either(f"{tag} <= {shown}", unknown), f"{tag} > {shown}")
    if word == "":
        return _Split(f"{tag} IS NOT TRUE" if question.nulls else f"NOT {tag}", tag)
    quoted = word.replace("'", "''")
    return _Split(_either(f"{tag} <> '{quoted}'", unknown), f"{tag} = '{quoted}'")


def _either(condition: str, unknown: str) -> str:
    return f"({condition}{unknown})" if unknown else condition
