"""A real MariaDB without installing one, for tests, demonstration and benchmarks; never for a shop.

    python backend/embedded_mariadb.py FOLDER COMMAND [ARGUMENT …]

runs COMMAND with `DATABASE_URL` naming a server whose data lie in FOLDER, and stops the server afterwards. It is the
one that `make var/mariadb` unpacked, otherwise the installed one. It listens on a socket in the file system and on a
free port of this host.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

UNPACKED = Path(__file__).resolve().parent.parent / "var" / "mariadb"
SYSTEM_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
TIME_ZONES = "mysql_test_data_timezone.sql"
"""A few, Europe/Moscow and UTC among them: pages by days need those of the server. A shop's server needs all of them:
`mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql`."""
PATIENCE_SECONDS = 120
"""For the server's start, which takes a second or two; a slow disk takes longer."""

BEGIN = """\
CREATE DATABASE IF NOT EXISTS shop;
CREATE USER IF NOT EXISTS stock@'%' IDENTIFIED BY 'embedded';
GRANT ALL ON *.* TO stock@'%' WITH GRANT OPTION;
"""


@contextmanager
def embedded_mariadb(folder: Path, *options: str) -> Iterator[str]:
    """Run a server on the data in `folder` (made when missing); yield its URL for `DATABASE_URL`.

    Raises:
        RuntimeError: there is no server on this machine, or it does not start.
    """
    if not (folder / "mysql").is_dir():
        _make_system_tables(folder)
    begin = folder / "begin.sql"
    begin.write_text(BEGIN, encoding="utf-8")
    # A socket's path is short: 107 bytes.
    with tempfile.TemporaryDirectory(prefix="mariadb-", dir="/tmp") as short:  # it makes a private folder
        path = Path(short) / "server.sock"
        port = _free_port()
        listening = (f"--socket={path}", f"--port={port}", "--bind-address=127.0.0.1", f"--init-file={begin}")
        with (folder / "server.log").open("ab") as log:
            command = [*_server(folder), f"--pid-file={folder / 'server.pid'}", *listening, *options]
            server = subprocess.Popen(command, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603
        try:
            _wait_for(path, server, folder / "server.log")
            yield f"mysql://stock:embedded@{quote(str(path), safe='')}/shop"
        finally:
            server.terminate()
            server.wait()


def _server(folder: Path) -> list[str]:
    """Return the server and what both its ways to run need. What tests kill are processes, never the machine."""
    program, shared = _found()
    return [
        str(program),
        "--no-defaults",
        f"--user={_user()}",
        f"--datadir={folder}",
        f"--tmpdir={folder}",  # a server that starts removes what others have in a folder for temporary files
        f"--lc-messages-dir={shared}",
        f"--character-sets-dir={shared / 'charsets'}",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_general_ci",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-log-file-size=96M",
        "--max-connections=200",
    ]


def _found() -> tuple[Path, Path]:
    """Return the server's program and the folder of its messages and system tables."""
    if (UNPACKED / "usr" / "sbin" / "mariadbd").exists():
        return UNPACKED / "usr" / "sbin" / "mariadbd", UNPACKED / "usr" / "share" / "mysql"
    installed = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec")
    if installed is None:
        raise RuntimeError("there is no MariaDB here: run make var/mariadb, or install mariadb-server")
    program = Path(installed).resolve()
    for name in ("mysql", "mariadb"):
        if (shared := program.parent.parent / "share" / name).joinpath(SYSTEM_TABLES[0]).exists():
            return program, shared
    raise RuntimeError(f"{program} has no {SYSTEM_TABLES[0]} beside it: run make var/mariadb")


def _environment() -> dict[str, str]:
    """Return this process's, with the libraries that were unpacked beside the server."""
    if not UNPACKED.is_dir():
        return dict(os.environ)
    libraries = sorted({str(path.parent) for path in UNPACKED.rglob("lib*.so.*")})
    return os.environ | {"LD_LIBRARY_PATH": ":".join([*libraries, os.environ.get("LD_LIBRARY_PATH", "")])}


def _user() -> str:
    return "root" if os.geteuid() == 0 else str(os.geteuid())


def _make_system_tables(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shared = _found()[1]
    statements = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n"
    files = [shared / name for name in (*SYSTEM_TABLES, TIME_ZONES)]
    statements += "".join(path.read_text(encoding="utf-8") for path in files if path.exists())
    made = subprocess.run(  # noqa: S603
        [*_server(folder), "--bootstrap", "--log-warnings=0"],
        env=_environment(),
        input=statements.encode(),
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"MariaDB makes no database in {folder}: {made.stderr.decode(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(path: Path, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not _answers(path):
        if server.poll() is not None or time.monotonic() > until:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"MariaDB does not start: {said}")
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
            return bool(client.recv(1))
        except OSError:
            return False


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    if len(arguments) < 2:  # noqa: PLR2004
        sys.stderr.write("usage: embedded_mariadb.py FOLDER COMMAND [ARGUMENT ...]\n")
        return 2
    folder, *command = arguments
    with embedded_mariadb(Path(folder).absolute()) as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode  # noqa: S603  # it is what the caller asks for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
