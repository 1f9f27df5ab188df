"""Encodings: read when declared, named with the place when not."""

import codecs
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.capture.readers.format import SourceFormat
from vostro.capture.readers.text import TextStream
from vostro.words import VostroError

CHINESE = "客户编号,姓名,备注\n1,王小明,近期咨询过房贷利率\n2,李娜,办理了定期存款业务\n"


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "gb18030",
        "gbk",
        "gb2312",
        "hz",
        "utf-7",
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 5, 1 << 20])
def test_declared_encodings(encoding, block_bytes, put, read):
    path = put(CHINESE.encode(encoding))
    whole = read(path, encoding=encoding, block_bytes=block_bytes)
    assert whole.header == ("客户编号", "姓名", "备注")
    assert whole.rows[1] == ("2", "李娜", "办理了定期存款业务")


@pytest.mark.parametrize("mark", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030"])
def test_a_byte_order_mark_is_no_part_of_the_header(mark, put, read):
    assert read(put(("\ufeff" + CHINESE).encode(mark)), encoding=mark).header[0] == "客户编号"


@pytest.mark.parametrize(
    ("written", "declared", "likely"),
    [
        ("gb18030", "utf-8", "gb18030"),
        ("gbk", "ascii", "gb18030"),
        ("utf-16", "utf-8", "utf-16"),
        ("utf-16-le", "utf-8", "utf-16-le"),
        ("utf-16-be", "latin-1", "utf-16-be"),
        ("utf-8-sig", "latin-1", "utf-8"),
        ("utf-8-sig", "gb18030", "utf-8"),
        ("utf-8", "ascii", "utf-8"),
        ("utf-32", "utf-8", "utf-32"),
    ],
)
def test_a_wrong_encoding_is_named_with_a_likely_one(written, declared, likely, put, read):
    text = "id,name,note\n1,a,b\n" + CHINESE if written.startswith("utf-16-") else CHINESE
    with pytest.raises(VostroError) as caught:
        read(put(text.encode(written)), encoding=declared)
    assert caught.value.code == "capture.encoding_wrong"
    assert f"encoding: {likely}" in caught.value.say("en")
    assert f"encoding: {likely}" in caught.value.say("zh")


def test_western_text_declared_as_utf8(put, read):
    with pytest.raises(VostroError, match=r"line 2, byte 8.*encoding: latin-1"):
        read(put("a,b\n1,Gr\xf6\xdfe\n".encode("latin-1")))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block_bytes", [3, 64, 1 << 20])
@pytest.mark.parametrize("packed_before", ["", "\ufeff"])
def test_the_place_of_a_damaged_byte(line_end, block_bytes, packed_before, put, read):
    before = packed_before + line_end.join(["编号,姓名", '1,"王', '小明"', "2,李娜", "3,张"]) + "三"
    data = before.encode() + b"\xff" + line_end.join(["", "4,赵六", ""]).encode()
    with pytest.raises(VostroError) as caught:
        read(put(data), block_bytes=block_bytes)
    assert caught.value.data["line"] == 5
    assert caught.value.data["byte"] == len(before.encode())
    if block_bytes > 64:
        assert "are damaged; the text around them is utf-8" in str(caught.value)


@pytest.mark.parametrize("block_bytes", [3, 64, 1 << 20])
def test_the_place_of_a_damaged_byte_in_another_encoding(block_bytes, put, read):
    before = "编号,姓名\n1,王小明\n2,李".encode("gb18030")
    with pytest.raises(VostroError) as caught:
        read(
            put(before + b"\xff" + "\n3,赵六\n".encode("gb18030")),
            encoding="gb18030",
            block_bytes=block_bytes,
        )
    assert (caught.value.data["line"], caught.value.data["byte"]) == (3, len(before))


def test_an_unfinished_character_at_the_end(put, read):
    with pytest.raises(VostroError, match="line 2, byte 4"):
        read(put(b"a,b\n\xe4\xb8"))
    with pytest.raises(VostroError, match=r"line 2, byte 6.*damaged"):
        read(put("a\n".encode("utf-16-le") + b"1\x00\x00\xd8"), encoding="utf-16-le", block_bytes=2)


def test_a_control_character_where_a_long_delimiter_needs_it(put, read):
    stand_ins = "".join(map(chr, (*range(1, 9), *range(14, 32))))
    with pytest.raises(VostroError, match=r"format.delimiter"):
        read(put(f"a||b\n1||{stand_ins}\n"), delimiter="||")


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), size=st.integers(1, 9))
def test_text_comes_out_as_it_went_in(text, size, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "t.csv"
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        path.write_bytes(text.encode(encoding))
        try:
            stream = TextStream(path, SourceFormat(encoding=encoding.removesuffix("-sig"), delimiter="||"))
        except VostroError as error:
            assert error.code in {"capture.file_binary", "capture.encoding_wrong"}
            continue
        got = b"".join(iter(partial(stream.read, size), b"")).decode()
        stream.stream.close()
        # A mark at the start is about the encoding, however often it is written.
        assert stream.restore(got).lstrip("\ufeff") == text.lstrip("\ufeff")


def test_every_mark_is_longest_first():
    assert codecs.BOM_UTF32_LE.startswith(codecs.BOM_UTF16_LE)  # why the order matters
