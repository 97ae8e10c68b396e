"""The setting `STOCK_LOADER["UPLOAD"]`: a dict, all of it optional."""

import os
import sys
import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from stock_loader.load.guards import Limit, parse_limit
from stock_loader.settings import setting

MIB = 1024 * 1024


def _default_folder() -> str:
    """Return a folder of this user that outlives a restart of the machine where there is one."""
    folder = Path("/var/tmp")  # noqa: S108  # the folder in it is private: owner and mode are checked
    base = folder if folder.is_dir() else Path(tempfile.gettempdir())
    return str(base / f"stock-upload-{os.getuid()}")


@dataclass(frozen=True, kw_only=True)
class UploadSettings:
    """How files are taken in the admin, looked at and loaded."""

    options: tuple[str, ...] = ()
    """Arguments of `load_product_stocks` with which files are loaded, as a cron line has them; no `--file`."""
    folder: str = field(default_factory=_default_folder)
    """For what was uploaded and is not loaded yet; on this machine, outside of any served folder."""
    max_mib: int = 2048
    """Of all files of one upload together."""
    max_drift: str = "1%"
    """Changes that a load may make otherwise than its preview showed: a number, a percentage of those shown, or off."""
    keep_hours: float = 24
    """How long files stay that were not loaded."""
    keep_days: float = 90
    """How long uploads are listed."""
    start_worker: bool = True
    """Start the process that loads from the request. Off where `upload_worker` runs as a service."""
    python: str = field(default_factory=lambda: sys.executable or "python3")
    """The interpreter of that process; to be set where the web server is no Python (uWSGI)."""

    @property
    def drift(self) -> Limit | None:
        """Return what `max_drift` stands for; None of `off`."""
        return parse_limit(self.max_drift)


def upload_settings() -> UploadSettings:
    """Return the setting.

    Raises:
        ImproperlyConfigured: it has a name that does not exist, or a value of the wrong kind.
    """
    given: dict[str, Any] = dict(setting("UPLOAD") or {})
    known = {field.name.upper() for field in fields(UploadSettings)}
    if unknown := sorted(given.keys() - known):
        raise ImproperlyConfigured(
            f'STOCK_LOADER["UPLOAD"]: {unknown[0]!r} does not exist; expected one of: {", ".join(sorted(known))}.'
        )
    return UploadSettings(**{name.lower(): _checked(name, value) for name, value in given.items()})


def _checked(name: str, value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match name:
        case "START_WORKER" if not isinstance(value, bool):
            raise _wrong(name, "True or False", value)
        case "MAX_MIB" if not is_number or not isinstance(value, int) or value < 1:
            raise _wrong(name, "a whole number from 1 on", value)
        case "KEEP_HOURS" | "KEEP_DAYS" if not is_number or value < 0:
            raise _wrong(name, "a number from 0 on", value)
        case "MAX_DRIFT" if not _is_limit(str(value)):
            raise _wrong(name, 'a number, a percentage up to 100% or "off"', value)
        case "OPTIONS" if isinstance(value, str) or not all(isinstance(option, str) for option in value):
            raise _wrong(name, 'a list of arguments like ["--sum-variants"]', value)
        case "OPTIONS":
            return tuple(value)
        case "MAX_DRIFT" | "FOLDER" | "PYTHON":
            return str(value)
    return value


def _is_limit(text: str) -> bool:
    try:
        parse_limit(text)
    except ValueError:
        return False
    return True


def _wrong(name: str, expected: str, seen: object) -> ImproperlyConfigured:
    return ImproperlyConfigured(f'STOCK_LOADER["UPLOAD"]["{name}"]: expected {expected}, saw {seen!r}.')
