import pytest

from stock_loader.console.exit_codes import exit_code_of
from stock_loader.errors import (
    AnotherLoadRunsError,
    DatabaseFailedError,
    DocumentError,
    LoadRefusedError,
    OlderFileError,
    RefusedByGuardError,
    StockLoadError,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (StockLoadError, 1),
        (DocumentError, 1),
        (DatabaseFailedError, 1),
        (LoadRefusedError, 1),
        (RefusedByGuardError, 3),
        (OlderFileError, 3),
        (AnotherLoadRunsError, 75),
    ],
)
def test_exit_code_says_what_an_administrator_does_next(kind: type[StockLoadError], code: int) -> None:
    assert exit_code_of(kind("…")) == code
