"""The outbox 发件箱: which messages are promised, and the call list that carries them.

Messages are made from decisions and become visible in the same transaction as those.
Writing the file can be repeated at any time: the same outbox gives the same bytes, and
the file appears whole or not at all.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from vostro.decide import SpokenReason
from vostro.portrait import Rule
from vostro.words import Text

__all__ = ["CALL_LIST_COLUMNS", "promise_messages", "write_call_list"]

CALL_LIST_COLUMNS = (
    "customer",
    "wave",
    "as_of",
    "place",
    "response_probability",
    "value",
    "reasons_en",
    "reasons_zh",
    "script_en",
    "script_zh",
    "decision_id",
)
_PART = re.compile(r"\[([^\]]*\{reasons\}[^\]]*)\]")
_FORMULA = r"^[=+\-@\t\r]"


def promise_messages(
    decisions: pl.DataFrame,
    portraits: pl.DataFrame,
    *,
    channel: str,
    script: Text,
    phrases: Sequence[tuple[SpokenReason, Rule]],
) -> pl.DataFrame:
    """Return one message for each contacted customer, best first within a wave.

    Args:
        decisions: decision_id, customer, wave, as_of, verdict, response_probability, value and
            reasons (lists of structs with feature, effect_logodds, en and zh); shape (n,).
        portraits: the tags that ``phrases`` read, row by row the customers of ``decisions``.
        channel: carries the messages.
        script: what the agent says.
        phrases: what may be said to a customer: the tag must be among the reasons and speak for the
            product, and the rule must hold. All other reasons are for the agent alone.
    """
    contacted = decisions["verdict"].is_in(["chosen", "explored"])
    told = portraits.filter(contacted)
    said = decisions.filter(contacted).with_columns(
        channel=pl.lit(channel),
        # The order of calling must not tell the agent who was drawn at random.
        place=pl.col("value").rank("ordinal", descending=True).over("wave"),
        reasons_en=_joined("en", "; "),
        reasons_zh=_joined("zh", "；"),
    )
    fit = [(spoken, pl.Series(rule.mask(told)) & _speaks_for(said, spoken.tag)) for spoken, rule in phrases]
    spoken = said.with_columns(
        say_en=_spoken([(fits, each.say.en) for each, fits in fit], " and "),
        say_zh=_spoken([(fits, each.say.zh) for each, fits in fit], "，"),
    )
    return (
        spoken.with_columns(script_en=_filled(script.en, "say_en"), script_zh=_filled(script.zh, "say_zh"))
        .select("channel", *CALL_LIST_COLUMNS)
        .sort("wave", "place", "customer")
    )


def write_call_list(messages: pl.DataFrame, path: Path) -> int:
    """Write a channel's messages as CSV (UTF-8 with BOM, so that spreadsheets show Chinese).

    Cells that a spreadsheet would run as a formula get a leading apostrophe.

    Returns:
        How many messages were written.
    """
    text = [name for name, dtype in messages.schema.items() if dtype == pl.String]
    safe = messages.select(CALL_LIST_COLUMNS).with_columns(
        pl.when(pl.col(name).str.contains(_FORMULA))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in text
        if name in CALL_LIST_COLUMNS
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        safe.write_csv(file, include_bom=True, float_precision=4)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return safe.height


def _joined(language: str, mark: str) -> pl.Expr:
    words = pl.col("reasons").list.eval(pl.element().struct.field(language))
    return words.list.join(mark).fill_null("")


def _speaks_for(said: pl.DataFrame, tag: str) -> pl.Series:
    """Tell whose strongest reasons hold this tag with an effect above zero."""
    element = pl.element()
    mine = (element.struct.field("feature") == tag) & (element.struct.field("effect_logodds") > 0)
    return said.select(pl.col("reasons").list.eval(mine).list.any().fill_null(value=False)).to_series()


def _spoken(parts: Sequence[tuple[pl.Series, str]], mark: str) -> pl.Expr:
    """Join the phrases that fit each customer; null where none does."""
    if not parts:
        return pl.lit(None, pl.String)
    said = [pl.when(fits).then(pl.lit(text)) for fits, text in parts]
    joined = pl.concat_list(said).list.drop_nulls().list.join(mark)
    return pl.when(joined != "").then(joined)


def _filled(script: str, column: str) -> pl.Expr:
    """Put the reasons into the script, or leave its bracketed part out when there are none."""
    with_reasons, without = _PART.sub(r"\1", script), _PART.sub("", script).replace("  ", " ")
    before, _, after = with_reasons.partition("{reasons}")
    full = pl.concat_str(pl.lit(before), pl.col(column), pl.lit(after))
    return pl.when(pl.col(column).is_null()).then(pl.lit(without.replace("{reasons}", ""))).otherwise(full)
