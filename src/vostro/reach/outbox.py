"""The outbox 发件箱: which messages are promised, and the call list that carries them.

Messages are made from decisions and become visible in the same transaction as those.
Writing the file can be repeated at any time: the same outbox gives the same bytes, and
the file appears whole or not at all.
"""

import os
from pathlib import Path

import polars as pl

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
_FORMULA = r"^[=+\-@\t\r]"


def promise_messages(decisions: pl.DataFrame, *, channel: str, script: Text) -> pl.DataFrame:
    """Return one message for each contacted customer, best first within a wave.

    Args:
        decisions: decision_id, customer, wave, as_of, verdict, response_probability, value and
            reasons (list of structs with ``en`` and ``zh``).
        channel: carries the messages.
        script: with ``{reasons}``.
    """
    said = decisions.filter(pl.col("verdict").is_in(["chosen", "explored"])).with_columns(
        channel=pl.lit(channel),
        # The order of calling must not tell the agent who was drawn at random.
        place=pl.col("value").rank("ordinal", descending=True).over("wave"),
        reasons_en=_joined("en", "; "),
        reasons_zh=_joined("zh", "；"),
    )
    return (
        said.with_columns(
            script_en=_filled(script.en, "reasons_en", ". "),
            script_zh=_filled(script.zh, "reasons_zh", "。"),
        )
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


def _filled(script: str, column: str, end: str) -> pl.Expr:
    before, found, after = script.partition("{reasons}")
    if not found:
        return pl.lit(script)
    reasons = pl.when(pl.col(column) == "").then(pl.lit("")).otherwise(pl.col(column) + end)
    return pl.concat_str(pl.lit(before), reasons, pl.lit(after))
