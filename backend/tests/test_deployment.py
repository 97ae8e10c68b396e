"""The files of deploy/ and what docs/deployment.md says of them."""

import os
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest
from django.db import connection

from apps.common.management.commands.prune_import_sessions import Command as PruneImportSessions
from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.console.command import Command as LoadProductStocks
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES, strategies_here

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer", ".path"})
SERVICES = [name for name in UNITS if name.endswith(".service")]
ROLE = f"stock_loader_test_{os.getpid()}"
"""Roles belong to the whole server, which may be somebody's."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


class Unit(RawConfigParser):
    """A unit file; options that stand twice keep their last value."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, interpolation=None)
        self.read_string((DEPLOY / name).read_text(encoding="utf-8"))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def on_this_machine(text: str) -> str:
    """Give the paths of the checkout and the interpreter that run the tests."""
    return text.replace("/opt/stock-loader/.venv/bin/python", sys.executable).replace("/opt/stock-loader", str(PROJECT))


def documented(language: str) -> str:
    """The first block of code in this language of the deployment guide."""
    guide = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    return guide.partition(f"```{language}\n")[2].partition("```")[0]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A folder with all units, their paths rendered for this machine."""
    for name in UNITS:
        (tmp_path / name).write_text(on_this_machine((DEPLOY / name).read_text(encoding="utf-8")), encoding="utf-8")
    return tmp_path


@pytest.fixture
def environment(tmp_path: Path, rests: Path) -> Path:
    """The sample environment, for SQLite or PostgreSQL and a file of this test."""
    sample = (DEPLOY / "environment.sample").read_text(encoding="utf-8")
    path = tmp_path / "environment"
    path.write_text(re.sub("(?m)^STOCK_FILE=.*", f"STOCK_FILE='{rests}'", sample), encoding="utf-8")
    return path


def shell_environment(file: Path) -> dict[str, str]:
    """What a shell makes of an environment file."""
    out = subprocess.run(
        ["sh", "-c", 'set -a; . "$1"; env -0', "sh", file], env={}, capture_output=True, text=True, check=True
    )
    return dict(entry.split("=", 1) for entry in out.stdout.split("\0") if entry)


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_unit_passes_systemds_own_check(units: Path, name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", units / name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened(units: Path, name: str) -> None:
    """Exposure 2.0 at most; systemd itself calls up to 4.0 good."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", units / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", UNITS)
def test_timers_and_paths_start_a_service_that_exists(name: str) -> None:
    unit = Unit(name)
    started = unit.get("Path", "Unit", fallback=f"{name.rpartition('.')[0]}.service")
    assert started in UNITS


def test_unit_fails_for_what_an_administrator_must_look_at_only() -> None:
    assert Unit("load-product-stocks.service").get("Service", "SuccessExitStatus").split() == ["75", "143"]


@pytest.mark.parametrize("name", SERVICES)
def test_options_of_a_service_exist(name: str) -> None:
    program, manage, command, *arguments = Unit(name).get("Service", "ExecStart").split()
    assert (program, manage) == ("/opt/stock-loader/.venv/bin/python", "manage.py")
    sample = shell_environment(DEPLOY / "environment.sample")
    words = [sample["STOCK_LOAD_OPTIONS"] if word == "$STOCK_LOAD_OPTIONS" else word for word in arguments]
    parser = {"load_product_stocks": LoadProductStocks, "prune_import_sessions": PruneImportSessions}[command]()
    parser.create_parser("manage.py", command).parse_args(" ".join(words).split())


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".timer")])
@needs_systemd
def test_timer_fires_at_a_time_that_exists(name: str) -> None:
    calendar = Unit(name).get("Timer", "OnCalendar")
    subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, check=True)


def test_sample_environment_is_complete_and_the_same_for_systemd_and_a_shell() -> None:
    """systemd takes KEY=VALUE and KEY="VALUE" as a shell does while no $, ` or \\ is in them."""
    text = (DEPLOY / "environment.sample").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r'[A-Z_]+=([^\s"\'$`\\]*|"[^"$`\\]*")', line) for line in lines)
    as_systemd = {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}
    as_shell = shell_environment(DEPLOY / "environment.sample")
    assert as_systemd.items() <= as_shell.items()
    assert {"DATABASE_URL", "STOCK_FILE", "STOCK_LOAD_OPTIONS", "STOCK_LOAD_STRATEGY"} <= as_systemd.keys()


def test_variables_of_the_sample_are_read_by_the_settings() -> None:
    text = (DEPLOY / "environment.sample").read_text(encoding="utf-8")
    settings = (PROJECT / "backend" / "config" / "settings.py").read_text(encoding="utf-8")
    of_the_units = {"STOCK_FILE", "STOCK_LOAD_OPTIONS"}
    of_python = {"TMPDIR", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"}
    for variable in set(re.findall(r"(?m)^#?([A-Z_]+)=", text)) - of_the_units - of_python:
        assert f'"{variable}"' in settings


@pytest.mark.django_db(transaction=True)
def test_cron_lines_load_and_prune_in_silence(environment: Path, rests: Path, test_database_url: str) -> None:
    Product.objects.create(onec_id="a", sku="A-1", name="Product a")
    rests.write_text(document(offer("a", 7)), encoding="utf-8")
    strategy = strategies_here()[-1]
    sample = environment.read_text(encoding="utf-8")
    sample = re.sub("(?m)^DATABASE_URL=.*", f"DATABASE_URL='{test_database_url}'", sample)
    sample = re.sub("(?m)^STOCK_LOAD_STRATEGY=.*", f"STOCK_LOAD_STRATEGY={strategy}", sample)
    environment.write_text(sample, encoding="utf-8")
    lines = (DEPLOY / "stock-loader.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line.split(maxsplit=6) for line in lines if re.match(r"[\d*]", line)]
    assert [job[5] for job in jobs] == ["stocks", "stocks"]

    for *_, command in jobs:
        assert "%" not in command, "cron ends a command there"
        here = command.replace("/etc/stock-loader/environment", str(environment))
        here = here.replace(".venv/bin/python", sys.executable).replace("/opt/stock-loader", str(PROJECT))
        done = subprocess.run(["/bin/sh", "-c", here], env={}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    assert Product.objects.get().stock_quantity == 7
    assert ImportSession.objects.get().status == "completed"


@pytest.mark.postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.django_db(transaction=True)
def test_documented_rights_are_enough(rests: Path, test_database_url: str, strategy: str) -> None:
    Product.objects.create(onec_id="a", sku="A-1", name="Product a")
    rests.write_text(document(offer("a", 7)), encoding="utf-8")
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    grants = documented("sql").replace("DATABASE shop", f"DATABASE {name}").replace("stocks", ROLE)
    with connection.cursor() as cursor:
        cursor.execute(grants)
    try:
        for arguments in (
            ["load_product_stocks", "--strategy", strategy, "--file", str(rests)],
            ["prune_import_sessions", "--older-than", "90d"],
        ):
            mark = "&" if "?" in test_database_url else "?"
            url = f"{test_database_url}{mark}options=-c%20role%3D{ROLE}"
            subprocess.run(
                [sys.executable, PROJECT / "manage.py", *arguments],
                env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
                capture_output=True,
                check=True,
            )
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")

    assert Product.objects.get().stock_quantity == 7
