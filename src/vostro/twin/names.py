"""Names and telephones 姓名与电话: whom could nobody take for a real person?

The family name is always "example" (示例, Exemplo), and every telephone number lies in the
block 555-0100 to 555-0199, which the North American Numbering Plan reserves for fiction.
So masking can be shown without anybody's data.
"""

import numpy as np
import polars as pl

from vostro.twin.chance import BoolArray, IntArray, stream

__all__ = ["made_up_names", "made_up_phones"]

_CHINESE = (
    ("欣怡", "雨桐", "梓涵", "晓梅", "丽华", "秀英", "静雯", "佳琪", "玉兰", "若曦"),
    ("子轩", "浩然", "建国", "志强", "宇航", "俊杰", "文博", "家豪", "永福", "思远"),
)
_PORTUGUESE = (
    ("Beatriz", "Inês", "Mariana", "Leonor", "Catarina", "Joana", "Sofia", "Teresa"),
    ("João", "Tiago", "Rui", "Duarte", "Miguel", "António", "Vasco", "Nuno"),
)
_AREA_FIRST, _AREA_COUNT = 201, 780  # any area code will do; the block after it is the fictional part
_LINE_FIRST, _LINE_COUNT = 100, 100


def made_up_names(seed: int, female: BoolArray, portuguese: BoolArray) -> pl.Series:
    """Return one made-up full name a customer, shape (n_customers,)."""
    table = [f"示例{name}" for names in _CHINESE for name in names]
    table += [f"{name} Exemplo" for names in _PORTUGUESE for name in names]
    chinese, western = len(_CHINESE[0]), len(_PORTUGUESE[0])
    size = np.where(portuguese, western, chinese)
    first = np.where(portuguese, 2 * chinese, 0) + np.where(female, 0, size)
    code = first + (stream(seed, "names").random(female.size) * size).astype(np.int64)
    return pl.Series("full_name", table).gather(pl.Series(code))


def made_up_phones(seed: int, count: int) -> pl.Series:
    """Return one telephone number a customer, shape (count,), such as ``+1-212-555-0123``."""
    generator = stream(seed, "phones")
    area: IntArray = generator.integers(_AREA_FIRST, _AREA_FIRST + _AREA_COUNT, count)
    line: IntArray = generator.integers(_LINE_FIRST, _LINE_FIRST + _LINE_COUNT, count)
    parts = pl.DataFrame({"area": area, "line": line})
    text = pl.format("+1-{}-555-0{}", "area", "line").alias("phone")
    return parts.select(text).to_series()
