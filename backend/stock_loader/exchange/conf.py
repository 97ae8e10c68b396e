"""The setting `STOCK_LOADER["EXCHANGE"]`: a dict, all of it optional."""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from stock_loader.settings import setting

MIB = 1024 * 1024


def _default_spool() -> str:
    """Return a folder of this user that outlives a restart of the machine where there is one."""
    folder = Path("/var/tmp")  # noqa: S108  # the folder in it is private: the spool checks owner and mode
    base = folder if folder.is_dir() else Path(tempfile.gettempdir())
    return str(base / f"stock-exchange-{os.getuid()}")


@dataclass(frozen=True, kw_only=True)
class ExchangeSettings:
    """How files are taken from 1C and loaded."""

    options: tuple[str, ...] = ()
    """Arguments of `load_product_stocks` with which files are loaded, as a cron line has them; no `--file`."""
    when: str = "import"
    """`import`: each file by itself when 1C says so. `complete`: all files of an exchange at its end, as one."""
    spool: str = field(default_factory=_default_spool)
    """Folder for what was received and is not loaded yet; on this machine, outside of any served folder."""
    file_limit: int = 1_000_000
    """Bytes a request (`file_limit` of the protocol). nginx takes 1 MiB unless `client_max_body_size` says more."""
    zip: bool = True
    """Ask 1C to pack what it sends."""
    quota_mib: int = 4096
    """Of all files in the spool."""
    keep_hours: float = 24
    """How long files stay that were not loaded, or could not be."""
    keep_days: float = 30
    """How long requests and imports are listed."""
    idle_minutes: float = 10
    """After this long without a request, files are loaded that no `import` followed."""
    answer_seconds: float = 5
    """How long `import` waits for the end of the load before it answers `progress`."""
    https: bool = True
    """Refuse what does not come over HTTPS, as Django sees it (`SECURE_PROXY_SSL_HEADER`)."""
    proxies: int = 0
    """How many proxies before the shop add to `X-Forwarded-For`; 0: the header is not believed."""
    language: str = "ru"
    """Of the texts that the user of 1C sees."""
    start_worker: bool = True
    """Start a process for the loads from the request. Off where `exchange_worker` runs as a service."""
    python: str = field(default_factory=lambda: sys.executable or "python3")
    """The interpreter of that process; to be set where the web server is no Python (uWSGI)."""
    other_files: str = ""
    """Path of a function that is given what is no stock file: `other_files(path: Path, name: str, user: str)`."""

    def take_other_file(self) -> Callable[..., object] | None:
        """Return the function for what is no stock file, None where the shop has none."""
        return import_string(self.other_files) if self.other_files else None


def exchange_settings() -> ExchangeSettings:
    """Return the setting.

    Raises:
        ImproperlyConfigured: it has a name that does not exist, or a value of the wrong kind.
    """
    given: dict[str, Any] = dict(setting("EXCHANGE") or {})
    known = {field.name.upper(): field for field in fields(ExchangeSettings)}
    if unknown := sorted(given.keys() - known.keys()):
        raise ImproperlyConfigured(
            f'STOCK_LOADER["EXCHANGE"]: {unknown[0]!r} does not exist; expected one of: {", ".join(sorted(known))}.'
        )
    values = {name.lower(): _checked(name, value) for name, value in given.items()}
    return ExchangeSettings(**values)


NUMBERS = {"FILE_LIMIT", "QUOTA_MIB", "KEEP_HOURS", "KEEP_DAYS", "IDLE_MINUTES", "ANSWER_SECONDS", "PROXIES"}
SWITCHES = {"ZIP", "HTTPS", "START_WORKER"}
MOMENTS = ("import", "complete")
WHOLE_NUMBERS = {"FILE_LIMIT", "QUOTA_MIB", "PROXIES"}


def _checked(name: str, value: Any) -> Any:
    if name in SWITCHES and not isinstance(value, bool):
        raise _wrong(name, "True or False", value)
    if name in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        raise _wrong(name, "a number from 0 on", value)
    if name in WHOLE_NUMBERS and not isinstance(value, int):
        raise _wrong(name, "a whole number", value)
    if name == "WHEN" and value not in MOMENTS:
        raise _wrong(name, " or ".join(MOMENTS), value)
    if name == "OPTIONS":
        if isinstance(value, str) or not all(isinstance(option, str) for option in value):
            raise _wrong(name, 'a list of arguments like ["--sum-variants"]', value)
        return tuple(value)
    if name in {"SPOOL", "PYTHON"}:
        return str(value)
    return value


def _wrong(name: str, expected: str, seen: object) -> ImproperlyConfigured:
    return ImproperlyConfigured(f'STOCK_LOADER["EXCHANGE"]["{name}"]: expected {expected}, saw {seen!r}.')
