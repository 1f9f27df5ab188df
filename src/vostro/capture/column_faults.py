"""Column faults 派生列检查: do mapped values, derived columns and looked-up customers make sense?"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from vostro.capture.contracts import ROW_NUMBER, Contract, ContractColumn, CustomerVia, WrittenContract
from vostro.capture.expressions import expression_fault
from vostro.capture.parsing import dtype_of
from vostro.engine import Located
from vostro.words import Fault, suggest

__all__ = ["customer_faults", "made_column_faults"]

Said = tuple[str, str, str]  # path in the definition, English, Chinese
_YEARS = (1, 9900)


def made_column_faults(contract: Contract) -> Iterator[Said]:
    """Yield what is wrong with values, derived columns, years of two digits and ``known``."""
    above: dict[str, ContractColumn] = {}
    for name, column in contract.columns.items():
        for path, en, zh in (*_values(column), *_years(column), *_derived(column, above)):
            yield f"columns.{name}.{path}", en, zh
        above[name] = column
    known = contract.known
    if known == "event_time":
        if contract.event_time is None:
            yield "known", "there is no `event_time` that it could be known at", "未声明 event_time"
    elif known is not None and not _is_day(known):
        yield (
            "known",
            "write event_time, or the date since which it was known, such as 2024-12-31",
            "请写 event_time，或已知日期，如 2024-12-31",
        )


def customer_faults(located: Mapping[str, Located[WrittenContract]]) -> list[Fault]:
    """Return what is wrong with ``customer: {via: ...}`` and with what references bring."""
    written = {name: each.value for name, each in located.items()}
    return [
        each.fault(f"customer.{path}", en, zh)
        for each in located.values()
        if isinstance(each.value.customer, CustomerVia)
        for path, en, zh in _customer(each.value, each.value.customer, written)
    ] + [
        each.fault(path, en, zh) for each in located.values() for path, en, zh in _brings(each.value, written)
    ]


def _brings(contract: WrittenContract, written: Mapping[str, WrittenContract]) -> Iterator[Said]:
    taken = set(contract.columns)
    for index, reference in enumerate(contract.references):
        target = written.get(reference.table)
        path = f"references[{index}].brings"
        if target is None or not reference.brings:
            continue
        if target.key != [reference.key]:
            yield (
                path,
                f"'{reference.to}' is not the key of its table, so that several records could bring something",
                f"“{reference.to}”不是该表的主键，可能对应多条记录",
            )
        for name in reference.brings:
            if name not in target.columns:
                en, zh = _no_column(name, target)
                yield path, f"{reference.table}: {en}", f"{reference.table}：{zh}"
            if name in taken:
                yield path, f"'{name}' is already a column here", f"“{name}”已是本契约的列"
            taken.add(name)


def _is_day(value: Any) -> bool:
    if isinstance(value, str):
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, date) and not isinstance(value, datetime)


def _values(column: ContractColumn) -> Iterator[Said]:
    if column.values is None:
        return
    if not column.values:
        yield "values", "no value is given", "没有任何取值"
    if column.type == "text" and column.allowed:
        for given, read in column.values.items():
            if read not in column.allowed:
                yield (
                    f"values.{given}",
                    f"'{read}' is none of the allowed values",
                    f"“{read}”不在 allowed 取值内",
                )


def _years(column: ContractColumn) -> Iterator[Said]:
    if column.years_from is None:
        return
    if "%y" not in (column.layout or ""):
        yield (
            "years_from",
            "only a layout with a year of two digits (%y) needs it",
            "仅当 layout 含两位年份（%y）时才可设置",
        )
    elif not _YEARS[0] <= column.years_from <= _YEARS[1]:
        yield "years_from", "write a year such as 1900", "请写年份，如 1900"


def _derived(column: ContractColumn, above: Mapping[str, ContractColumn]) -> Iterator[Said]:
    if column.derive is None:
        return
    if column.from_ is not None:
        yield "from", "a derived column has no header", "派生列不能声明 from"
    schema = [(name, dtype_of(each)) for name, each in above.items() if each.from_ != ROW_NUMBER]
    if fault := expression_fault(column.derive, schema, truth=False):
        yield ("derive", *fault)


def _customer(
    contract: WrittenContract, customer: CustomerVia, written: Mapping[str, WrittenContract]
) -> Iterator[Said]:
    if customer.is_ in contract.columns:
        yield (
            "is",
            f"'{customer.is_}' is already a column here: write `customer: {customer.is_}`, or leave the column out",
            f"“{customer.is_}”已是本契约的列：请写 customer: {customer.is_}，或去掉该列",
        )
    if customer.via not in contract.columns:
        yield ("via", *_no_column(customer.via, contract))
    target = written.get(customer.table)
    if target is None or target is contract:
        close = suggest(customer.table, set(written) - {contract.contract})
        yield (
            "to",
            f"there is no other contract '{customer.table}'"
            + (f"; did you mean '{close}'?" if close else ""),
            f"没有其他数据契约“{customer.table}”" + (f"，是否想写“{close}”？" if close else ""),
        )
        return
    for path, name in (("to", customer.key), ("is", customer.is_)):
        if name not in target.columns:
            en, zh = _no_column(name, target)
            yield path, f"{customer.table}: {en}", f"{customer.table}：{zh}"
    if customer.via in contract.columns and customer.key in target.columns:
        here, there = contract.columns[customer.via].type, target.columns[customer.key].type
        if here != there:
            yield (
                "to",
                f"'{customer.via}' is {here} and {customer.to} is {there}; give both one type",
                f"“{customer.via}”为 {here}，{customer.to} 为 {there}，类型须一致",
            )
    if customer.where is not None:
        schema = [(name, dtype_of(each)) for name, each in target.columns.items()]
        if fault := expression_fault(customer.where, schema, truth=True):
            yield ("where", *fault)


def _no_column(name: str, contract: Contract) -> tuple[str, str]:
    close = suggest(name, set(contract.columns))
    return (
        f"there is no column '{name}'" + (f"; did you mean '{close}'?" if close else ""),
        f"没有名为“{name}”的列" + (f"，是否想写“{close}”？" if close else ""),
    )
