"""Pieces 文本切分: which words and characters is a text made of, in English, Chinese or both at once?

Language is told by script, character by character, so one text may hold both: letters and digits
between gaps are words; runs of Han characters are cut into words by jieba's dictionary. All texts
stand behind one another in one array of code points, and everything below works on that array.

Source: jieba (Sun Junyi, 2012), here its Rust build rjieba; Unicode NFKC (UAX #15).
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Language", "Pieces", "clean", "languages", "pieces_of"]

Language = Literal["en", "zh", "mixed", "none"]
Integers = npt.NDArray[np.int64]

GAP, LETTER, HAN, MARK = 0, 1, 2, 3  # what a character is; a mark (!, ?, an emoji) is a word of its own
MARKS = "!?！？"
EMOJI_FIRST = 0x1F000
HAN_PATTERN = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
HAN_RANGES = (
    (0x2E80, 0x2FE0),
    (0x3005, 0x3008),
    (0x3040, 0x3100),
    (0x3400, 0x4DC0),
    (0x4E00, 0xA000),
    (0xF900, 0xFB00),
)
HAN_BEYOND = (0x20000, 0x32000)  # beyond the basic plane
CHARACTERS_MOST = 20_000  # of one text; what follows is not read
CHUNK = 2_000_000  # characters that jieba reads at once


@dataclass(frozen=True, slots=True)
class Pieces:
    """Texts as characters and words; a word is codes[word_from[i]:word_to[i]]."""

    codes: npt.NDArray[np.uint32]  # shape (characters,); a gap of one line break after each text
    kinds: npt.NDArray[np.uint8]  # shape (characters,); GAP, LETTER, HAN or MARK
    text_from: Integers  # shape (n + 1,); where each text begins in codes
    word_from: Integers  # shape (words,)
    word_to: Integers  # shape (words,)
    text_words: Integers  # shape (n + 1,); the first word of each text

    def word(self, i: int) -> str:
        """Return one word as text, for a person."""
        return self.codes[self.word_from[i] : self.word_to[i]].tobytes().decode("utf-32-le")


def clean(texts: pl.Series) -> pl.Series:
    """Return texts as they are read: NFKC, small letters, one blank between words; null is empty.

    >>> clean(pl.Series(["ＡＴＭ  费用\\n高", None])).to_list()
    ['atm 费用 高', '']
    """
    kept = texts.cast(pl.String).fill_null("").str.head(CHARACTERS_MOST)
    return kept.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[\s\p{C}]+", " ").str.strip_chars()


def languages(texts: pl.Series) -> pl.Series:
    """Return the language of each text by its script, shape (n,): en, zh, mixed or none.

    ``en`` stands for every text in letters, ``none`` for a text without letters (empty, digits only).

    >>> languages(pl.Series(["card", "信用卡", "ATM 太少", "123"])).to_list()
    ['en', 'zh', 'mixed', 'none']
    """
    plain = clean(texts)
    han = plain.str.contains(HAN_PATTERN)
    letters = plain.str.replace_all(HAN_PATTERN, "").str.contains(r"\p{L}{2}")
    frame = pl.DataFrame({"han": han, "letters": letters})
    said = (
        pl.when(pl.col("han") & pl.col("letters"))
        .then(pl.lit("mixed"))
        .when("han")
        .then(pl.lit("zh"))
        .when("letters")
        .then(pl.lit("en"))
        .otherwise(pl.lit("none"))
    )
    return frame.select(said.alias("language"))["language"]


def pieces_of(texts: pl.Series) -> Pieces:
    """Cut cleaned texts, shape (n,), into characters and words."""
    joined = texts.str.join("\n").item() + "\n" if len(texts) else ""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    text_from = np.concatenate([[0], np.cumsum(texts.str.len_chars().to_numpy().astype(np.int64) + 1)])
    kinds = _kinds(codes)
    begins = _begins(kinds)
    if (kinds == HAN).any():
        begins |= _cuts(joined, kinds)
    begins &= kinds != GAP
    word_from = np.flatnonzero(begins)
    ends = np.flatnonzero((kinds != GAP) & np.append(begins[1:] | (kinds[1:] == GAP), True)) + 1
    return Pieces(codes, kinds, text_from, word_from, ends, np.searchsorted(word_from, text_from))


def _begins(kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return where a run of one kind begins; every mark begins anew."""
    begins = np.ones(len(kinds), dtype=np.bool_)
    begins[1:] = (kinds[1:] != kinds[:-1]) | (kinds[1:] == MARK)
    return begins


def _cuts(joined: str, kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return where jieba begins a word inside runs of Han characters."""
    import rjieba

    cuts = np.zeros(len(kinds), dtype=np.bool_)
    first = 0
    while first < len(joined):
        last = joined.find("\n", min(first + CHUNK, len(joined) - 1)) + 1  # texts are never cut apart
        lengths = np.fromiter(map(len, rjieba.cut(joined[first:last])), dtype=np.int64)
        cuts[first + np.cumsum(lengths) - lengths] = True
        first = last
    return np.asarray(cuts & (kinds == HAN))


def _kinds(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    table = _table()
    kinds = table[np.minimum(codes, len(table) - 1)]
    beyond = codes >= len(table)
    if beyond.any():
        han = (codes >= HAN_BEYOND[0]) & (codes < HAN_BEYOND[1])
        kinds = np.where(beyond, np.where(han, HAN, np.where(codes >= EMOJI_FIRST, MARK, GAP)), kinds)
    return kinds.astype(np.uint8)


@cache
def _table() -> npt.NDArray[np.uint8]:
    """Return the kind of every character of the basic plane."""
    kinds = np.fromiter((LETTER if chr(code).isalnum() else GAP for code in range(0x10000)), dtype=np.uint8)
    for low, high in HAN_RANGES:
        kinds[low:high] = np.where(kinds[low:high] == LETTER, HAN, GAP)
    kinds[[ord(mark) for mark in MARKS]] = MARK
    return kinds
