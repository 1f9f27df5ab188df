"""References 引用表: which keys do other tables hold right now?

They are read when a contract is first used, and again when the lake has changed.
"""

import polars as pl

from vostro.capture.contracts import Contract
from vostro.capture.customers import CustomerMap
from vostro.capture.errors import ReferenceMissingError
from vostro.capture.keys import KeySet
from vostro.capture.loading import reference_keys
from vostro.capture.parsing import dtype_of
from vostro.engine import Lake

__all__ = ["References"]


class References:
    """The keys that the contracts of messages refer to."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._keys: dict[str, dict[str, KeySet]] = {}
        self._state: dict[str, tuple[str, ...]] = {}

    def of(self, contract: Contract) -> dict[str, KeySet]:
        """Return, for each column that refers to another table, the keys there; none when it is not loaded."""
        if not contract.references and contract.looked_up is None:
            return {}
        if contract.contract not in self._keys:
            self.refresh(contract)
        return self._keys[contract.contract]

    def refresh(self, contract: Contract) -> bool:
        """Read the keys again if their tables have changed, and tell whether they had."""
        tables = {reference.table for reference in contract.references}
        if contract.looked_up is not None:
            tables.add(contract.looked_up.table)
        state = tuple(str(each.path) for table in sorted(tables) for each in self._lake.partitions(table))
        if self._state.get(contract.contract) == state:
            return False
        self._state[contract.contract] = state
        try:
            self._keys[contract.contract] = reference_keys(contract, self._lake, "api")
        except ReferenceMissingError:
            self._keys[contract.contract] = _nothing(contract)
        return True


def _nothing(contract: Contract) -> dict[str, KeySet]:
    """Return empty sets: what refers to a table without data is not found in it."""
    keys = {reference.column: KeySet() for reference in contract.references}
    column = contract.looked_up
    if column is not None:
        schema = {
            "_key": dtype_of(contract.columns[column.via]),
            "_customer": dtype_of(column),
            "_several": pl.Boolean(),
        }
        keys[contract.customer or ""] = CustomerMap(frame=pl.DataFrame(schema=schema))
    return keys
