"""Mending 修正: what did a person write into the exported rejects?"""

from pathlib import Path

import polars as pl
import sqlalchemy as sa

from vostro.capture.errors import MendedFileError
from vostro.capture.readers import Block, SourceFormat, open_source
from vostro.capture.rejects import EXPORT_COLUMNS
from vostro.engine import Store
from vostro.engine import reject as reject_table

__all__ = ["check_mended", "read_mended"]

_ID = "_reject_id"
_SHOWN = 5


def read_mended(path: Path) -> pl.DataFrame:
    """Read a mended file: ``_reject_id`` and the columns of the source, as text.

    A record that was never split into fields, and whose columns are all still empty, is left out:
    it is not mended yet.

    Raises:
        ReadError, MendedFileError: it cannot be read, or is not an exported file.
    """
    frames = []
    with open_source(path, SourceFormat(kind="csv")) as source:
        if _ID not in source.header:
            raise _refuse(path, f"column '{_ID}' is missing.", f"缺少列“{_ID}”。")
        headers = [name for name in source.header if name not in EXPORT_COLUMNS]
        for block in source:
            frames.append(_ids(path, block).with_columns(block.frame.select(headers)))
    if not frames or not headers:
        return pl.DataFrame(schema={_ID: pl.Int64, **dict.fromkeys(headers, pl.String)})
    whole = pl.concat(frames)
    twice = whole.filter(pl.col(_ID).is_duplicated())
    if twice.height:
        number = twice[_ID][0]
        raise _refuse(path, f"reject {number} occurs twice.", f"拒收记录 {number} 重复。")
    return whole.filter(pl.any_horizontal(pl.col(headers).is_not_null()))


def check_mended(store: Store, mended: pl.DataFrame, source: str | None, path: Path) -> None:
    """Refuse a file that names rejects that are not kept, or not of this source.

    Raises:
        MendedFileError: it does.
    """
    table = reject_table.c
    wanted = mended[_ID].to_list()
    query = sa.select(table.id).where(
        table.id == sa.func.any(sa.bindparam("ids", wanted, type_=sa.ARRAY(sa.BigInteger)))
    )
    if source is not None:
        query = query.where(table.source == source)
    with store.begin() as connection:
        known = set(connection.scalars(query))
    lost = sorted(set(wanted) - known)
    if lost:
        shown = ", ".join(str(each) for each in lost[:_SHOWN]) + (", ..." if len(lost) > _SHOWN else "")
        raise _refuse(path, f"there are no rejects numbered {shown}.", f"不存在编号为 {shown} 的拒收记录。")


def _ids(path: Path, block: Block) -> pl.DataFrame:
    if block.broken:
        first = block.broken[0]
        raise _refuse(
            path, f"line {first.line}: {first.message.en}", f"第 {first.line} 行：{first.message.zh}"
        )
    ids = block.frame.select(pl.col(_ID).str.strip_chars().cast(pl.Int64, strict=False))
    wrong = ids[_ID].is_null().arg_true()
    if len(wrong):
        line = int(block.lines[wrong[0]])
        raise _refuse(path, f"line {line}: '{_ID}' is not a number.", f"第 {line} 行：{_ID} 不是数字。")
    return ids


def _refuse(path: Path, problem_en: str, problem_zh: str) -> MendedFileError:
    return MendedFileError(file=str(path), problem_en=problem_en, problem_zh=problem_zh)
