"""Faults of contracts 契约检查: does each contract make sense, alone and beside the others?

``read_definitions`` has checked the shape; here the parts are checked against each other.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from vostro.capture.column_faults import made_column_faults
from vostro.capture.contracts import ROW_NUMBER, Contract, ContractColumn, LookedUpColumn, parse_share
from vostro.capture.watch.faults import watch_faults
from vostro.engine import Located
from vostro.words import CODE, Fault, VostroError, parse_moment, parse_span, suggest, zone

__all__ = ["contract_faults", "load_order", "typed_bound"]

RESERVED = ("_load", "_line", "load_time")
NUMERIC = ("integer", "number", "decimal")
BOUNDED = (*NUMERIC, "date", "moment")
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")

Said = tuple[str, str, str]  # path in the definition, English, Chinese


def contract_faults(located: Mapping[str, Located[Contract]]) -> list[Fault]:
    """Return every fault of the contracts, each with its file and line."""
    contracts = {name: each.value for name, each in located.items()}
    faults: list[Fault] = []
    for each in located.values():
        said = [
            *_names(each.value),
            *_columns(each.value),
            *_event_time(each.value),
            *_texts(each.value),
            *watch_faults(each.value),
            *made_column_faults(each.value),
            *_references(each.value, contracts),
        ]
        faults.extend(each.fault(path, en, zh) for path, en, zh in said)
    if not faults:
        faults.extend(_cycle(located))
    return faults


def load_order(contracts: Mapping[str, Contract]) -> list[str]:
    """Return the names so that what is referred to comes before what refers to it.

    Raises:
        CycleError: the references go round in a circle.
    """
    graph = {name: sorted(_needed(contract) & set(contracts)) for name, contract in contracts.items()}
    return list(TopologicalSorter(graph).static_order())


def _needed(contract: Contract) -> set[str]:
    """Return the contracts whose tables are read while this one is loaded."""
    tables = {reference.table for reference in contract.references}
    return tables | {contract.looked_up.table} if contract.looked_up else tables


def typed_bound(column: ContractColumn, value: Any) -> Any:
    """Return a bound or an allowed value in the column's own type.

    Raises:
        ValueError: the value is not of that type.
    """
    kind = column.type
    if isinstance(value, bool) is not (kind == "boolean"):
        raise ValueError(value)
    given, convert = _BOUNDS[kind]
    if not isinstance(value, given):
        raise ValueError(value)
    return convert(value)


def _decimal(value: float | str) -> Decimal:
    try:
        return Decimal(str(value))
    except ArithmeticError as error:
        raise ValueError(value) from error


def _date(value: date | str) -> date:
    if isinstance(value, datetime):
        raise ValueError(value)
    return value if isinstance(value, date) else date.fromisoformat(value)


def _moment(value: datetime | str) -> datetime:
    moment = parse_moment(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


_BOUNDS: dict[str, tuple[tuple[type, ...], Callable[[Any], Any]]] = {
    "text": ((str,), str),
    "boolean": ((bool,), bool),
    "integer": ((int,), int),
    "number": ((int, float), float),
    "decimal": ((int, float, str), _decimal),
    "date": ((date, str), _date),
    "moment": ((datetime, str), _moment),
}


def _names(contract: Contract) -> Iterator[Said]:
    if not contract.columns:
        yield "columns", "a contract names at least one column", "数据契约至少要有一列"
    seen: dict[str, str] = {}
    for name in contract.columns:
        if not CODE.match(name) and name not in RESERVED:
            yield (
                f"columns.{name}",
                f"'{name}' is not a column name: use a-z, 0-9 and _, a letter first, and `from:` for the header",
                f"“{name}”不能作列名：只用 a-z、0-9 与下划线，字母开头；文件中的表头请写在 from",
            )
        if name in RESERVED or (name == "event_time" and _other_event_time(contract)):
            yield (
                f"columns.{name}",
                f"'{name}' is a column that the lake writes itself; choose another name and use `from: {name}`",
                f"“{name}”由数据湖自动写入，请改用其他列名，并写 from: {name}",
            )
    for name, header in contract.headers.items():
        if header in seen:
            yield (
                f"columns.{name}.from",
                f"'{header}' is already read into column '{seen[header]}'",
                f"“{header}”已读入列“{seen[header]}”",
            )
        seen.setdefault(header, name)
    for header in contract.ignore:
        if header in seen:
            yield (
                f"ignore.{header}",
                f"'{header}' is both ignored and read into column '{seen[header]}'; keep one",
                f"“{header}”既被忽略又读入列“{seen[header]}”，只能保留一处",
            )
    for path, name in _named(contract):
        if name not in contract.columns:
            yield (path, *_unknown(name, contract))


def _other_event_time(contract: Contract) -> bool:
    """Tell whether a column named event_time would not be the event time itself."""
    event = contract.event_time
    own = event is not None and event.column == "event_time"
    return event is not None and not (own and contract.columns["event_time"].type == "moment")


def _named(contract: Contract) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(contract.key):
        yield f"key[{index}]", name
    if contract.customer:
        yield "customer", contract.customer
    if contract.event_time:
        for path in ("column", "months_in_order"):
            name = getattr(contract.event_time, path)
            if name:
                yield f"event_time.{path}", name
    for index, reference in enumerate(contract.references):
        yield f"references[{index}].column", reference.column


def _unknown(name: str, contract: Contract) -> tuple[str, str]:
    close = suggest(name, set(contract.columns))
    return (
        f"there is no column '{name}'" + (f"; did you mean '{close}'?" if close else ""),
        f"没有名为“{name}”的列" + (f"，是否想写“{close}”？" if close else ""),
    )


def _columns(contract: Contract) -> Iterator[Said]:
    for name, column in contract.columns.items():
        if isinstance(column, LookedUpColumn):
            continue  # as it is in the table that knows it, where its own faults are told
        for path, en, zh in (*_bounds(column), *_written(column), *_zone(contract, name)):
            yield f"columns.{name}.{path}", en, zh


def _bounds(column: ContractColumn) -> Iterator[Said]:
    kind = column.type
    for path in ("min", "max"):
        value = getattr(column, path)
        if value is None:
            continue
        if kind not in BOUNDED:
            yield path, f"a {kind} column has no {path}", f"{kind} 类型的列不能设 {path}"
        elif not _fits(column, value):
            yield path, f"{value!r} is not of type {kind}", f"{value!r} 不是 {kind} 类型"
    for index, value in enumerate(column.allowed or []):
        if not _fits(column, value):
            hint = " (YAML reads yes, no, on and off as true and false: write them in quotes)"
            yield (
                f"allowed[{index}]",
                f"{value!r} is not of type {kind}" + (hint if isinstance(value, bool) else ""),
                f"{value!r} 不是 {kind} 类型"
                + ("（YAML 把 yes/no/on/off 当作布尔值，请加引号）" if isinstance(value, bool) else ""),
            )
    if column.allowed == []:
        yield "allowed", "no value would be allowed", "没有任何允许的取值"
    if (
        column.min is not None
        and column.max is not None
        and _fits(column, column.min)
        and _fits(column, column.max)
    ):
        low, high = typed_bound(column, column.min), typed_bound(column, column.max)
        if low > high:
            yield "max", f"max {high} is below min {low}", f"max {high} 小于 min {low}"


def _fits(column: ContractColumn, value: Any) -> bool:
    try:
        typed_bound(column, value)
    except (ValueError, VostroError):
        return False
    return True


def _written(column: ContractColumn) -> Iterator[Said]:
    if column.pattern is not None:
        if column.type != "text":
            yield "pattern", "only a text column has a pattern", "只有 text 列可设 pattern"
        elif reason := _pattern_fault(column.pattern):
            yield "pattern", f"not a regular expression: {reason}", f"不是合法的正则表达式：{reason}"
    if column.layout is not None and column.type not in ("date", "moment"):
        yield "layout", "only a date or moment has a layout", "只有 date 或 moment 列可设 layout"
    whole, point = column.decimal
    if not 0 <= point <= whole <= 38:
        yield (
            "decimal",
            "write [digits in all, digits after the point], at most 38 in all",
            "请写 [总位数, 小数位数]，总位数不超过 38",
        )
    if column.from_ == ROW_NUMBER and column.type not in ("text", "integer"):
        yield "from", "a row number is text or integer", "row_number 列只能是 text 或 integer"


def _pattern_fault(pattern: str) -> str | None:
    import polars as pl

    try:
        pl.Series([""]).str.contains(f"^(?:{pattern})$")
    except pl.exceptions.PolarsError as error:
        return " ".join(str(error).split("\n\n")[0].split())
    return None


def _zone(contract: Contract, name: str) -> Iterator[Said]:
    own = contract.columns[name].zone
    if own is not None and (fault := _zone_fault(own)):
        yield "zone", fault.say("en"), fault.say("zh")
    column = contract.columns[name]
    if (
        column.type == "moment"
        and column.layout
        and "z" not in column.layout
        and contract.zone_of(name) is None
    ):
        yield (
            "layout",
            "the layout states no zone: name one in `zone`, such as Asia/Shanghai",
            "layout 中没有时区：请在 zone 中声明，例如 Asia/Shanghai",
        )


def _zone_fault(name: str) -> VostroError | None:
    try:
        zone(name)
    except VostroError as error:
        return error
    return None


def _event_time(contract: Contract) -> Iterator[Said]:
    event = contract.event_time
    if event is None:
        if contract.event:
            yield "event", "an event needs `event_time`", "声明 event 时必须有 event_time"
        if contract.lateness:
            yield "lateness", "lateness needs `event_time`", "声明 lateness 时必须有 event_time"
        return
    if (event.column is None) == (event.months_in_order is None):
        yield (
            "event_time",
            "name either `column` or `months_in_order`",
            "column 与 months_in_order 须且只能写一个",
        )
        return
    if event.column and event.column in contract.columns:
        kind = contract.columns[event.column].type
        if kind not in ("date", "moment"):
            yield (
                "event_time.column",
                f"'{event.column}' is {kind}; an event time is a date or a moment",
                f"“{event.column}”的类型是 {kind}，事件时间须为 date 或 moment",
            )
    if event.months_in_order and not _MONTH.match(event.first or ""):
        yield (
            "event_time.first",
            "state year and month of the first record, such as 2008-05",
            "请写首条记录的年月，如 2008-05",
        )
    if contract.event and not contract.customer:
        yield "event", "an event needs `customer`", "声明 event 时必须有 customer"


def _texts(contract: Contract) -> Iterator[Said]:
    if contract.lateness is not None:
        try:
            parse_span(contract.lateness)
        except VostroError as error:
            yield "lateness", error.say("en"), error.say("zh")
    if contract.rejects_max is not None:
        try:
            parse_share(contract.rejects_max)
        except ValueError:
            yield "rejects_max", "write a share such as 5 %", "请写百分比，例如 5 %"
    for path, name in (
        ("zone", contract.zone),
        ("event_time.zone", contract.event_time.zone if contract.event_time else None),
    ):
        if name is not None and (fault := _zone_fault(name)):
            yield path, fault.say("en"), fault.say("zh")
    if contract.event is not None and not CODE.match(contract.event):
        yield "event", "use a-z, 0-9 and _, a letter first", "只用 a-z、0-9 与下划线，并以字母开头"
    if contract.file != contract.file.strip("/") or ".." in contract.file.split("/"):
        yield "file", "name a file inside the data folder", "请写数据目录内的文件名"


def _references(contract: Contract, contracts: Mapping[str, Contract]) -> Iterator[Said]:
    for index, reference in enumerate(contract.references):
        path = f"references[{index}].to"
        target = contracts.get(reference.table)
        if target is None:
            close = suggest(reference.table, set(contracts))
            yield (
                path,
                f"there is no contract '{reference.table}'" + (f"; did you mean '{close}'?" if close else ""),
                f"没有数据契约“{reference.table}”" + (f"，是否想写“{close}”？" if close else ""),
            )
        elif reference.key not in target.columns:
            en, zh = _unknown(reference.key, target)
            yield path, f"{reference.table}: {en}", f"{reference.table}：{zh}"
        elif reference.table == contract.contract:
            yield path, "a contract cannot refer to itself", "契约不能引用自身"
        elif reference.column in contract.columns:
            left, right = contract.columns[reference.column].type, target.columns[reference.key].type
            if left != right:
                yield (
                    path,
                    f"'{reference.column}' is {left} and {reference.to} is {right}; give both one type",
                    f"“{reference.column}”为 {left}，{reference.to} 为 {right}，类型须一致",
                )


def _cycle(located: Mapping[str, Located[Contract]]) -> Iterator[Fault]:
    try:
        load_order({name: each.value for name, each in located.items()})
    except CycleError as error:
        ring = [str(name) for name in error.args[1]]
        each = located[ring[0]]
        yield each.fault(
            "references",
            f"the references go round in a circle: {' -> '.join(ring)}",
            f"引用成环：{' -> '.join(ring)}",
        )
