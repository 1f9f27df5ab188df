"""Files 文件: how does the twin bank write and read the files it shares with Vostro?"""

import gzip
from pathlib import Path

import numpy as np
import polars as pl

from vostro.twin.chance import BoolArray
from vostro.twin.errors import CallListCustomerError, CallListFileError

__all__ = ["ZONE_NAME", "as_text", "moments", "read_call_list", "write_csv"]

ZONE_NAME = "Asia/Shanghai"  # the bank's; it has had one offset since 1991
_OFFSET = "+08:00"


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame as the file will show it: text in every column, money with two decimals."""
    money = pl.col(pl.Float64).cast(pl.Decimal(18, 2))
    return frame.with_columns(money).with_columns(pl.all().cast(pl.String).fill_null(""))


def moments(name: str, seconds: np.ndarray) -> pl.Series:
    """Return local seconds since 1970 as texts such as ``2026-03-02T09:30:00+08:00``."""
    local = pl.Series(name, seconds.astype("datetime64[s]").astype("datetime64[ms]"))
    return local.dt.strftime("%Y-%m-%dT%H:%M:%S" + _OFFSET)


def write_csv(frame: pl.DataFrame, path: Path, *, separator: str = ",") -> None:
    """Write a frame of texts, nothing quoted, gzip by the name's ending; the file appears whole or not."""
    data = frame.write_csv(separator=separator, quote_style="never").encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, compresslevel=6, mtime=0)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def read_call_list(path: Path, customers: int) -> BoolArray:
    """Return who is on a call list, shape (customers,), in the order of customer_id.

    Raises:
        CallListFileError: no such file, or no column ``customer``.
        CallListCustomerError: a customer whom the bank does not have.
    """
    try:
        names = pl.read_csv(path, columns=["customer"], infer_schema=False)["customer"]
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CallListFileError(file=str(path)) from error
    number = names.str.extract(r"^C(\d{8})$").cast(pl.Int64)
    known = number.is_between(1, customers).fill_null(value=False)
    if not known.all():
        record = int((~known).arg_true()[0]) + 1
        raise CallListCustomerError(file=str(path), record=record)
    called = np.zeros(customers, dtype=np.bool_)
    called[number.to_numpy() - 1] = True
    return called
