"""Settings of the site that the tests serve: those of the shop's site, with two things that spare time
and a strict policy of content.

Passwords are hashed cheaply. The settings of the exchange and of the upload are read anew at every use, so that one
server serves all tests.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config import site_settings as base
from config.site_settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class _Written(Mapping[str, Any]):
    """What stands in a file of JSON beside that of the exchange now; nothing where there is none."""

    def __init__(self, name: str) -> None:
        self._path = Path(os.environ["EXCHANGE_SETTINGS"]).with_name(name)

    def _read(self) -> dict[str, Any]:
        return dict(json.loads(self._path.read_text(encoding="utf-8"))) if self._path.exists() else {}

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


STATIC_ROOT = str(Path(os.environ["EXCHANGE_SETTINGS"]).with_name("static"))
MIDDLEWARE = [*MIDDLEWARE, "tests.stock_loader.pages.strict_policy.strict_policy"]  # noqa: F405
STOCK_LOADER = {
    **base.STOCK_LOADER,
    "EXCHANGE": _Written("settings.json"),
    "UPLOAD": _Written("upload.json"),
    "UNDO": _Written("undo.json"),
}
