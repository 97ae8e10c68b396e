"""What the command exits with."""

from stock_loader.errors import (
    AnotherLoadRunsError,
    NothingToUndoError,
    OlderFileError,
    RefusedByGuardError,
    StockLoadError,
    WrongSettingError,
)

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_ANOTHER_LOAD_RUNS = 75
"""EX_TEMPFAIL of sysexits.h: try again later."""

EXIT_CODES: dict[type[StockLoadError], int] = {
    RefusedByGuardError: EXIT_REFUSED,
    OlderFileError: EXIT_REFUSED,
    AnotherLoadRunsError: EXIT_ANOTHER_LOAD_RUNS,
    WrongSettingError: EXIT_USAGE,
    NothingToUndoError: EXIT_USAGE,
}
"""Of the errors after which an administrator does something else than after all others."""


def exit_code_of(error: StockLoadError) -> int:
    """Return what a load that ended with this error exits with."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), EXIT_FAILED)
