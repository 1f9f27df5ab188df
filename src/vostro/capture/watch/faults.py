"""Faults of limits 监测阈值检查: can what a contract says of `expected` and `watch` be read?"""

from collections.abc import Iterator

from vostro.capture.contracts import Contract, parse_rhythm, parse_share
from vostro.words import MomentFormatError, VostroError, parse_span, suggest

__all__ = ["watch_faults"]

Said = tuple[str, str, str]  # path in the definition, English, Chinese
_SHARES = ("volume", "reject_rate_max", "duplicate_rate_max", "reference_breaks_max")


def watch_faults(contract: Contract) -> Iterator[Said]:
    """Yield every fault of a contract's ``expected`` and ``watch``."""
    watch = contract.watch
    if contract.expected is not None:
        try:
            parse_rhythm(contract.expected)
        except MomentFormatError:
            yield "expected", "write a rhythm such as: every 1 day", "请写周期，例如 every 1 day"
    if watch.freshness_max is not None:
        try:
            parse_span(watch.freshness_max)
        except VostroError as error:
            yield "watch.freshness_max", error.say("en"), error.say("zh")
    for name in _SHARES:
        yield from _share(f"watch.{name}", getattr(watch, name))
    rates = watch.null_rate_max
    if isinstance(rates, dict):
        for column, share in rates.items():
            yield from _column(contract, f"watch.null_rate_max.{column}", column)
            yield from _share(f"watch.null_rate_max.{column}", share)
    else:
        yield from _share("watch.null_rate_max", rates)
    for index, column in enumerate(watch.ignore):
        yield from _column(contract, f"watch.ignore[{index}]", column)
    if not watch.psi_max > 0:
        yield "watch.psi_max", "write a number above 0, such as 0.25", "请写大于 0 的数，例如 0.25"
    if watch.rows_min is not None and watch.rows_min < 1:
        yield "watch.rows_min", "write a whole number above 0", "请写大于 0 的整数"


def _share(path: str, text: str | None) -> Iterator[Said]:
    if text is None:
        return
    try:
        parse_share(text)
    except ValueError:
        yield path, "write a share such as 5 %", "请写百分比，例如 5 %"


def _column(contract: Contract, path: str, name: str) -> Iterator[Said]:
    if name in contract.columns:
        return
    close = suggest(name, set(contract.columns))
    yield (
        path,
        f"there is no column '{name}'" + (f"; did you mean '{close}'?" if close else ""),
        f"没有名为“{name}”的列" + (f"，是否想写“{close}”？" if close else ""),
    )
