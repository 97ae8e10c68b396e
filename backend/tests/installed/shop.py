"""What both shops share; copied beside the settings of each."""

import os
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def database(url: str) -> dict[str, object]:
    """The settings of a database; a server on a socket stands in the query of its URL: `?host=/folder`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path}
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or query.get("host", [""])[0],
        "PORT": parts.port or query.get("port", [""])[0],
    }


def manage(*arguments: str, **environment: str) -> str:
    """What a command says; it has to succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def strategies() -> list[str]:
    from django.db import connection  # noqa: PLC0415  # of the shop, once it is set up

    return ["bulk_update", "copy"] if connection.vendor == "postgresql" else ["bulk_update"]


def where() -> str:
    """The database and its driver; that this is the one asked for is asserted."""
    from django.db import connections  # noqa: PLC0415

    connection: Any = connections["default"]
    if connection.vendor != "postgresql":
        return "sqlite"
    driver = connection.Database
    assert driver.__version__.split(".")[0] == os.environ["DRIVER"], driver.__version__
    return f"postgresql, {driver.__name__} {driver.__version__.split()[0]}"
