"""The setting `STOCK_LOADER["UPLOAD"]`, and what is alike in `STOCK_LOADER["UNDO"]`: dicts, all of them optional."""

import os
import sys
import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from stock_loader.load.guards import Limit, parse_limit
from stock_loader.settings import setting

MIB = 1024 * 1024


def private_folder(name: str) -> str:
    """Return a folder of this user that outlives a restart of the machine where there is one."""
    folder = Path("/var/tmp")  # noqa: S108  # the folder in it is private: owner and mode are checked
    base = folder if folder.is_dir() else Path(tempfile.gettempdir())
    return str(base / f"{name}-{os.getuid()}")


@dataclass(frozen=True, kw_only=True)
class WorkSettings:
    """How work is looked at and then done by a process of its own."""

    options: tuple[str, ...] = ()
    """Arguments of the command that does the same."""
    folder: str = ""
    """For what is not done yet; on this machine, outside of any served folder."""
    max_drift: str = "1%"
    """Changes that may be made otherwise than the preview showed: a number, a percentage of those shown, or off."""
    keep_hours: float = 24
    """How long what was not done stays."""
    keep_days: float = 90
    """How long what is over is listed."""
    start_worker: bool = True
    """Start the process from the request. Off where its command runs as a service."""
    python: str = field(default_factory=lambda: sys.executable or "python3")
    """The interpreter of that process; to be set where the web server is no Python (uWSGI)."""

    @property
    def drift(self) -> Limit | None:
        """Return what `max_drift` stands for; None of `off`."""
        return parse_limit(self.max_drift)


@dataclass(frozen=True, kw_only=True)
class UploadSettings(WorkSettings):
    """How files are taken in the admin, looked at and loaded; `options` are of `load_product_stocks`, no `--file`."""

    folder: str = field(default_factory=lambda: private_folder("stock-upload"))
    max_mib: int = 2048
    """Of all files of one upload together."""


Settings = TypeVar("Settings", bound=WorkSettings)


def upload_settings() -> UploadSettings:
    """Return the setting.

    Raises:
        ImproperlyConfigured: it has a name that does not exist, or a value of the wrong kind.
    """
    return work_settings("UPLOAD", UploadSettings)


def work_settings(name: str, kind: type[Settings]) -> Settings:
    """Return `STOCK_LOADER[name]`.

    Raises:
        ImproperlyConfigured: it has a name that does not exist, or a value of the wrong kind.
    """
    where = f'STOCK_LOADER["{name}"]'
    given: dict[str, Any] = dict(setting(name) or {})
    known = {field.name.upper() for field in fields(kind)}
    if unknown := sorted(given.keys() - known):
        raise ImproperlyConfigured(
            f"{where}: {unknown[0]!r} does not exist; expected one of: {', '.join(sorted(known))}."
        )
    return kind(**{key.lower(): _checked(where, key, value) for key, value in given.items()})


def _checked(where: str, name: str, value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match name:
        case "START_WORKER" if not isinstance(value, bool):
            raise _wrong(f'{where}["{name}"]', "True or False", value)
        case "MAX_MIB" if not is_number or not isinstance(value, int) or value < 1:
            raise _wrong(f'{where}["{name}"]', "a whole number from 1 on", value)
        case "KEEP_HOURS" | "KEEP_DAYS" if not is_number or value < 0:
            raise _wrong(f'{where}["{name}"]', "a number from 0 on", value)
        case "MAX_DRIFT" if not _is_limit(str(value)):
            raise _wrong(f'{where}["{name}"]', 'a number, a percentage up to 100% or "off"', value)
        case "OPTIONS" if isinstance(value, str) or not all(isinstance(option, str) for option in value):
            raise _wrong(f'{where}["{name}"]', 'a list of arguments like ["--sum-variants"]', value)
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


def _wrong(place: str, expected: str, seen: object) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{place}: expected {expected}, saw {seen!r}.")
