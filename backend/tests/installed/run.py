"""What other shops get: `python backend/tests/installed/run.py [--database-url postgres://…]`.

Builds the wheel from what git has, installs it in an empty environment (beside django-oscar of PyPI), and runs two
shops there, in a folder of their own with nothing of this checkout on the path. Needs the network, or pip's own cache.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
FOREIGN = {"apps", "config", "tests", "benchmarks", "fuzz"}


def main() -> None:
    """Build, install, and run both shops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="", help="of an empty database for each shop: %%s is its name")
    parser.add_argument("--without-oscar", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="installed-") as folder:
        run(Path(folder), options.database_url, with_oscar=not options.without_oscar)


def run(folder: Path, database_url: str, *, with_oscar: bool) -> None:
    """Do it in `folder`."""
    wheel = build(folder)
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    more = ["django-oscar[sorl-thumbnail]"] if with_oscar else []
    call(python, "-m", "pip", "install", "--quiet", f"{wheel}[postgresql]", "Django>=5.2,<5.3", *more)
    for shop in ("own", "oscar") if with_oscar else ("own",):
        shutil.copytree(HERE / shop, folder / shop)
        url = database_url.replace("%s", f"installed_{shop}") or f"sqlite:///{folder / shop}/db.sqlite3"
        call(python, "check.py", folder=folder / shop, DATABASE=url)


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
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "STOCK_"))}
    subprocess.run([str(python), *arguments], cwd=folder, env=kept | environment, check=True)


if __name__ == "__main__":
    main()
