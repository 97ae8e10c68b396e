"""The log of loads: the logger `stocks.load`, which never disturbs the load that it tells of."""

import logging
from typing import Any

from stock_loader.errors import one_line

NAME = "stocks.load"


class UndisturbingLogger(logging.LoggerAdapter[logging.Logger]):
    """Logs what it can: a handler of the shop that raises has a line on stderr, and the load goes on.

    Python's own handlers never raise; others do, between any two steps of a load.
    """

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log `msg`."""
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
        try:
            super().log(level, msg, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises
            _say_that_logging_failed(error)


def _say_that_logging_failed(error: Exception) -> None:
    if logging.lastResort:
        text = one_line(f"a handler of the logger {NAME} failed: {type(error).__name__}: {error}")
        logging.lastResort.handle(logging.makeLogRecord({"msg": text, "levelno": logging.WARNING}))


_logger = logging.getLogger(NAME)
_logger.addHandler(logging.NullHandler())  # without a LOGGING of the shop the command's own line is enough
logger = UndisturbingLogger(_logger)
