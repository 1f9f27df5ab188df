"""Contract files 契约文件: which contracts does a bank have, and do they make sense?"""

from pathlib import Path

from vostro.capture.column_faults import customer_faults
from vostro.capture.contract_faults import contract_faults
from vostro.capture.contracts import Contract, WrittenContract
from vostro.capture.customers import resolve
from vostro.engine import read_definitions
from vostro.words import FaultsError

__all__ = ["read_contracts"]


def read_contracts(bank: Path) -> dict[str, Contract]:
    """Read ``contracts/*.yaml`` of a bank into ``{name: contract}``.

    Raises:
        FaultsError: every fault of every file, with its line: unknown fields and types, ranges of the
            wrong type, keys and references to columns that do not exist, unknown zones, bad patterns.
    """
    written = read_definitions(bank / "contracts", "contract", WrittenContract)
    located = resolve(written)
    faults = contract_faults(located) + customer_faults(written)
    if faults:
        raise FaultsError(faults)
    return {name: each.value for name, each in located.items()}
