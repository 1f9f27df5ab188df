"""The bench of the real customers, run once."""

from pathlib import Path
from typing import Any

import pytest

from vostro.insight.value.bench import bench_cdnow


@pytest.fixture(scope="session")
def measured_cdnow(data_dir: Path) -> dict[str, Any]:
    """What the bench of CDNOW says."""
    return bench_cdnow(data_dir)
