"""What a table says now, after several files and contracts."""

import polars as pl
import pytest

from vostro.capture import current, lake_schema
from vostro.engine import LakeTableMissingError

from .conftest import CLIENTS
from .test_loading import HEADER


def test_nothing_loaded(desk):
    with pytest.raises(LakeTableMissingError):
        current(desk.lake, desk.contract())


def test_schema_is_that_of_the_files(desk):
    desk.load(HEADER)
    assert current(desk.lake, desk.contract()).collect_schema() == lake_schema(desk.contract())
    assert desk.table().schema == lake_schema(desk.contract())


def test_files_of_an_older_contract_are_shown_in_the_new_form(desk):
    desk.load(HEADER + "a,30,2020-01-01,1.00,clerk\n")
    newer = CLIENTS.replace("age: {type: integer, min: 17, max: 110", "age: {type: number").replace(
        "  job: {type: text", "  city: {from: job, type: text"
    )
    desk.load(HEADER + "b,31,,,Porto\n", newer, name="newer.csv")
    rows = current(desk.lake, desk.contract(newer)).sort("client_id").collect()
    assert rows["age"].to_list() == [30.0, 31.0]
    assert rows.schema["age"] == pl.Float64
    assert rows["city"].to_list() == [None, "Porto"]


def test_without_a_key_every_row_counts(desk):
    keyless = CLIENTS.replace("key: [client_id]\n", "")
    desk.load(HEADER + "a,30,,,\n", keyless)
    desk.load(HEADER + "a,30,,,\na,30,,,\n", keyless, name="two.csv")
    assert current(desk.lake, desk.contract(keyless)).collect().height == 3
