"""Portrait view 画像视图: how are tags, segments and their lineage laid out on the portrait report?

Nothing is computed here but what groups, orders and fills cells.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from vostro.console.page import Page
from vostro.portrait import DIMENSIONS, CatalogueEntry, TagUser, ValueCount
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.stages import PortraitReport, TagCard

__all__ = ["Group", "PortraitView", "compared"]

_OPEN_MAX = 40  # tags; with more, only the first dimension is open
_YEARS = ("date", "moment")


@dataclass(frozen=True)
class Group:
    """The tags of one dimension."""

    dimension: str
    cards: "list[TagCard]"
    coverage: float | None  # mean over its tags, 0 to 1
    open: bool


class PortraitView:
    """The portrait report in one language."""

    def __init__(self, report: "PortraitReport", page: Page) -> None:
        self.report, self.page = report, page

    @cached_property
    def groups(self) -> list[Group]:
        """The tags by dimension, in the order of the dimensions; empty ones are left out."""
        by_dimension: dict[str, list[TagCard]] = defaultdict(list)
        for card in self.report.tags:
            by_dimension[card.entry.dimension].append(card)
        few = len(self.report.tags) <= _OPEN_MAX
        found = [(name, by_dimension[name]) for name in DIMENSIONS if by_dimension[name]]
        return [Group(name, cards, _mean(cards), few or i == 0) for i, (name, cards) in enumerate(found)]

    @property
    def coverage(self) -> float | None:
        """Mean coverage of all tags, 0 to 1."""
        return _mean(self.report.tags)

    @property
    def unused(self) -> int:
        """How many tags nothing reads."""
        return sum(card.entry.unused for card in self.report.tags)

    @property
    def rejects_open(self) -> int:
        """How many rejects are not mended yet."""
        return sum(each.open for each in self.report.rejects)

    @property
    def well(self) -> int:
        """How many sources are as they should be, or too young to say."""
        return sum(each.verdict in ("ok", "too_little_history") for each in self.report.watch.sources)

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of tags that there are, in order of their frequency."""
        counted: dict[str, int] = defaultdict(int)
        for card in self.report.tags:
            counted[card.entry.kind] += 1
        return sorted(counted, key=lambda kind: -counted[kind])

    @cached_property
    def names(self) -> dict[str, Text]:
        """The name of every tag."""
        return {card.entry.tag: card.entry.name for card in self.report.tags}

    def search(self, entry: CatalogueEntry) -> str:
        """Return what a tag is found by, in both languages and in small letters."""
        words = [entry.tag, entry.name.en, entry.name.zh, entry.definition.en, entry.definition.zh]
        words += [entry.owner or "", *entry.lineage.columns, *(each.code for each in entry.lineage.users)]
        return " ".join(words).lower()

    def marks(self, entry: CatalogueEntry) -> str:
        """Return what a tag is filtered by: its kind, and whether it is unused, stale or expired."""
        states = [name for name in ("unused", "stale", "expired") if getattr(entry, name)]
        return " ".join([entry.kind, *states])

    def spark(self, card: "TagCard") -> Markup:
        """Draw how a tag's values spread, or nothing where they are not shown."""
        if not card.shown:
            return Markup("")
        values = [(self.value(each), each.count) for each in card.summary.values]
        return self.page.sparkline(values, self.page.text(card.entry.name))

    def value(self, each: ValueCount) -> str:
        """Return the name of a value in this language."""
        return each.value if isinstance(each.value, str) else self.page.text(each.value)

    def spread(self, card: "TagCard") -> Markup | None:
        """Say where the middle of a number lies, or None for what is no number."""
        deciles = card.summary.deciles
        if len(deciles) != 11 or card.entry.type in _YEARS or not card.shown:
            return None
        low, middle, high = (self.page.figure(deciles[i], "plain") for i in (1, 5, 9))
        return self.page.say("tags.spread", middle=middle, low=low, high=high)

    def users(self, entry: CatalogueEntry) -> list[tuple[str, list[TagUser]]]:
        """Return what uses a tag, by kind."""
        by_kind: dict[str, list[TagUser]] = defaultdict(list)
        for user in entry.lineage.users:
            by_kind[user.kind].append(user)
        return list(by_kind.items())

    @cached_property
    def columns(self) -> list[tuple[str, list[tuple[str, list[CatalogueEntry]]]]]:
        """Every source with its columns that tags are made from, each with its tags."""
        by_source: dict[str, dict[str, list[CatalogueEntry]]] = defaultdict(lambda: defaultdict(list))
        for card in self.report.tags:
            for column in card.entry.lineage.columns:
                by_source[column.partition(".")[0]][column].append(card.entry)
        return [(name, sorted(columns.items())) for name, columns in sorted(by_source.items())]

    def together(self, row: int, column: int) -> float | None:
        """Return which share of one segment's customers are in another, too; None for an empty segment."""
        overlap = self.report.overlap
        return overlap[row][column] / overlap[row][row] if overlap[row][row] else None

    def greatest(self, counts: tuple[tuple[int, ...], ...]) -> int:
        """Return the fullest cell of a grid, at least 1."""
        return max((count for row in counts for count in row), default=0) or 1


def compared(report: "PortraitReport") -> dict[str, Any]:
    """Return the portraits of all segments as plain data for the page's script; base shares stand once."""
    tags: dict[str, dict[str, Any]] = {}
    segments = []
    for card in report.segments:
        shares = {}
        for tag in card.portrait:
            tags.setdefault(
                tag.tag,
                {
                    "name": tag.name,
                    "dimension": tag.dimension,
                    "values": [each.value for each in tag.bins],
                    "base": [round(each.base_share, 5) for each in tag.bins],
                },
            )
            shares[tag.tag] = [round(tag.coverage, 4), [round(each.audience_share, 5) for each in tag.bins]]
        segments.append(
            {
                "code": card.segment,
                "name": card.name,
                "customers": card.customers,
                "share": card.share,
                "tags": shares,
            }
        )
    return {"tags": tags, "segments": segments, "customers": report.customers}


def _mean(cards: "list[TagCard]") -> float | None:
    return sum(card.summary.coverage for card in cards) / len(cards) if cards else None
