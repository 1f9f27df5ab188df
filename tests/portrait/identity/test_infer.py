"""Which column is what, on the columns of real sets and of a Chinese bank."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from vostro.portrait.identity.bench import read_set
from vostro.portrait.identity.errors import FieldKindError
from vostro.portrait.identity.infer import checked_fields, infer_fields


def test_columns_of_the_real_sets(data_dir: Path) -> None:
    frame, id, _ = read_set(data_dir, "historical_50k")
    assert infer_fields(frame, frozenset({id})) == {
        "first_name": "name",
        "surname": "name",
        "dob": "date",
        "birth_place": "text",
        "postcode_fake": "postcode",
        "gender": "category",
        "occupation": "text",
    }, "full_name and first_and_surname repeat the parts of the name"
    frame, id, _ = read_set(data_dir, "febrl3")
    kinds = infer_fields(frame, frozenset({id}))
    assert kinds["soc_sec_id"] == "id_number"
    assert kinds["date_of_birth"] == "date"
    assert kinds["address_1"] == kinds["address_2"] == "address"
    assert kinds["street_number"] == "text"


def test_chinese_columns_and_useless_ones() -> None:
    frame = pl.DataFrame(
        {
            "姓名": ["王小明", "李雷", "韩梅梅"],
            "手机": ["13800138000", "13900139000", "13700137000"],
            "身份证": ["110101199003071234", "110101199003074321", "110101199003077777"],
            "生日": [date(1990, 3, 7), date(1991, 3, 7), date(1992, 3, 7)],
            "邮编": ["100000", "100001", "100002"],
            "same": ["x", "x", "x"],
            "empty": [None, None, None],
            "amount": [1.5, 2.5, 3.5],
        }
    )
    expected = {"姓名": "name", "手机": "phone", "身份证": "id_number", "生日": "date", "邮编": "postcode"}
    assert infer_fields(frame, frozenset()) == expected


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(FieldKindError, match="'nam'"):
        checked_fields({"a": "nam"})
