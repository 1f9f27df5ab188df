"""Contract files 契约文件: which contracts does a bank have, and do they make sense?"""

from pathlib import Path

from vostro.capture.contract_faults import contract_faults
from vostro.capture.contracts import Contract
from vostro.engine import read_definitions
from vostro.words import FaultsError

__all__ = ["read_contracts"]


def read_contracts(bank: Path) -> dict[str, Contract]:
    """Read ``contracts/*.yaml`` of a bank into ``{name: contract}``.

    Raises:
        FaultsError: every fault of every file, with its line: unknown fields and types, ranges of the
            wrong type, keys and references to columns that do not exist, unknown zones, bad patterns.
    """
    located = read_definitions(bank / "contracts", "contract", Contract)
    faults = contract_faults(located)
    if faults:
        raise FaultsError(faults)
    return {name: each.value for name, each in located.items()}
