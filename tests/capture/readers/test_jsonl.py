"""JSON lines: values as written, bad lines kept, exact places."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.words import VostroError


@pytest.mark.parametrize("block_bytes", [1, 20, 1 << 20])
def test_values_keep_their_text(block_bytes, put, read):
    text = (
        '{"a": 1.10, "b": "x", "c": true, "d": null, "e": {"k": [1, 2.50]}, "f": ""}\n'
        "\n"
        '  {"b": "caf\\u00e9 \\"q\\"\\n", "a": 12345678901234567890123, "e": [ ]}\r\n'
        '{"a": -0, "b": "null", "c": 1E5, "f": "\\ud83d\\ude00"}'
    )
    first = '{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0}\n'
    whole = read(put(first + text, "file.jsonl"), block_bytes=block_bytes)
    assert whole.header == ("a", "b", "c", "d", "e", "f")
    assert whole.rows[1:] == [
        ("1.10", "x", "true", None, '{"k": [1, 2.50]}', None),
        ("12345678901234567890123", 'café "q"\n', None, None, "[ ]", None),
        ("-0", "null", "1E5", None, None, "😀"),
    ]
    assert whole.lines == [1, 2, 4, 5]
    assert whole.broken == []


@pytest.mark.parametrize("block_bytes", [1, 20, 1 << 20])
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"a": 1', "capture.json_line"),
        ('{"a": 01}', "capture.json_line"),
        ('{"a": "\\ud800"}', "capture.json_line"),
        ('{"a": "\\x"}', "capture.json_line"),
        ('{"a": "x\ty"}', "capture.json_line"),
        ('{"a": 1} {"a": 2}', "capture.json_line"),
        ("[1, 2]", "capture.json_line"),
        ("5", "capture.json_line"),
        ("x", "capture.json_line"),
        ('{"a": "\\u0000"}', "capture.nul_bytes"),
        ('{"a": "\0"}', "capture.nul_bytes"),
        ("[" * 100_000, "capture.json_line"),
    ],
)
def test_a_bad_line_is_kept_with_its_place(line, code, block_bytes, put, read):
    whole = read(put(f'{{"a": 1}}\n\n{line}\n{{"a": "\\\\u0000"}}\n', "file.jsonl"), block_bytes=block_bytes)
    assert whole.rows == [("1",), ("\\u0000",)]
    assert (whole.lines, whole.numbers) == ([1, 4], [1, 3])
    (record,) = whole.broken
    assert (record.code, record.line, record.line_last, record.number) == (code, 3, 3, 2)
    assert record.raw == line or len(line) > 10_000


def test_a_key_without_a_column_breaks_its_record(put, read):
    whole = read(put('{"a": 1}\n{"a": 2, "late": 3}\n', "file.jsonl"), block_bytes=4)
    assert whole.codes == ["capture.json_key"]
    assert "'late'" in whole.broken[0].message.en


def test_keys_of_the_whole_first_block_are_columns(put, read):
    assert read(put('{"a": 1}\n{"b": 2}\n', "file.jsonl")).rows == [("1", None), (None, "2")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n\n", "capture.file_empty"),
        ("[\n{}\n]\n", "capture.json_unreadable"),
        ('[{"a": 1}]', "capture.json_unreadable"),
        ('{\n  "a": 1\n}\n', "capture.json_unreadable"),
        ("a,b\n1,2\n", "capture.json_unreadable"),
    ],
)
def test_files_that_are_no_json_lines(text, code, put, read):
    with pytest.raises(VostroError) as caught:
        read(put(text, "file.jsonl"))
    assert caught.value.code == code


def test_encodings_and_long_lines(put, read, monkeypatch):
    text = '{"姓名": "王小明"}\n'
    assert read(put(text.encode("gb18030"), "f.jsonl"), encoding="gb18030").rows == [("王小明",)]
    with pytest.raises(VostroError, match="encoding: gb18030"):
        read(put((text * 5).encode("gb18030"), "f.jsonl"))
    monkeypatch.setattr("vostro.capture.readers.jsonl.LINE_BYTES_MAX", 100)
    with pytest.raises(VostroError, match="line 2: the line is longer"):
        read(put('{"a":1}\n{"a":"' + "x" * 1000 + '"}\n', "f.jsonl"), block_bytes=8)


SCALARS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = SCALARS | NUMBERS | st.booleans() | st.none() | st.lists(SCALARS, max_size=2)


def shown(value):
    """Return the text a value should have."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.fixed_dictionaries({"a": VALUES, "b": VALUES, 'c\n"中': VALUES}), min_size=1, max_size=8
    ),
    rubbish=st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from(["{", "", "[]", "\t", '{"a":"\\u0000"}'])), max_size=4
    ),
    line_end=st.sampled_from(["\n", "\r\n"]),
    block_bytes=st.integers(1, 80),
)
def test_what_json_writes_is_read_and_rubbish_is_kept(read, rows, rubbish, line_end, block_bytes):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    expected = [tuple(shown(row[key]) for key in rows[0]) for row in rows]
    for place, text in rubbish:
        lines.insert(1 + place % len(lines), text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.jsonl")
        path.write_bytes(line_end.join(lines).encode())
        whole = read(path, block_bytes=block_bytes)
    assert whole.rows == expected
    assert len(whole.broken) == sum(bool(text.strip()) for _, text in rubbish)
    assert sorted(whole.lines + [each.line for each in whole.broken]) == [
        at for at, line in enumerate(lines, start=1) if line.strip()
    ]
