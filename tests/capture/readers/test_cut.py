"""Cutting: the quick way, the walk and the pieces agree, and a plain machine of three states agrees with them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.capture.readers import cut as cutting
from vostro.capture.readers.cut import count_lines, cut
from vostro.capture.readers.dialect import Dialect

COMMA = Dialect(",", '"')


def seen(result):
    return (
        result.starts.tolist(),
        result.ends.tolist(),
        result.lines.tolist(),
        result.lines_last.tolist(),
        result.flaws,
        result.bytes_used,
        result.lines_used,
        result.quotes[result.quotes < result.bytes_used].tolist(),
    )


def record_ends(text):
    """Return where records end, byte by byte: the grammar written down as plainly as can be; None for a flaw."""
    ends, state = [], "start"
    for at, (character, after) in enumerate(itertools.pairwise(text + "\0")):
        if state == "quoted":
            state = "quote" if character == '"' else "quoted"
        elif state == "quote" and character == '"':
            state = "quoted"
        elif state == "quote" and character not in ",\r\n":
            return None
        elif character == "\n" or (character == "\r" and after != "\n"):
            ends.append(at)
            state = "start"
        elif character == ",":
            state = "start"
        elif character != "\r":
            state = "quoted" if state == "start" and character == '"' else "plain"
    return None if state == "quoted" else ends


@settings(max_examples=500)
@given(text=st.text(st.sampled_from('"",\r\nab'), max_size=30))
def test_records_end_where_the_grammar_says(text):
    text += "\n"
    ends = record_ends(text)
    result = cut(text.encode(), COMMA, columns=None, whole=True)
    assert result.bytes_used == len(text)
    if ends is None:
        assert result.flaws
        return
    assert not result.flaws
    assert [*(result.starts[1:] - 1).tolist(), result.bytes_used - 1] == ends


@settings(max_examples=500)
@given(
    text=st.text(st.sampled_from('"",\r\nab'), max_size=80),
    columns=st.sampled_from([None, 1, 2, 3]),
    whole=st.booleans(),
    piece=st.integers(1, 20),
)
def test_pieces_and_walk_agree(text, columns, whole, piece):
    block = text.encode() + b"\n"
    pieces = cutting._joined(list(_with_pieces(piece, block, columns, whole)))
    assert seen(cut(block, COMMA, columns=columns, whole=whole)) == seen(pieces)
    if '"' in text:
        assert seen(cutting._walked(block, COMMA, columns, whole)) == seen(pieces)


def _with_pieces(size, block, columns, whole):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "_PIECE_BYTES", size)
        return list(cutting._pieces(block, COMMA, columns, whole))


def test_fields_are_counted_outside_quotes():
    block = b'a,"b,\n,c"\n1\n"",,\n'
    result = cut(block, COMMA, columns=None, whole=True)
    assert result.field_counts(np.frombuffer(block, dtype=np.uint8), COMMA).tolist() == [2, 1, 3]


def test_a_carriage_return_at_the_end_waits_for_what_follows():
    assert cut(b"a\r", COMMA, columns=None, whole=False).bytes_used == 0
    assert cut(b"a\r", COMMA, columns=None, whole=True).bytes_used == 2
    assert cut(b"a\r\n", COMMA, columns=None, whole=False).bytes_used == 3


@given(text=st.text(st.sampled_from("\r\na"), max_size=20))
def test_lines_are_counted_as_python_splits_them(text):
    assert count_lines(text.encode()) == len((text + "x").splitlines()) - 1
