"""Recommenders 推荐: what does this customer want next, by others, by rules, by what the bank knows?

Three kinds of recommender (collaborative, association rules, product knowledge) give the same kind of
table, and a blender learns how much each of them is worth. Imported when first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.insight.recommend.associations import Associations
    from vostro.insight.recommend.bench import bench_baskets, bench_collaborative, bench_groceries
    from vostro.insight.recommend.blender import Blender
    from vostro.insight.recommend.choice import Setting, Tried
    from vostro.insight.recommend.collaborative import Collaborative
    from vostro.insight.recommend.knowledge import Advice, Knowledge
    from vostro.insight.recommend.knowledge_definitions import Condition, Fit, LifeEvent, Product
    from vostro.insight.recommend.ranking import RankingMeasures, measure_ranking, split_in_time
    from vostro.insight.recommend.tables import gram_of_table, itemsets_of_table, pair_counts, top_of_table

__all__ = [
    "Advice",
    "Associations",
    "Blender",
    "Collaborative",
    "Condition",
    "Fit",
    "Knowledge",
    "LifeEvent",
    "Product",
    "RankingMeasures",
    "Setting",
    "Tried",
    "bench_baskets",
    "bench_collaborative",
    "bench_groceries",
    "gram_of_table",
    "itemsets_of_table",
    "measure_ranking",
    "pair_counts",
    "split_in_time",
    "top_of_table",
]

_HOME = {
    "Associations": "associations",
    "bench_baskets": "bench",
    "bench_collaborative": "bench",
    "bench_groceries": "bench",
    "Blender": "blender",
    "Setting": "choice",
    "Tried": "choice",
    "Collaborative": "collaborative",
    "Advice": "knowledge",
    "Knowledge": "knowledge",
    "Condition": "knowledge_definitions",
    "Fit": "knowledge_definitions",
    "LifeEvent": "knowledge_definitions",
    "Product": "knowledge_definitions",
    "RankingMeasures": "ranking",
    "measure_ranking": "ranking",
    "split_in_time": "ranking",
    "gram_of_table": "tables",
    "itemsets_of_table": "tables",
    "pair_counts": "tables",
    "top_of_table": "tables",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
