"""What other shops get: `python backend/tests/installed/run.py [--postgresql]`.

Builds the wheel from what git has, installs it in two environments, one of them beside django-oscar of PyPI, and runs a
shop in each, in a folder of its own with nothing of this checkout on the path: on SQLite, and with `--postgresql` also
on the server that DATABASE_URL names, by psycopg 2 and by psycopg 3. Needs the network, or pip's own cache.

The environments stay in var/installed until pyproject.toml, psycopg3.txt or this file changes; the wheel is always new.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
KEPT = PROJECT / "var" / "installed"
FOREIGN = {"apps", "config", "tests", "benchmarks", "fuzz"}
SHOPS = {"own": [], "oscar": ["django-oscar[sorl-thumbnail]"]}
"""What stands beside the wheel in the environment of each shop."""
DJANGO = "Django>=5.2,<5.3"
PSYCOPG_3 = HERE.parent / "psycopg3.txt"
"""The extra `postgresql` of the wheel is psycopg 2. Where both can be imported, Django takes psycopg 3."""


def main() -> None:
    """Build, install, and run both shops."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", action="store_true")
    server_url = os.environ["DATABASE_URL"] if parser.parse_args().postgresql else ""
    kept = environments()
    with tempfile.TemporaryDirectory(prefix="installed-") as folder:
        wheel = build(Path(folder))
        for shop, beside in SHOPS.items():
            run(shop, Path(folder) / shop, environment(kept / shop, wheel, beside), server_url, kept / "psycopg3")


def run(shop: str, folder: Path, python: Path, server_url: str, psycopg3: Path) -> None:
    """Run one shop on every database, by every driver."""
    shutil.copytree(HERE / shop, folder)
    shutil.copy(HERE / "shop.py", folder)
    call(python, "check.py", folder=folder, PYTHONPATH=".", DATABASE=f"sqlite:///{folder}/db.sqlite3")
    if not server_url:
        return
    if not psycopg3.exists():
        pip(python, "--target", str(psycopg3), "--requirement", str(PSYCOPG_3))
    for driver, path in {"2": ".", "3": f".{os.pathsep}{psycopg3}"}.items():
        url = new_database(server_url, f"installed_{shop}")
        call(python, "check.py", folder=folder, PYTHONPATH=path, DATABASE=url, DRIVER=driver)


def new_database(server_url: str, name: str) -> str:
    """Return the URL of an empty database of this name."""
    with closing(psycopg2.connect(server_url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def environments() -> Path:
    """Return the folder of the environments that fit what is asked for now; drop older ones."""
    files = (PROJECT / "pyproject.toml", PSYCOPG_3, Path(__file__))
    asked = b"".join(path.read_bytes() for path in files) + sys.version.encode()
    fitting = KEPT / hashlib.sha256(asked).hexdigest()[:12]
    for older in KEPT.glob("*"):
        if older != fitting:
            shutil.rmtree(older)
    return fitting


def environment(folder: Path, wheel: Path, beside: list[str]) -> Path:
    """Return Python of the environment in `folder`, with this wheel in it."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    pip(python, f"{wheel}[postgresql]", DJANGO, *beside)
    pip(python, "--no-deps", "--force-reinstall", str(wheel))
    return python


def pip(python: Path, *arguments: str) -> None:
    """Install."""
    call(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def build(folder: Path) -> Path:
    """Return the wheel of what git has, which must hold the loader and nothing else of this project."""
    source = folder / "source"
    source.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=PROJECT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x"], cwd=source, check=True, input=archive)
    call(Path(sys.executable), "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source))
    [wheel] = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    foreign = {name.split("/")[0] for name in names} & FOREIGN
    needed = {"stock_loader/py.typed", "stock_loader/locale/ru/LC_MESSAGES/django.mo"} - set(names)
    if foreign or needed:
        sys.exit(f"the wheel holds {foreign or 'nothing foreign'} and lacks {needed or 'nothing'}")
    return wheel


def call(python: Path, *arguments: str, folder: Path | None = None, **environment: str) -> None:
    """Run Python in `folder`, without the paths and settings of this process."""
    foreign = ("PYTHON", "DJANGO", "STOCK_", "DATABASE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    subprocess.run([str(python), *arguments], cwd=folder, env=kept | environment, check=True)


if __name__ == "__main__":
    main()
