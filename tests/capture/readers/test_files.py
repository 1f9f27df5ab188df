"""Bytes of a file: missing, forbidden, a directory, gzip in all its states."""

import errno
import gzip
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.capture.readers import SourceFormat, open_source
from vostro.capture.readers.files import ByteStream
from vostro.words import VostroError

CONTENT = b"a,b\n" + b"".join(b"%d,%d\n" % (each, each * 7) for each in range(5000))
PACKED = gzip.compress(CONTENT, mtime=0)


def refused(path, **fields):
    """Return the error that reading the whole file raises."""
    with pytest.raises(VostroError) as caught, open_source(path, SourceFormat(**fields)) as source:
        list(source)
    return caught.value


def test_a_missing_file_names_one_like_it(put):
    path = put("a\n1\n", "clients.csv")
    error = refused(path.with_name("client.csv"))
    assert error.code == "capture.file_missing"
    assert "Did you mean 'clients.csv'?" in error.say("en")
    assert "是否想写“clients.csv”" in error.say("zh")


def test_a_missing_folder(tmp_path):
    assert refused(tmp_path / "no" / "file.csv").code == "capture.file_missing"


def test_a_directory(tmp_path):
    assert refused(tmp_path).code == "capture.file_directory"


def test_no_permission(put, monkeypatch):
    """Root may read everything, so the operating system's refusal is played."""
    path = put("a\n1\n")

    def refuse(*_args, **_kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    error = refused(path)
    assert error.code == "capture.file_permission"
    assert "chmod u+r" in str(error)


def test_a_pipe_is_no_file(tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    assert refused(path).code == "capture.file_unreadable"


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_an_empty_file(kind, put):
    assert refused(put(b"", f"file.{kind}")).code == "capture.file_empty"


def test_gzip_is_told_by_the_bytes(put, read):
    assert len(read(put(gzip.compress(CONTENT), "file.csv")).rows) == 5000
    assert len(read(put(CONTENT, "file.csv.gz")).rows) == 5000


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_gzip_of_several_members_with_padding(size, put):
    parts = [CONTENT[:100], b"", CONTENT[100:]]
    path = put(b"".join(gzip.compress(part) + b"\0" * 5 for part in parts))
    stream = ByteStream(path)
    assert b"".join(iter(lambda: stream.read(size), b"")) == CONTENT
    assert stream.bytes_done == stream.bytes_total
    stream.close()


def test_gzip_holds_little_in_memory_however_well_it_packs(put):
    stream = ByteStream(put(gzip.compress(b"\0" * 50_000_000, 9)))
    assert len(stream.read(1000)) == 1000
    stream.close()


@settings(deadline=None)
@given(cut=st.integers(2, len(PACKED) - 1))
def test_gzip_cut_short_anywhere(cut, tmp_path_factory):
    path = tmp_path_factory.mktemp("cut") / "file.csv.gz"
    path.write_bytes(PACKED[:cut])
    error = refused(path)
    assert error.code == "capture.gzip_truncated"
    assert f"byte {cut}" in str(error)


def test_rows_before_the_cut_are_handed_on_first(put):
    noise = b"a\n" + os.urandom(300_000).hex(" ").replace(" ", "\n").encode()
    path = put(gzip.compress(noise)[:-100_000])
    rows = 0
    with (
        pytest.raises(VostroError, match="break off"),
        open_source(path, SourceFormat(), block_bytes=1000) as source,
    ):
        for block in source:
            rows += block.frame.height
    assert rows > 100_000


@settings(deadline=None)
@given(place=st.integers(0, len(PACKED) - 1), flip=st.integers(1, 255))
def test_gzip_damaged_anywhere_is_told_or_harmless(place, flip, tmp_path_factory, read):
    data = bytearray(PACKED)
    data[place] ^= flip
    path = tmp_path_factory.mktemp("bad") / "file.csv.gz"
    path.write_bytes(data)
    try:
        whole = read(path)
    except VostroError as error:
        assert error.say("zh")
        return
    assert len(whole.rows) == 5000


def test_gzip_followed_by_rubbish(put):
    assert refused(put(gzip.compress(CONTENT) + b"rubbish")).code == "capture.gzip_corrupt"


def test_gzip_with_a_wrong_check_sum_says_so(put):
    data = bytearray(PACKED)
    data[-8] ^= 1
    error = refused(put(data))
    assert error.code == "capture.gzip_corrupt"
    assert "incorrect data check" in str(error)
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(data)


def test_a_disk_that_fails_is_named_with_the_place(put, monkeypatch):
    path = put(CONTENT)
    stream = ByteStream(path)
    stream.read(10)

    class Broken:
        def read(self, _size):
            raise OSError(errno.EIO, "Input/output error")

    stream.close()
    monkeypatch.setattr(stream, "_file", Broken())
    with pytest.raises(VostroError, match="at byte 12: Input/output error"):
        stream.read(10)
