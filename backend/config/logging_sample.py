"""A sample of Django's LOGGING for the stock loader: failures go to ADMINS by mail, everything to stderr.

Nothing imports it by itself; docs/logging.md says how to use it.
"""

import logging
import os
import traceback
from types import TracebackType
from typing import Any

UNDER_SYSTEMD = "JOURNAL_STREAM" in os.environ
"""systemd sets it for what writes to the journal."""

JOURNAL_PRIORITIES = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 6, "DEBUG": 7}


class JournalFormatter(logging.Formatter):
    """Put the priority before every line, as journald reads it from stderr: `<3>…` is an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record, each of its lines with the priority."""
        prefix = f"<{JOURNAL_PRIORITIES.get(record.levelname, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


class TracebackReporter:
    """What a mail says after the message: the traceback, where there is one.

    Django's own report adds all settings: more than a mail should carry, and it fails where SECRET_KEY is empty.
    """

    def __init__(
        self,
        _request: object,
        exc_type: type[BaseException] | None,
        exc_value: object,
        tb: TracebackType | None,
        **_options: object,
    ) -> None:
        self._exception = exc_value if exc_type and isinstance(exc_value, BaseException) else None
        self._traceback = tb

    def get_traceback_text(self) -> str:
        """Return the traceback as Python prints it."""
        if self._exception is None:
            return ""
        return "".join(traceback.format_exception(type(self._exception), self._exception, self._traceback))


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "journal": {"()": "config.logging_sample.JournalFormatter", "format": "%(name)s: %(message)s"},
        "stderr": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        # cron mails whatever is printed, so without the journal only what is wrong is written
        "stderr": {
            "class": "logging.StreamHandler",
            "level": "INFO" if UNDER_SYSTEMD else "WARNING",
            "formatter": "journal" if UNDER_SYSTEMD else "stderr",
        },
        "mail_admins": {
            "class": "django.utils.log.AdminEmailHandler",
            "level": "ERROR",
            "reporter_class": "config.logging_sample.TracebackReporter",
        },
    },
    "loggers": {
        "stocks.load": {"handlers": ["stderr", "mail_admins"], "level": "INFO", "propagate": False},
    },
}
