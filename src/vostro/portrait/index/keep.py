"""Keeping the index 索引存取: written whole or not at all, and read without copying a byte.

A folder holds generations of the index and a file ``current`` that names the one in force. A new
generation is written beside it, flushed, and named by one rename; who has the old one open keeps it.
Opening maps the files: bitmaps that no rule reads are never read from the disk.
"""

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.index.columns import Column, Shape
from vostro.portrait.index.customers import Customers
from vostro.portrait.index.distribution import Bins, count_base
from vostro.portrait.index.errors import IndexDamagedError, IndexMissingError
from vostro.portrait.index.index import AudienceIndex, Freshness

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["open_index", "save_index"]

_FORMAT = 1
_CURRENT = "current"
_TRIES = 3  # a generation may be replaced between reading its name and opening it


class _Array(msgspec.Struct, frozen=True):
    dtype: str
    length: int


class _Meta(msgspec.Struct, frozen=True):
    """The file ``index.json`` of a generation."""

    format: int
    freshness: Freshness
    words: int  # of a bitmap
    bitmaps: int
    alive: int | None
    columns: list[Shape]
    bins: dict[str, Bins]
    prefix: str
    width: int
    later: list[str]
    arrays: dict[str, _Array]


def save_index(index: AudienceIndex, folder: Path) -> None:
    """Write an index into a folder; see ``AudienceIndex.save``."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"index.{uuid4().hex[:12]}"
    made = folder / f"{name}.tmp"
    made.mkdir()
    count_base(index)
    with (made / "bitmaps").open("wb") as file:
        for bitmap in index.bitmaps:
            file.write(bitmap.data)
    for array, values in index.customers.arrays.items():
        values.tofile(made / array)
    for column in index.columns.values():
        if column.texts is not None:
            column.texts.alias("text").to_frame().write_ipc(made / f"texts.{column.shape.tag}")
    (made / "index.json").write_text(
        json.dumps(msgspec.to_builtins(_meta(index)), ensure_ascii=False), encoding="utf-8"
    )
    for path in made.iterdir():
        _flush(path)
    made.rename(folder / name)
    pointer = folder / f"{name}.current"
    pointer.write_text(name, encoding="utf-8")
    _flush(pointer)
    pointer.replace(folder / _CURRENT)
    _flush(folder)
    for path in folder.glob("index.*"):
        if path.name != name:
            shutil.rmtree(path, ignore_errors=True)


def open_index(folder: Path) -> AudienceIndex:
    """Open the index that was saved last in a folder; changes to it stay in memory until it is saved.

    Raises:
        IndexMissingError: none was saved there.
        IndexDamagedError: its files do not fit together, or another version of Vostro wrote them.
    """
    for attempt in range(_TRIES):
        try:
            name = (folder / _CURRENT).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise IndexMissingError(folder=str(folder)) from None
        try:
            return _opened(folder / name)
        except FileNotFoundError as error:
            if attempt + 1 == _TRIES:
                raise IndexDamagedError(folder=str(folder), what=Path(error.filename or name).name) from None
    raise AssertionError("the last try returns or raises")


def _meta(index: AudienceIndex) -> _Meta:
    customers = index.customers
    return _Meta(
        format=_FORMAT,
        freshness=index.freshness,
        words=len(index.bitmaps[0]) if index.bitmaps else 0,
        bitmaps=len(index.bitmaps),
        alive=index.alive,
        columns=[column.shape for column in index.columns.values()],
        bins=index.bins,
        prefix=customers.prefix,
        width=customers.width,
        later=customers.later,
        arrays={name: _Array(values.dtype.str, len(values)) for name, values in customers.arrays.items()},
    )


def _opened(path: Path) -> AudienceIndex:
    meta = _read_meta(path)
    arrays = {name: _mapped(path / name, each.dtype, (each.length,)) for name, each in meta.arrays.items()}
    bitmaps = _mapped(path / "bitmaps", "<u8", (meta.bitmaps, meta.words))
    columns = {}
    for shape in meta.columns:
        texts = None
        if shape.form == "texts":
            texts = pl.read_ipc(path / f"texts.{shape.tag}")["text"]
        columns[shape.tag] = Column(shape, texts)
    return AudienceIndex(
        list(bitmaps),
        columns,
        Customers(arrays, meta.prefix, meta.width, meta.later),
        meta.freshness,
        bins=meta.bins,
        alive=meta.alive,
    )


def _read_meta(path: Path) -> _Meta:
    try:
        plain = json.loads((path / "index.json").read_text(encoding="utf-8"))
        if plain["format"] != _FORMAT:
            raise IndexDamagedError(folder=str(path.parent), what=f"format {plain['format']}")
        return msgspec.convert(plain, _Meta)
    except (ValueError, KeyError, TypeError, msgspec.ValidationError):
        raise IndexDamagedError(folder=str(path.parent), what="index.json") from None


def _mapped(path: Path, dtype: str, shape: tuple[int, ...]) -> "NDArray[Any]":
    """Map a file into memory; what is written into the array never reaches the file."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    if path.stat().st_size != size:
        raise IndexDamagedError(folder=str(path.parent.parent), what=path.name)
    if not size:
        return np.zeros(shape, dtype=kind)
    found: NDArray[Any] = np.memmap(path, dtype=kind, mode="c", shape=shape)
    return found.view(np.ndarray)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
