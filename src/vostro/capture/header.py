"""Header 表头核对: does a file have the columns that its contract names?"""

from vostro.capture.contracts import Contract
from vostro.capture.errors import HeaderError
from vostro.words import suggest

__all__ = ["check_header"]


def check_header(contract: Contract, header: tuple[str, ...], file: str) -> None:
    """Compare the columns of a file with its contract.

    Raises:
        HeaderError: columns are missing, or neither declared nor ignored; all are named at once,
            each with the name that it may have been confused with.
    """
    declared = set(contract.headers.values())
    present = set(header)
    missing = [name for name in contract.headers.values() if name not in present]
    unknown = [name for name in header if name not in declared and name not in contract.ignore]
    if not missing and not unknown:
        return
    said_en, said_zh = [], []
    for name in missing:
        close = suggest(name, set(unknown))
        said_en.append(f"Column '{name}' is missing" + (f"; is it '{close}' in the file?" if close else "."))
        said_zh.append(f"缺少列“{name}”" + (f"，文件中的“{close}”是否就是它？" if close else "。"))
    for name in unknown:
        close = suggest(name, set(missing) or declared)
        said_en.append(
            f"The contract does not know '{name}'" + (f"; did you mean '{close}'?" if close else ".")
        )
        said_zh.append(f"契约中没有“{name}”" + (f"，是否想写“{close}”？" if close else "。"))
    said_en.append("Declare it under `columns` or `ignore`, use `from:` for another name, or mend the file.")
    said_zh.append("请在契约的 columns 或 ignore 中声明，用 from 指明表头，或修正文件。")
    raise HeaderError(
        file=file, source=contract.contract, details_en=" ".join(said_en), details_zh="".join(said_zh)
    )
