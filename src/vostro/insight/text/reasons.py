"""Text reasons 文本原因码: which words speak for the class that was said, in words of both languages?"""

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.words import Text

__all__ = ["TextReason", "best_words", "reason_lists", "top_words"]

_STRUCT = pl.Struct({"word": pl.String, "effect_logodds": pl.Float64, "en": pl.String, "zh": pl.String})
HAS_LETTER = r"[\p{L}\p{So}]"


class TextReason(msgspec.Struct, frozen=True):
    """One word that speaks for a class in one text."""

    word: str  # as it was read: NFKC, small letters
    effect_logodds: float  # what it adds to the log-odds of the class, with its parts and neighbours
    say: Text


def best_words(effects: pl.DataFrame, k: int) -> pl.DataFrame:
    """Return the ``k`` words of each text that speak most for its class, strongest first.

    Args:
        effects: columns row, word, effect_logodds; each word of a text once.
        k: count, at least 1.
    """
    order = ["row", "effect_logodds", "word"]
    speaking = effects.filter((pl.col("effect_logodds") > 0) & pl.col("word").str.contains(HAS_LETTER))
    ranked = speaking.sort(order, descending=[False, True, False])
    return ranked.group_by("row", maintain_order=True).head(k)


def reason_lists(best: pl.DataFrame, names: pl.Series, rows: int) -> pl.Series:
    """Return words as one list of structs a text, strongest first, shape (rows,).

    Args:
        best: columns row, word, effect_logodds.
        names: shape (rows,); the class of each text, as a text.
        rows: count of texts.
    """
    named = best.with_columns(name=names.gather(best["row"]))
    said = named.with_columns(
        en=pl.format("'{}' speaks for '{}'", "word", "name"), zh=pl.format("“{}”支持“{}”", "word", "name")
    )
    structs = pl.struct("word", "effect_logodds", "en", "zh").alias("reasons")
    lists = (
        said.select(pl.col("row").cast(pl.Int64), structs).group_by("row", maintain_order=True).agg("reasons")
    )
    every = pl.DataFrame({"row": np.arange(rows)}, schema={"row": pl.Int64})
    joined = every.join(lists, on="row", how="left", maintain_order="left")["reasons"]
    return joined.cast(pl.List(_STRUCT)).fill_null(pl.Series([[]], dtype=pl.List(_STRUCT)))


def top_words(
    effects: pl.DataFrame, of: npt.NDArray[np.int64], classes: int, k: int
) -> list[tuple[str, ...]]:
    """Return the words that speak most for each class over all its texts, strongest first.

    A word counts from three texts of the class on, from two where the class has fewer than ten: what one
    customer alone wrote is never told.

    Args:
        effects: columns row, word, effect_logodds.
        of: shape (n,); the class of each text.
        classes: count.
        k: count of words.
    """
    sizes = np.bincount(of, minlength=classes)
    least = pl.Series("least", np.where(sizes < 10, 2, 3))
    group = pl.Series("group", of)
    spoken = effects.filter(pl.col("word").str.contains(HAS_LETTER))
    summed = (
        spoken.with_columns(group=group.gather(spoken["row"]))
        .group_by("group", "word")
        .agg(effect=pl.col("effect_logodds").sum(), texts=pl.len())
    )
    summed = summed.filter((pl.col("effect") > 0) & (pl.col("texts") >= least.gather(summed["group"])))
    ranked = summed.sort(["group", "effect", "word"], descending=[False, True, False])
    best = dict(ranked.group_by("group", maintain_order=True).agg(pl.col("word").head(k)).iter_rows())
    return [tuple(best.get(each, ())) for each in range(classes)]
