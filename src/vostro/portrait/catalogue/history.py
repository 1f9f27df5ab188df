"""History of tags 标签历史: how did definition, coverage and distribution move from build to build?

Every build keeps one small row a tag in the lake table ``tag_history``, one partition a
build. What a tag meant then stands beside what it gave.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.engine import Lake, Partition
from vostro.portrait.catalogue.definition import definition_of
from vostro.portrait.catalogue.errors import HistoryMissingError, unknown_tag
from vostro.portrait.catalogue.summary import TagSummary, movement, summarise
from vostro.words import canonical_json, digest, iso

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["TAG_HISTORY", "TagBuild", "keep_history", "last_builds", "tag_history"]

TAG_HISTORY = "tag_history"  # lake table: one partition a build, one row a tag
_DIGITS = 12


class TagBuild(msgspec.Struct, frozen=True):
    """One build of a tag."""

    tag: str
    moment: str  # ISO 8601, UTC: when it was built
    as_of: str  # ISO 8601, UTC: after which nothing was known
    version: str  # digest of the definition, 12 digits
    definition: dict[str, object]
    summary: TagSummary
    changed: bool = False  # another definition than the build before
    moved: float | None = None  # how far the values moved since the build before, 0 to 1


def keep_history(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    portraits: pl.DataFrame,
    *,
    moment: datetime,
    as_of: datetime | None = None,
    connection: sa.Connection | None = None,
) -> Partition:
    """Keep a summary of every tag of a build.

    Args:
        lake: of the bank.
        tags: all tags.
        portraits: one row a customer, as built; a tag without a column is known of nobody.
        moment: when it is built, by the clock; a build of the same moment is replaced.
        as_of: after which nothing was known; None: the same.
        connection: write in this transaction.
    """
    rows = []
    for code, tag in tags.items():
        empty = TagSummary(portraits.height, 0)
        summary = summarise(portraits[code], tag) if code in portraits.columns else empty
        definition = canonical_json(definition_of(tag)).decode()
        rows.append(
            {
                "tag": code,
                "moment": moment.astimezone(UTC),
                "as_of": (as_of or moment).astimezone(UTC),
                "version": digest(definition)[:_DIGITS],
                "definition": definition,
                "summary": msgspec.json.encode(summary).decode(),
            }
        )
    schema = {"tag": pl.String(), "moment": pl.Datetime("us", "UTC"), "as_of": pl.Datetime("us", "UTC")}
    schema |= {name: pl.String() for name in ("version", "definition", "summary")}
    frame = pl.DataFrame(rows, schema=schema)
    return lake.write(TAG_HISTORY, f"{moment.astimezone(UTC):%Y%m%dT%H%M%S%f}", frame, connection)


def tag_history(lake: Lake, tag: str, known: Collection[str]) -> list[TagBuild]:
    """Return every build of a tag, newest first; also of one that the bank does not define any more.

    Args:
        lake: of the bank.
        tag: its code.
        known: the codes of the bank's tags.

    Raises:
        HistoryMissingError: nothing was built yet since the tag was defined.
        TagUnknownError: it was never built, and the bank does not define it.
    """
    parts = lake.partitions(TAG_HISTORY)
    frames = [pl.scan_parquet(p.path / "*.parquet").filter(pl.col("tag") == tag) for p in parts]
    rows = pl.concat(frames).sort("moment").collect() if frames else pl.DataFrame()
    if rows.is_empty():
        raise HistoryMissingError(tag=tag) if tag in known else unknown_tag(tag, known)
    builds: list[TagBuild] = []
    for row in rows.iter_rows(named=True):
        build = _build(row)
        if builds:
            before = builds[-1]
            build = msgspec.structs.replace(
                build, changed=build.version != before.version, moved=movement(before.summary, build.summary)
            )
        builds.append(build)
    return builds[::-1]


def last_builds(lake: Lake) -> dict[str, TagBuild]:
    """Return the last build of every tag in it; nothing where nothing was built yet."""
    parts = sorted(lake.partitions(TAG_HISTORY), key=lambda part: part.partition)
    if not parts:
        return {}
    rows = pl.read_parquet(parts[-1].path / "*.parquet")
    return {row["tag"]: _build(row) for row in rows.iter_rows(named=True)}


def _build(row: dict[str, object]) -> TagBuild:
    moment, as_of = row["moment"], row["as_of"]
    assert isinstance(moment, datetime) and isinstance(as_of, datetime)
    return TagBuild(
        tag=str(row["tag"]),
        moment=iso(moment),
        as_of=iso(as_of),
        version=str(row["version"]),
        definition=msgspec.json.decode(str(row["definition"]), type=dict[str, object]),
        summary=msgspec.json.decode(str(row["summary"]), type=TagSummary),
    )
