"""Reading aggregates 聚合定义解析: what does ``aggregate:`` of a tag say, and what is wrong with it?

Every fault has the line of the YAML file, the reason in both languages, and what may have been meant.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vostro.engine import Located, read_one
from vostro.portrait.aggregate.definition import (
    MEASURES,
    NUMBER_SCALE,
    UTC,
    Aggregate,
    Clock,
    Measure,
    MeasureName,
    Ratio,
    Window,
)
from vostro.portrait.columns import WHOLE_MAX, column_info
from vostro.portrait.errors import RuleError
from vostro.portrait.rule import Rule, parse_rule
from vostro.portrait.types import DIGITS_MAX, TagInfo
from vostro.words import Fault, FaultsError, MomentFormatError, Text, VostroError, parse_span, suggest

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = [
    "AggregateDefinition",
    "AggregateReader",
    "RatioDefinition",
    "aggregate_columns",
    "bank_clock",
    "result_info",
]

_MEASURE = re.compile(r"^\s*(\w+)\s*(?:\(\s*([^(),]*?)\s*(?:,\s*([^(),]*?)\s*)?\))?\s*$")
_BARE = ("count", "days_since_first", "days_since_last")  # measures without a column
_NUMERIC = ("integer", "number", "decimal")
_TAKES = {
    "sum": _NUMERIC,
    "mean": _NUMERIC,
    "min": (*_NUMERIC, "text", "date", "moment"),
    "max": (*_NUMERIC, "text", "date", "moment"),
    "distinct": (*_NUMERIC, "text", "boolean", "date"),
    "top": ("text", "integer", "boolean", "date"),
}
_K_MAX = 100
_WINDOW_MAX = timedelta(days=36_525)  # a hundred years


class RatioDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an aggregate is divided by; measure and window default to the tag's own, the filter to none."""

    measure: str | None = None
    where: str | None = None
    window: str | None = None


class AggregateDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``aggregate:`` of a tag, as it is written."""

    of: str  # a contract's code or its event kind
    measure: str
    where: str | None = None
    window: str | None = None
    ratio_to: RatioDefinition | None = None
    trend: bool = False


class _Zoned(msgspec.Struct, frozen=True):
    """The one field of ``bank.yaml`` that windows need."""

    zone: str


class AggregateReader:
    """Reads one ``aggregate:`` against the contracts."""

    def __init__(self, at: Located[Any], contracts: "Mapping[str, Contract]", clock: Clock) -> None:
        """Look at the definition at ``at``, whose value has a field ``aggregate``."""
        self.at, self.contracts, self.clock = at, contracts, clock
        self.faults: list[Fault] = []

    def read(self) -> Aggregate:
        """Return the aggregate.

        Raises:
            FaultsError: all its faults: unknown contract, event or column, a column that the measure
                cannot take, a window that is none, a contract without event time or customer.
        """
        definition: AggregateDefinition = self.at.value.aggregate
        contract = self._contract(definition.of)
        measure = self._measure("measure", definition.measure, contract)
        where = self._where("where", definition.where, contract)
        window = self._window("window", definition.window)
        base = self._ratio(definition, contract, measure, window)
        self._combination(definition, measure, window, base)
        if self.faults or measure is None:
            raise FaultsError(self.faults)
        return Aggregate(
            of=contract.contract,
            measure=measure,
            where=where,
            window=window,
            ratio_to=base,
            trend=definition.trend,
            clock=self.clock,
        )

    def _fault(self, field: str, en: str, zh: str, close: str | None = None) -> None:
        if close:
            en, zh = f"{en}; did you mean '{close}'?", f"{zh}，是否想写“{close}”？"
        self.faults.append(self.at.fault(f"aggregate.{field}", en, zh))

    def _contract(self, of: str) -> "Contract":
        """Return the contract of that code or event kind; nothing else can be checked without it."""
        by_event = [each for each in self.contracts.values() if each.event == of]
        contract = self.contracts.get(of) or (by_event[0] if len(by_event) == 1 else None)
        if contract is None and by_event:
            shown = ", ".join(each.contract for each in by_event)
            self._fault(
                "of",
                f"several contracts bring events '{of}': {shown}; name the contract",
                f"多个数据契约都提供事件“{of}”：{shown}；请写契约代码",
            )
        elif contract is None:
            sources = {code for code, each in self.contracts.items() if each.customer and each.event_time}
            known = sources | {each.event for each in self.contracts.values() if each.event}
            self._fault(
                "of", f"there is no contract or event '{of}'", f"没有数据契约或事件“{of}”", suggest(of, known)
            )
        else:
            self._source(contract)
        if self.faults or contract is None:
            raise FaultsError(self.faults)
        return contract

    def _source(self, contract: "Contract") -> None:
        """Refuse a contract whose rows are not events of customers."""
        name = contract.contract
        for field, given in (("customer", contract.customer), ("event_time", contract.event_time)):
            if given is None:
                self._fault(
                    "of",
                    f"contract '{name}' has no `{field}`: its rows are not events of customers",
                    f"数据契约“{name}”未声明 {field}，其记录不是客户事件",
                )
        if contract.awaited:
            self._fault(
                "of",
                f"contract '{name}' is awaited: it comes after the decision, so no tag may read it",
                f"契约“{name}”标记为 awaited，其数据晚于决策到达，标签不得引用",
            )

    def _measure(self, field: str, text: str, contract: "Contract") -> Measure | None:
        """Return the measure that a text such as ``top(city, 3)`` says."""
        match = _MEASURE.match(text)
        name, column, k = match.groups() if match else (text, None, None)
        if match is None or name not in MEASURES:
            shown = ", ".join(MEASURES)
            self._fault(
                field,
                f"'{text}' is not a measure; write one of {shown}, with its column: sum(amount)",
                f"“{text}”不是度量；可用：{shown}，列写在括号内：sum(amount)",
                suggest(name, set(MEASURES)),
            )
            return None
        if name in _BARE:
            if column:
                hint_en, hint_zh = f"{column} IS NOT NULL", f"{column} IS NOT NULL"
                self._fault(
                    field,
                    f"{name} takes no column; to leave events out write where: {hint_en}",
                    f"{name} 不带列；如需筛选事件请写 where: {hint_zh}",
                )
                return None
            return Measure(name)  # type: ignore[arg-type]
        if not column:
            self._fault(
                field, f"{name} needs a column: {name}(amount)", f"{name} 需要指定列，例如 {name}(amount)"
            )
            return None
        return self._of_column(field, name, column, k, contract)  # type: ignore[arg-type]

    def _of_column(
        self, field: str, name: MeasureName, code: str, k: str | None, contract: "Contract"
    ) -> Measure | None:
        """Return a measure of a column, whose type it must be able to take."""
        column = contract.columns.get(code)
        if column is None:
            self._fault(
                field,
                f"contract '{contract.contract}' has no column '{code}'",
                f"数据契约“{contract.contract}”没有列“{code}”",
                suggest(code, set(contract.columns)),
            )
            return None
        takes = _TAKES.get(name)
        if takes is not None and column.type not in takes:
            shown = ", ".join(takes)
            self._fault(
                field,
                f"{name} cannot take column '{code}' of type {column.type}; it takes {shown}",
                f"{name} 不能用于 {column.type} 类型的列“{code}”，可用类型：{shown}",
            )
            return None
        count = self._k(field, name, k)
        digits, scale = column.decimal if column.type == "decimal" else (0, 0)
        scale = NUMBER_SCALE if column.type == "number" else scale
        return Measure(name, code, column.type, scale, digits, count) if count else None

    def _k(self, field: str, name: str, k: str | None) -> int:
        """Return how many values ``top`` keeps; 0 when it cannot be read."""
        if k is None:
            return 1
        if name != "top":
            self._fault(
                field, f"{name} takes one column and nothing else", f"{name} 只带一个列，没有其他参数"
            )
            return 0
        if not (k.isascii() and k.isdigit() and 1 <= int(k) <= _K_MAX):
            self._fault(
                field,
                f"top(column, k): k is a whole number from 1 to {_K_MAX}, not '{k}'",
                f"top(列, k)：k 为 1 到 {_K_MAX} 的整数，不能是“{k}”",
            )
            return 0
        return int(k)

    def _where(self, field: str, text: str | None, contract: "Contract") -> Rule | None:
        """Return a filter as a rule over the columns of the contract."""
        if text is None:
            return None
        try:
            return parse_rule(text, {code: column_info(column) for code, column in contract.columns.items()})
        except RuleError as error:
            shown = error.data["caret"].replace("\n", "\n    ")
            en = error.reason.en.replace("there is no tag", f"'{contract.contract}' has no column")
            zh = error.reason.zh.replace("没有标签", f"数据契约“{contract.contract}”没有列")
            self._fault(field, f"{en}\n    {shown}", f"{zh}\n    {shown}")
            return None

    def _window(self, field: str, text: str | None) -> Window | None:
        """Return a window, or None for all time."""
        if text is None:
            return None
        try:
            span = parse_span(text)
        except (MomentFormatError, OverflowError):
            span = timedelta(0)
        if not timedelta(0) < span <= _WINDOW_MAX:
            self._fault(
                field,
                f"'{text}' is not a window; write for example '90 days', '2 weeks', '12 hours' or '30 minutes'",
                f"“{text}”不是时间窗口，例如可写“90 days”“2 weeks”“12 hours”“30 minutes”",
            )
            return None
        return Window(span // timedelta(microseconds=1))

    def _ratio(
        self,
        definition: AggregateDefinition,
        contract: "Contract",
        measure: Measure | None,
        window: Window | None,
    ) -> Ratio | None:
        """Return what the tag is divided by."""
        given = definition.ratio_to
        if given is None:
            return None
        own = measure
        if given.measure is not None:
            own = self._measure("ratio_to.measure", given.measure, contract)
        where = self._where("ratio_to.where", given.where, contract)
        own_window = window if given.window is None else self._window("ratio_to.window", given.window)
        return Ratio(own, where, own_window) if own is not None else None

    def _combination(
        self,
        definition: AggregateDefinition,
        measure: Measure | None,
        window: Window | None,
        base: Ratio | None,
    ) -> None:
        """Refuse ratios and trends that cannot be divided, or that say nothing."""
        if definition.trend and definition.ratio_to is not None:
            self._fault("trend", "a tag is a trend or a ratio, not both", "trend 与 ratio_to 不能同时使用")
        if definition.trend and definition.window is None:
            self._fault(
                "trend",
                "a trend compares a window with the one before it; it needs `window`",
                "趋势是窗口与前一窗口的比较，须写 window",
            )
        divided = [("measure", measure)] if definition.trend or base else []
        divided += [("ratio_to.measure", base.measure)] if base else []
        for field, each in divided:
            if each is not None and not _divisible(each):
                self._fault(
                    field,
                    f"{each.text} is not a number and cannot be divided",
                    f"{each.text} 不是数值，不能相除",
                )
        plain = definition.where is None and base is not None and base.where is None
        if plain and base is not None and (base.measure, base.window) == (measure, window):
            self._fault(
                "ratio_to", "the ratio of a measure to itself is 1 for everyone", "度量与自身之比恒为 1"
            )


def bank_clock(bank: Path) -> Clock:
    """Return the clock of a bank's zone; UTC for a folder without ``bank.yaml``.

    What is wrong with the header is told where the bank is read as a whole.
    """
    try:
        return Clock.of(read_one(bank / "bank.yaml", _Zoned).value.zone)
    except VostroError:
        return UTC


def result_info(aggregate: Aggregate, contract: "Contract", name: Text) -> TagInfo:
    """Return the type of an aggregate's value, and what rules must know about it."""
    measure = aggregate.measure
    if aggregate.base is not None or measure.name == "mean":
        return TagInfo(type="number", name=name)
    if measure.column is None or measure.name == "distinct":
        return TagInfo(type="integer", name=name)
    column = contract.columns[measure.column]
    if measure.name == "top":
        closed = measure.k == 1 and column.type == "text" and column.allowed
        return TagInfo(type="text", name=name, values=tuple(column.allowed or ()) if closed else None)
    assert measure.type is not None
    scale = measure.scale if measure.type == "decimal" else 4
    whole = WHOLE_MAX if measure.name == "sum" else min(measure.digits - scale, WHOLE_MAX)
    return TagInfo(
        type=measure.type,
        name=name,
        values=tuple(column.allowed) if column.allowed and measure.name != "sum" else None,
        digits=min(whole + scale, DIGITS_MAX) if measure.type == "decimal" else 18,
        scale=scale,
    )


def aggregate_columns(aggregate: Aggregate) -> frozenset[str]:
    """Return the columns whose values an aggregate reads; the event time it reads always."""
    found = {part.measure.column for part in aggregate.parts if part.measure.column}
    return frozenset(found.union(*(part.where.tags for part in aggregate.parts if part.where)))


def _divisible(measure: Measure) -> bool:
    """Tell whether a measure's value is a number."""
    if measure.name == "top":
        return False
    return measure.column is None or measure.name == "distinct" or measure.type in _NUMERIC
