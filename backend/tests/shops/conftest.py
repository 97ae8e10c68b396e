"""Loads of the shops' documents."""

from pathlib import Path
from typing import Any

import pytest

from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.outcome import LoadDetails
from tests.documents import rests as document


@pytest.fixture
def load(rests: Path, strategy: str) -> Any:
    """Load a document of these offers."""

    def load(*offers: str, **options: Any) -> LoadDetails:
        rests.write_text(document(*offers, date=options.pop("date", "2026-01-15T03:00:00")), "utf-8")
        report = load_stocks(LoadOptions(file=str(rests), strategy=strategy, exports_are_whole=True, **options))
        assert report.status == "completed"
        return report.details

    return load
