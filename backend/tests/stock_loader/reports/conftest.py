"""The file of metrics and its clock."""

from pathlib import Path

import pytest

from tests.stock_loader.reports.measured_loads import NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as a list of one moment that a test may change."""
    moment = [NOW]
    monkeypatch.setattr("stock_loader.reports.metrics.time.time", lambda: moment[0])
    return moment


@pytest.fixture
def path(tmp_path: Path, clock: list[float]) -> Path:
    return tmp_path / "stock_load.prom"
