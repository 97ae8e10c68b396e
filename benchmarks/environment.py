"""On what a run was made."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

import psycopg2
from lxml import etree

PACKAGES = ("Django", "lxml", "psycopg2-binary")


def describe_environment(server_version: str) -> dict[str, str]:
    """Return machine and versions as the report shows them; nothing that names the machine or its paths."""
    libraries = {
        "libxml2": ".".join(map(str, etree.LIBXML_VERSION)),
        "libpq": str(psycopg2.__libpq_version__),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": server_version,
    }
    return {
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        **libraries,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
