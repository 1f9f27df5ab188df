"""The catalogue 标签目录: every tag with its meaning, its owner, how well it is filled, and who uses it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from vostro.engine import Lake
from vostro.portrait.catalogue.definition import say_definition
from vostro.portrait.catalogue.estimates import ESTIMATES
from vostro.portrait.catalogue.history import TagBuild, last_builds
from vostro.portrait.catalogue.lineage import Lineage, TagUser, lineage
from vostro.portrait.catalogue.manual import manual_history
from vostro.portrait.types import Dimension, TagType, Use
from vostro.words import Text, iso

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["CatalogueEntry", "newest_data", "tag_catalogue"]


class CatalogueEntry(msgspec.Struct, frozen=True):
    """One tag of the catalogue."""

    tag: str
    name: Text
    kind: str
    dimension: Dimension
    type: TagType
    definition: Text  # in words
    uses: tuple[Use, ...]
    sensitivity: str
    file: str
    line: int
    lineage: Lineage
    unit: Text | None = None
    owner: str | None = None
    purpose: Text | None = None
    refresh: str | None = None
    expires: str | None = None
    built: TagBuild | None = None  # None: not built yet
    newest: str | None = None  # ISO 8601, UTC: when the newest of its data happened or was loaded
    stale: bool = False  # its data are older than `refresh`
    expired: bool = False  # its newest data are older than `expires`: no customer has a value

    @property
    def unused(self) -> bool:
        """Whether no segment, campaign, rule of an action or estimator reads it, by whatever way."""
        return not self.lineage.used


def tag_catalogue(
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    lake: Lake,
    *,
    users: Mapping[str, Iterable[TagUser]],
    features: Mapping[str, Iterable[str]],
    moment: datetime,
) -> dict[str, CatalogueEntry]:
    """Return every tag of a bank, in the order of its definitions.

    Args:
        tags: each after the tags that it reads.
        contracts: of the bank.
        lake: its last build gives coverage and distribution.
        users: tag -> what reads it from outside.
        features: estimator -> tags that it reads.
        moment: now; freshness is against it.
    """
    found = lineage(tags, users, features)
    builds, newest = last_builds(lake), newest_data(tags, contracts, lake, found)
    return {code: _entry(tag, tags, contracts, found[code], builds.get(code), newest[code], moment)
            for code, tag in tags.items()}  # fmt: skip


def _entry(
    tag: "Tag",
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    traced: Lineage,
    built: TagBuild | None,
    newest: datetime | None,
    moment: datetime,
) -> CatalogueEntry:
    words = Text(
        en=say_definition(tag, tags, contracts, "en"),
        zh=say_definition(tag, tags, contracts, "zh"),
    )
    refresh, expires = tag.refresh_span, tag.expires_span
    return CatalogueEntry(
        tag=tag.tag,
        name=tag.name,
        kind=tag.kind,
        dimension=tag.dimension,
        type=tag.type,
        definition=words,
        uses=tag.uses,
        sensitivity=tag.sensitivity,
        file=tag.file,
        line=tag.line,
        lineage=traced,
        unit=tag.unit,
        owner=tag.owner,
        purpose=tag.purpose,
        refresh=tag.refresh,
        expires=tag.expires,
        built=built,
        newest=iso(newest) if newest else None,
        stale=refresh is not None and newest is not None and newest + refresh <= moment,
        expired=expires is not None and newest is not None and newest + expires <= moment,
    )


def newest_data(
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    lake: Lake,
    found: Mapping[str, Lineage],
) -> dict[str, datetime | None]:
    """Return when the newest data of each tag happened (or were loaded, where nothing says when they happened).

    A tag made from several sources is as old as the oldest of them; None where there are no data.
    """
    tables = {name: _newest_of_table(lake, name) for name in contracts}
    own: dict[str, datetime | None] = {}
    manual = manual_history(lake, tags)
    for code, tag in tags.items():
        if tag.kind == "manual":
            own[code] = manual[code]["since"].max()  # type: ignore[assignment]
        elif tag.model is not None:
            own[code] = _newest_estimate(lake, tag.model.estimator)
        else:
            own[code] = None
    newest: dict[str, datetime | None] = {}
    for code, traced in found.items():
        if tags[code].kind in ("manual", "model"):
            newest[code] = own[code]
            continue
        moments = [tables.get(column.partition(".")[0]) for column in traced.columns]
        moments += [own[each] for each in traced.reads_all if tags[each].kind in ("manual", "model")]
        known = [each for each in moments if each is not None]
        newest[code] = min(known) if known and len(known) == len(moments) else None
    return newest


def _newest_of_table(lake: Lake, table: str) -> datetime | None:
    found = []
    for part in lake.partitions(table):
        rows = pl.scan_parquet(part.path / "*.parquet")
        held = rows.collect_schema()
        name = next((each for each in ("event_time", "load_time") if each in held), None)
        if name is not None:
            found.append(rows.select(pl.col(name).max()).collect().item())
    return max((each for each in found if each is not None), default=None)


def _newest_estimate(lake: Lake, estimator: str) -> datetime | None:
    parts = [p for p in lake.partitions(ESTIMATES) if p.partition.partition("=")[0] == estimator]
    moments = [
        pl.scan_parquet(p.path / "*.parquet").select(pl.col("as_of").max()).collect().item() for p in parts
    ]
    return max((each for each in moments if each is not None), default=None)
