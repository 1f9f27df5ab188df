"""Workbooks, written by openpyxl."""

import datetime as dt
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.words import VostroError


@pytest.fixture
def book(tmp_path):
    """Write a workbook of named sheets: ``book({"A": [[...], ...]}, start=(row, column))``."""

    def book(sheets, *, start=(1, 1)):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for down, row in enumerate(rows):
                for right, value in enumerate(row):
                    sheet.cell(start[0] + down, start[1] + right, value)
        path = tmp_path / "book.xlsx"
        workbook.save(path)
        return path

    return book


def test_cells_as_a_person_would_write_them(book, read):
    moment = dt.datetime.fromisoformat("2026-01-02T03:04:05")
    header = list("abcdefghij")
    row = [
        1,
        1.5,
        moment,
        dt.date(2026, 1, 2),
        dt.time(3, 4, 5),
        True,
        10**14,
        1e-7,
        dt.timedelta(hours=30),
        "a\nb",
    ]
    whole = read(book({"A": [header, row, [None] * 10, ["x"]]}))
    assert whole.header == tuple(header)
    assert whole.rows[0] == (
        *(
            "1",
            "1.5",
            "2026-01-02T03:04:05",
            "2026-01-02",
            "03:04:05",
            "true",
            "100000000000000",
            "0.0000001",
        ),
        *("30:00:00", "a\nb"),
    )
    assert whole.rows[1] == ("x", *[None] * 9)
    assert whole.lines == [2, 4]
    assert whole.numbers == [1, 2]


def test_an_error_cell_breaks_its_row(book, read):
    whole = read(book({"A": [["a", "b"], [1, "#DIV/0!"], [2, "ok"], ["#N/A", None]]}))
    assert whole.rows == [("2", "ok")]
    assert [(each.code, each.line, each.number) for each in whole.broken] == [
        ("capture.cell_error", 2, 1),
        ("capture.cell_error", 4, 3),
    ]
    assert "Cell B2 holds the error #DIV/0!" in whole.broken[0].message.en


def test_a_table_that_does_not_begin_in_the_corner(book, read):
    whole = read(book({"A": [["a", "b"], [1, 2], ["#N/A", 3]]}, start=(3, 1)))
    assert (whole.header, whole.rows, whole.lines) == (("a", "b"), [("1", "2")], [4])
    assert whole.broken[0].line == 5


def test_empty_columns_on_the_left_are_no_columns(book, read):
    whole = read(book({"A": [["a", "b"], [1, 2], [3, 4, 5], [None, "#N/A"]]}, start=(2, 3)))
    assert (whole.header, whole.rows, whole.lines) == (("a", "b"), [("1", "2")], [3])
    assert [each.message.en[:7] for each in whole.broken] == ["Cell E4", "Cell D5"]


def test_a_value_under_no_header(book, read):
    whole = read(book({"A": [["a"], [1], [2, "lost"]]}))
    assert whole.rows == [("1",)]
    assert "Cell B3" in whole.broken[0].message.en


def test_sheets_by_name(book, read):
    path = book({"First": [["a"], [1]], "第二": [["b"], [2], ["#N/A"]]})
    assert read(path).header == ("a",)
    whole = read(path, sheet="第二")
    assert (whole.header, whole.codes) == (("b",), ["capture.cell_error"])
    with pytest.raises(VostroError, match=r"no sheet 'Third'. It has: First, 第二"):
        read(path, sheet="Third")


def test_no_header(book, read):
    whole = read(book({"A": [[1, 2], [3, 4]]}), header=False)
    assert (whole.header, whole.rows, whole.lines) == (
        ("column_1", "column_2"),
        [("1", "2"), ("3", "4")],
        [1, 2],
    )


def test_an_empty_sheet_and_two_columns_of_one_name(book, read):
    with pytest.raises(VostroError) as caught:
        read(book({"A": []}))
    assert caught.value.code == "capture.file_empty"
    with pytest.raises(VostroError, match="line 1: the header names 'a' twice"):
        read(book({"A": [["a", "a"]]}))


def test_many_rows_come_in_blocks(book, read, monkeypatch):
    monkeypatch.setattr("vostro.capture.readers.xlsx._BLOCK_ROWS", 7)
    whole = read(book({"A": [["a"], *([each] for each in range(100))]}))
    assert whole.rows == [(str(each),) for each in range(100)]
    assert whole.lines == list(range(2, 102))


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_files_that_are_no_workbook(content, put, read):
    with pytest.raises(VostroError) as caught:
        read(put(content, "f.xlsx"))
    assert caught.value.code == "capture.xlsx_corrupt"


def test_an_archive_that_is_no_workbook(tmp_path, read):
    with zipfile.ZipFile(tmp_path / "f.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(VostroError) as caught:
        read(tmp_path / "f.xlsx")
    assert caught.value.code == "capture.xlsx_corrupt"


@settings(deadline=None)
@given(place=st.integers(0), flip=st.integers(1, 255), cut=st.booleans())
def test_damage_raises_only_our_errors(place, flip, cut, tmp_path_factory, read):
    path = tmp_path_factory.mktemp("bad") / "f.xlsx"
    workbook = openpyxl.Workbook()
    for row in [["a", "b"], [1, "x"], ["#N/A", 2.5]]:
        workbook.active.append(row)
    workbook.save(path)
    data = bytearray(path.read_bytes())
    at = place % len(data)
    if cut:
        del data[at:]
    else:
        data[at] ^= flip
    path.write_bytes(data or b"P")
    try:
        read(path)
    except VostroError as error:
        assert error.say("zh")
