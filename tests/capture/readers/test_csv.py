"""CSV: every kind of file a bank's systems write, against Python's own reader."""

import csv
import gzip
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from vostro.capture.readers import SourceFormat, open_source
from vostro.words import VostroError

TABLES = {
    # name: (text, rows, lines, codes and places of the broken)
    "plain": ("a,b\n1,2\n3,4\n", [("1", "2"), ("3", "4")], [2, 3], []),
    "no line end at the end": ("a,b\n1,2", [("1", "2")], [2], []),
    "CR LF": ("a,b\r\n1,2\r\n3,4\r\n", [("1", "2"), ("3", "4")], [2, 3], []),
    "CR only": ("a,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")], [2, 3], []),
    "CR only, no end": ("a,b\r1,2\r3,4", [("1", "2"), ("3", "4")], [2, 3], []),
    "mixed line ends": ("a,b\r\n1,2\n3,4\r5,6", [("1", "2"), ("3", "4"), ("5", "6")], [2, 3, 4], []),
    "header only": ("a,b\n", [], [], []),
    "header without line end": ("a,b", [], [], []),
    "blank lines": ("\n\na,b\n\n1,2\n\n\n3,4\n\n", [("1", "2"), ("3", "4")], [5, 8], []),
    "byte order mark": ("\ufeffa,b\n1,2\n", [("1", "2")], [2], []),
    "quoted": ('a,b\n"1","x, ""y"""\n', [("1", 'x, "y"')], [2], []),
    "quoted line ends": (
        'a,b\n1,"x\n\ny"\n2,"p\r\nq"\n3,z\n',
        [("1", "x\n\ny"), ("2", "p\r\nq"), ("3", "z")],
        [2, 5, 7],
        [],
    ),
    "empty and quoted empty": ('a,b\n,""\n1,\n', [(None, None), ("1", None)], [2, 3], []),
    "only an empty quoted field": ('a\n""\n\nx\n', [(None,), ("x",)], [2, 4], []),
    "ragged": (
        "a,b\n1\n1,2\n1,2,3\n3,4\n",
        [("1", "2"), ("3", "4")],
        [3, 5],
        [("capture.fields_count", 2, 2), ("capture.fields_count", 4, 4)],
    ),
    "stray quote in a field": ('a,b\n1,5" pipe\n2,"x"\n', [("1", '5" pipe'), ("2", "x")], [2, 3], []),
    "stray quote at a field's end": ('a,b\n1,5"\n"2",7"\n', [("1", '5"'), ("2", '7"')], [2, 3], []),
    "two stray quotes": ('a,b\n1,say "hi"\n2,"x\ny"\n', [("1", 'say "hi"'), ("2", "x\ny")], [2, 3], []),
    "text after a closing quote": (
        'a,b\n1,"x"y\n2,"z"\n',
        [("2", "z")],
        [3],
        [("capture.quote_stray", 2, 2)],
    ),
    "open quote swallows nothing": (
        'a,b\n1,"x\n2,y\n3,z\n',
        [("2", "y"), ("3", "z")],
        [3, 4],
        [("capture.quote_open", 2, 2)],
    ),
    "open quote closed by the next one": (
        'a,b\n1,"x\n2,y\n3,"z"\n4,w\n',
        [("2", "y"), ("3", "z"), ("4", "w")],
        [3, 4, 5],
        [("capture.quote_stray", 2, 2)],
    ),
    "open quote closed by a stray one": (
        'a,b\n1,"x\n2,y\n3,z",w\n4,v\n',
        [("2", "y"), ("4", "v")],
        [3, 5],
        [("capture.quote_open", 2, 2), ("capture.fields_count", 4, 4)],
    ),
    "long record with a field too many": (
        'a,b\n1,"x\ny",3\n2,z\n',
        [("2", "z")],
        [4],
        [("capture.fields_count", 2, 3)],
    ),
    "long record with text that looks like records": (
        'a,b\n1,"Dear sir, madam\nI, you\nhe said\nshe said",3\n2,z\n',
        [("2", "z")],
        [6],
        [("capture.fields_count", 2, 5)],
    ),
    "NUL in a record": ("a,b\n1,\0\n2,y\n", [("2", "y")], [3], [("capture.nul_bytes", 2, 2)]),
    "delimiter at every line's end": ("a,b,\n1,2,\n3,4,\n", [("1", "2"), ("3", "4")], [2, 3], []),
    "delimiter at the records' ends": ("a,b\n1,2,\n3,4,\n", [("1", "2"), ("3", "4")], [2, 3], []),
    "delimiter at the header's end": ("a,b,\n1,2\n3,4\n", [("1", "2"), ("3", "4")], [2, 3], []),
    "value behind the last delimiter": (
        "a,b\n1,2,\n3,4,5\n6,7\n",
        [("1", "2")],
        [2],
        [("capture.fields_count", 3, 3), ("capture.fields_count", 4, 4)],
    ),
    "line separators that are none": ("a,b\n1,x\u2028y\x0bz\x85\n", [("1", "x\u2028y\x0bz\x85")], [2], []),
}


@pytest.mark.parametrize("block_bytes", [1, 3, 7, 1 << 20])
@pytest.mark.parametrize("name", TABLES)
def test_tables(name, block_bytes, put, read):
    text, rows, lines, broken = TABLES[name]
    whole = read(put(text), block_bytes=block_bytes)
    assert whole.header in {("a", "b"), ("a",)}
    assert whole.rows == rows
    assert whole.lines == lines
    assert [(each.code, each.line, each.line_last) for each in whole.broken] == broken


def test_a_broken_record_shows_its_text_and_says_why(put, read):
    (record,) = read(put('a,b\n1,"x\ny",z\n')).broken
    assert record.raw == '1,"x\ny",z'
    assert record.message.en.startswith("The record has 3 fields, the header has 2.")
    assert "3 个字段" in record.message.zh
    assert record.number == 1


def test_numbers_count_broken_records_and_skip_blank_lines(put, read):
    whole = read(put("a,b\n\n1,2\nbad\n\n3,4\n"))
    assert whole.numbers == [1, 3]
    assert whole.broken[0].number == 2


def test_ten_megabytes_in_one_field(put, read):
    value = 'x,"\n' * 2_500_000
    quoted = value.replace('"', '""')
    whole = read(put(f'a,b\n1,"{quoted}"\n2,y\n'))
    assert whole.rows == [("1", value), ("2", "y")]
    assert whole.lines == [2, 2_500_003]


def test_the_text_of_a_huge_broken_record_is_cut_with_a_mark(put, read):
    (record,) = read(put("a,b\n" + "x" * 20_000 + "\n")).broken
    assert record.raw == "x" * 10_000 + "…[cut, 20000 characters]"


def test_a_line_beyond_the_limit_is_an_error(put, read, monkeypatch):
    monkeypatch.setattr("vostro.capture.readers.csv.LINE_BYTES_MAX", 1000)
    with pytest.raises(VostroError, match="line 3: the line is longer") as caught:
        read(put("a,b\n1,2\n" + "x" * 5000 + "\n"), block_bytes=100)
    assert caught.value.code == "capture.record_too_long"


def test_a_quote_open_beyond_the_limit_is_given_up(put, read, monkeypatch):
    monkeypatch.setattr("vostro.capture.readers.csv.LINE_BYTES_MAX", 1000)
    whole = read(put('a,b\n1,"x\n' + "2,y\n" * 1000), block_bytes=100)
    assert whole.codes == ["capture.quote_open"]
    assert whole.rows == [("2", "y")] * 1000


def test_no_header(put, read):
    whole = read(put("1,2,\n3,4,x\n"), header=False)
    assert whole.header == ("column_1", "column_2", "column_3")
    assert whole.rows == [("1", "2", None), ("3", "4", "x")]
    assert whole.lines == [1, 2]


def test_an_unnamed_first_column_gets_a_name(put, read):
    assert read(put(",a\n0,1\n")).header == ("column_1", "a")


def test_quotes_that_mean_nothing(put, read):
    assert read(put('a,b\n"1,2\n'), quote="").rows == [('"1', "2")]


@pytest.mark.parametrize("delimiter", ["||", "|@|", "，", "§", "^|^"])
@pytest.mark.parametrize("block_bytes", [1, 5, 1 << 20])
def test_delimiters_of_any_length(delimiter, block_bytes, put, read):
    text = f'a{delimiter}b\n1{delimiter}"x{delimiter}|y"\n2{delimiter}z|\n3\n4{delimiter}^\x1f\n'
    whole = read(put(text), delimiter=delimiter, block_bytes=block_bytes)
    assert whole.rows == [("1", f"x{delimiter}|y"), ("2", "z|"), ("4", "^\x1f")]
    assert whole.broken[0].raw == "3"


def test_a_tsv_file_needs_no_delimiter(put, read):
    assert read(put("a\tb\n1\t2\n", "file.tsv")).rows == [("1", "2")]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "capture.file_empty", "is empty"),
        ("\ufeff", "capture.file_empty", "is empty"),
        ("\n\r\n\n", "capture.file_empty", "is empty"),
        ("a,b,a\n1,2,3\n", "capture.header_duplicate", "names 'a' twice, in columns 1 and 3"),
        ("\na;b;c\n1;2;3\n", "capture.delimiter_wrong", 'line 2: .*";" would give 3'),
        ("a\tb\n1\t2\n", "capture.delimiter_wrong", r'"\\t" would give 2'),
        ('a,"b\n1,2\n', "capture.header_broken", "line 1"),
        ("a,\0b\n1,2\n3,4\n", "capture.file_binary", "NUL"),
        ("\0" * 100, "capture.file_binary", "NUL"),
        ("PK\x03\x04....", "capture.file_binary", "XLSX"),
        ("%PDF-1.4", "capture.file_binary", "PDF"),
    ],
)
def test_files_that_cannot_be_read(text, code, words, put, read):
    with pytest.raises(VostroError, match=words) as caught:
        read(put(text))
    assert caught.value.code == code
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.say("zh"))


def test_leaving_early_ends_the_reading(put):
    path = put("a,b\n" + "1,2\n" * 1_000_000)
    with open_source(path, SourceFormat(), block_bytes=100) as source:
        assert next(iter(source)).frame.height > 0
    assert source.bytes_done < source.bytes_total


# against Python's own reader

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NASTY = st.text(st.sampled_from("\"',;|\t\r\n a\u4e2d"), max_size=8)


@st.composite
def written(draw):
    """A table as Python's csv module writes it: (text, format)."""
    width = draw(st.integers(1, 4))
    row = st.lists(VALUES | NASTY, min_size=width, max_size=width)
    rows = draw(st.lists(row, max_size=12))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", "，"]))
    quote = draw(st.sampled_from(['"', "'"]))
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quotechar=quote,
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
    )
    writer.writerow([f"c{place}" for place in range(width)])
    writer.writerows(rows)
    return out.getvalue(), {"delimiter": delimiter, "quote": quote}


def python_reads(text, delimiter, quote):
    """Return (rows, lines) as Python's reader sees them, blank lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    rows, lines, line = [], [], 1
    for row in reader:
        if row:
            rows.append(tuple(value or None for value in row))
            lines.append(line)
        line = reader.line_num + 1
    return rows, lines


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=written(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"]),
    block_bytes=st.integers(1, 60) | st.just(1 << 20),
    packed=st.booleans(),
)
def test_it_reads_what_python_reads(read, table, encoding, block_bytes, packed):
    text, fields = table
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        data = text.encode(encoding)
        path.write_bytes(gzip.compress(data, 1) if packed else data)
        whole = read(path, block_bytes=block_bytes, encoding=encoding.removesuffix("-sig"), **fields)
    rows, lines = python_reads(text, fields["delimiter"], fields["quote"])
    width = len(rows[0])
    fit = [(row, line) for row, line in zip(rows[1:], lines[1:], strict=True) if len(row) == width]
    assert whole.rows == [row for row, _ in fit]
    assert whole.lines == [line for _, line in fit]
    assert len(whole.broken) == len(rows) - 1 - len(fit)


def test_faults_far_apart_are_found_among_regular_records(put, read):
    """Pieces grow and shrink around faults; every record before, between and after is exact."""
    good = '"7","x ""y"",\nz"\n'
    faults = ['1,"open\n', '2,"a"b\n', '3,5"\n', "4\n", '5,"p\nq",6\n']
    text, expected, line = "a,b\n", [], 2
    for at, fault in enumerate(faults * 3):
        count = 300 * (at % 4)
        text += good * count + fault
        expected += [(line + 2 * each, "7") for each in range(count)]
        line += 2 * count
        expected += [(line, "3")] if fault.startswith("3") else []
        line += fault.count("\n")
    whole = read(put(text + good))
    assert [(line, row[0]) for line, row in zip(whole.lines, whole.rows, strict=True)] == [
        *expected,
        (line, "7"),
    ]
    assert (
        whole.codes
        == [*("capture.quote_stray", "capture.quote_stray", "capture.fields_count", "capture.fields_count")]
        * 3
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(st.sampled_from('"",\r\n ab\0'), max_size=60), block_bytes=st.integers(1, 20))
@example(body='"\n\n,"\n', block_bytes=1)
def test_any_text_is_accounted_for_whatever_the_block(read, body, block_bytes):
    text = "x,y\n" + body
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(text.encode())
        try:
            whole = read(path)
        except VostroError as error:
            assert error.code in {"capture.file_binary", "capture.encoding_wrong"}  # so many NULs
            return
        small = read(path, block_bytes=block_bytes)
    whole.check_accounts_for(text)
    assert small == whole


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=written(),
    damage=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 255), st.sampled_from(["put", "set", "cut"])),
        max_size=6,
    ),
    block_bytes=st.integers(1, 60),
)
def test_damaged_bytes_raise_only_our_errors_and_lose_no_record(read, table, damage, block_bytes):
    text, fields = table
    data = bytearray(text.encode())
    for place, value, act in damage:
        at = place % (len(data) + 1)
        data[at : at + (act != "put")] = b"" if act == "cut" else bytes([value])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(data)
        try:
            whole = read(path, block_bytes=block_bytes, **fields)
        except VostroError as error:
            assert error.say("zh") and error.say("en")
            return
    if not data.startswith(b"c0") or not data[:20].split(fields["delimiter"].encode())[0].isalnum():
        return  # the header itself was hit: its extent is not known here
    first = data.decode().lstrip("\r\n").splitlines()[0]
    if fields["quote"] not in first:
        whole.check_accounts_for(data.decode())


def test_real_files_read_as_python_reads_them(data_dir, read):
    """Every CSV file of the data folder under 3 MB, cell for cell and line for line."""
    paths = [path for path in sorted(data_dir.glob("*/*.csv.gz")) if path.stat().st_size < 3 << 20]
    assert paths
    for path in paths:
        text = gzip.decompress(path.read_bytes()).decode()
        delimiter = ";" if text.partition("\n")[0].count(";") else ","
        whole = read(path, delimiter=delimiter, header=False)
        rows, lines = python_reads(text, delimiter, '"')
        fit = [at for at, row in enumerate(rows) if len(row) == len(rows[0])]
        assert whole.rows == [rows[at] for at in fit], path.name
        assert whole.lines == [lines[at] for at in fit], path.name
        assert len(whole.broken) == len(rows) - len(fit), path.name
