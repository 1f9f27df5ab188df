"""The portrait report's figures 画像报告数据: what is known of all customers, from what, and how well?

One frozen tree of values, filled from a bank and its portraits; the page only shows it.
Shares are from 0 to 1; an index of 100 is "as everywhere".
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import numpy as np
import polars as pl
import sqlalchemy as sa

from vostro import __version__
from vostro.bank import Bank
from vostro.capture import WatchReport, reason_name, watch_and_raise
from vostro.engine import Store, Workspace
from vostro.engine import reject as reject_table
from vostro.portrait import (
    CatalogueEntry,
    Tag,
    TagDistribution,
    TagSummary,
    audience_portraits,
    summarise,
)
from vostro.stages.catalogue import bank_catalogue
from vostro.words import Text, iso

__all__ = [
    "Grid",
    "PortraitReport",
    "RejectCount",
    "SegmentCard",
    "Stages",
    "TagCard",
    "ValueShare",
    "portrait_report",
]

SCORES = ("1", "2", "3", "4", "5")
SEGMENTS_COMPARED = 40  # segments whose overlaps and portraits are shown, the largest first


class TagCard(msgspec.Struct, frozen=True):
    """One tag: its entry in the catalogue, and how its values spread over the customers now."""

    entry: CatalogueEntry
    summary: TagSummary
    shown: bool  # False: its values may not be shown


class SegmentCard(msgspec.Struct, frozen=True):
    """One segment against the base."""

    segment: str
    name: Text
    rule: str
    rule_words: Text
    customers: int
    share: float  # of all customers
    portrait: tuple[TagDistribution, ...]  # tags that set it apart most come first; empty beyond forty


class ValueShare(msgspec.Struct, frozen=True):
    """One value and how many customers have it."""

    value: str
    name: Text
    customers: int
    share: float  # of all customers


class Grid(msgspec.Struct, frozen=True):
    """Customers by recency and frequency, with what their money says: an RFM template's tags."""

    prefix: str
    name: Text  # of the groups' tag
    counts: tuple[
        tuple[int, ...], ...
    ]  # 5 rows of recency, the best (5) first; 5 columns of frequency, 1 to 5
    money: tuple[tuple[float | None, ...], ...]  # mean monetary score, 1 to 5, of the same cells
    unscored: int  # customers without an event in the window
    groups: tuple[ValueShare, ...]


class Stages(msgspec.Struct, frozen=True):
    """Customers by stage of their life with the bank, in its order."""

    tag: str
    name: Text
    stages: tuple[ValueShare, ...]
    unknown: int


class RejectCount(msgspec.Struct, frozen=True):
    """Records of a source that broke its contract for one reason."""

    source: str
    meaning: Text
    code: str
    reason: Text
    records: int  # in all that is loaded now
    open: int  # not mended yet


class PortraitReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that the portrait report shows."""

    bank: str
    bank_name: Text
    zone: str
    as_of: str  # ISO 8601, UTC: the moment after which nothing is known
    made: str  # ISO 8601, UTC
    versions: dict[str, str]
    customers: int
    tags: list[TagCard]
    segments: list[SegmentCard]  # the largest first
    overlap: list[list[int]]  # customers in both, in the order of the first forty segments
    grids: list[Grid]
    stages: list[Stages]
    watch: WatchReport
    rejects: list[RejectCount]


def portrait_report(
    bank: Bank,
    workspace: Workspace,
    portraits: pl.DataFrame,
    *,
    moment: datetime,
    as_of: datetime | None = None,
) -> PortraitReport:
    """Return the figures of the portrait report; what is wrong with a source becomes an alert on the way.

    Args:
        bank: its definitions.
        workspace: its store and lake.
        portraits: one row a customer, as built.
        moment: what the clock says, with a zone.
        as_of: the moment that the portraits were built as of; None: that at which the bank lives.
    """
    lives = bank.moment(moment)
    entries = bank_catalogue(bank, workspace.lake, moment=lives)
    masks = {code: each.mask(portraits) for code, each in bank.segments.items()}
    order = sorted(masks, key=lambda code: -int(masks[code].sum()))
    compared = {code: masks[code] for code in order[:SEGMENTS_COMPARED]}
    return PortraitReport(
        bank=bank.header.bank,
        bank_name=bank.header.name,
        zone=bank.header.zone,
        as_of=iso(as_of or lives),
        made=iso(moment),
        versions={"vostro": __version__, "definitions": bank.version[:12]},
        customers=portraits.height,
        tags=_tag_cards(bank.tags, entries, portraits),
        segments=_segment_cards(bank, portraits, masks, order),
        overlap=_overlap(compared),
        grids=_grids(bank.tags, portraits) if portraits.height else [],
        stages=_stages(bank.tags, portraits) if portraits.height else [],
        watch=watch_and_raise(workspace.store, workspace.lake, bank.contracts, moment, lives=lives),
        rejects=_rejects(workspace.store, bank),
    )


def _tag_cards(
    tags: Mapping[str, Tag], entries: Mapping[str, CatalogueEntry], portraits: pl.DataFrame
) -> list[TagCard]:
    """Return a card for each tag; of one that may not be shown, coverage only."""
    found = []
    for code, entry in entries.items():
        empty = TagSummary(portraits.height, 0)
        summary = summarise(portraits[code], tags[code]) if code in portraits.columns else empty
        shown = "show" in entry.uses and bool(summary.values)
        if not shown:
            summary = TagSummary(summary.customers, summary.known)
        found.append(TagCard(msgspec.structs.replace(entry, built=None), summary, shown))
    return found


def _segment_cards(
    bank: Bank, portraits: pl.DataFrame, masks: "Mapping[str, np.ndarray]", order: list[str]
) -> list[SegmentCard]:
    compared = {code: masks[code] for code in order[:SEGMENTS_COMPARED]}
    found = audience_portraits(portraits, compared, bank.tags)
    cards = []
    for code in order:
        segment, customers = bank.segments[code], int(masks[code].sum())
        cards.append(
            SegmentCard(
                segment=code,
                name=segment.name,
                rule=segment.rule.text,
                rule_words=Text(en=segment.rule.words("en"), zh=segment.rule.words("zh")),
                customers=customers,
                share=customers / max(portraits.height, 1),
                portrait=tuple(sorted(found.get(code, ()), key=_apart, reverse=True)) if customers else (),
            )
        )
    return cards


def _apart(tag: TagDistribution) -> float:
    """Return how far an audience's values lie from the base's: total variation, 0 to 1."""
    return sum(abs(each.audience_share - each.base_share) for each in tag.bins) / 2


def _overlap(masks: "Mapping[str, np.ndarray]") -> list[list[int]]:
    """Return how many customers each two segments share; the diagonal is their size."""
    if not masks:
        return []
    matrix = np.column_stack([mask.astype(np.float32) for mask in masks.values()])
    return [[round(float(each)) for each in row] for row in _gram(matrix)]


def _gram(matrix: np.ndarray) -> np.ndarray:
    """Return matrix' × matrix in blocks, so that sums of float32 stay exact (below 2^24)."""
    size, step = matrix.shape[1], 1 << 20
    total = np.zeros((size, size))
    for start in range(0, len(matrix), step):
        block = matrix[start : start + step]
        total += block.T @ block
    return total


def _grids(tags: Mapping[str, Tag], portraits: pl.DataFrame) -> list[Grid]:
    """Return a grid for every RFM template whose scores are built."""
    found = []
    for code, tag in tags.items():
        prefix = code.removesuffix("_segment")
        scores = [f"{prefix}_{each}" for each in "rfm"]
        if prefix == code or not {*scores, code} <= set(portraits.columns) or not set(scores) <= set(tags):
            continue
        if not all(set(tags[each].values or ()) <= set(SCORES) for each in scores):
            continue
        found.append(_grid(prefix, tag, portraits.select(scores[0], scores[1], scores[2], code)))
    return found


def _grid(prefix: str, tag: Tag, rows: pl.DataFrame) -> Grid:
    r, f, m, group = rows.columns
    scored = rows.drop_nulls([r, f])
    cells = scored.group_by(r, f).agg(pl.len(), pl.col(m).cast(pl.Int64).mean().alias("money"))
    by_cell = {(recent, often): (count, money) for recent, often, count, money in cells.iter_rows()}
    order = [(recent, [(recent, often) for often in SCORES]) for recent in SCORES[::-1]]
    return Grid(
        prefix=prefix,
        name=tag.name,
        counts=tuple(tuple(by_cell.get(cell, (0, None))[0] for cell in row) for _, row in order),
        money=tuple(tuple(by_cell.get(cell, (0, None))[1] for cell in row) for _, row in order),
        unscored=rows.height - scored.height,
        groups=_shares(tag, rows[group]),
    )


def _stages(tags: Mapping[str, Tag], portraits: pl.DataFrame) -> list[Stages]:
    """Return the stages of every lifecycle template that is built."""
    parts = ("first_days", "last_days", "trend")
    found = []
    for code, tag in tags.items():
        if tag.tiers and code in portraits.columns and all(f"{code}_{part}" in tags for part in parts):
            column = portraits[code]
            found.append(Stages(code, tag.name, _shares(tag, column), column.null_count()))
    return found


def _shares(tag: Tag, column: pl.Series) -> tuple[ValueShare, ...]:
    """Return the values of a tag with tiers, in their order, with their customers."""
    counted = dict(column.drop_nulls().rename("value").value_counts().iter_rows())
    shares = []
    for value, _ in tag.tiers:
        count = int(counted.get(value, 0))
        name = tag.value_names.get(value, Text(en=value, zh=value))
        shares.append(ValueShare(value, name, count, count / max(len(column), 1)))
    return tuple(shares)


def _rejects(store: Store, bank: Bank) -> list[RejectCount]:
    """Return the rejects of all loads by source and reason, the most frequent first."""
    table = reject_table.c
    query = (
        sa.select(
            table.source,
            table.code,
            sa.func.count().label("records"),
            sa.func.count().filter(table.state == "open").label("open"),
        )
        .where(table.state != "dropped")
        .group_by(table.source, table.code)
    )
    with store.begin() as connection:
        rows = connection.execute(query).all()
    found = [
        RejectCount(
            row.source,
            bank.contracts[row.source].meaning,
            row.code,
            reason_name(row.code),
            row.records,
            row.open,
        )
        for row in rows
        if row.source in bank.contracts
    ]
    return sorted(found, key=lambda each: (-each.records, each.source, each.code))
