"""Twin 孪生: a small simulated bank whose truth is known; it acts only through files, as a bank would."""

from vostro.twin.bank import TwinBank
from vostro.twin.bench import bench_twin
from vostro.twin.dirt import DirtyRow
from vostro.twin.errors import CallListError, TwinSizeError, TwinStartError
from vostro.twin.truth import Truth

__all__ = [
    "CallListError",
    "DirtyRow",
    "Truth",
    "TwinBank",
    "TwinSizeError",
    "TwinStartError",
    "bench_twin",
]
