import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.common.models import ImportSession
from stock_loader.console.argument_types import age
from stock_loader.journal.keeping import Journal
from stock_loader.outcome import StockChange
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.usefixtures("english")

PROJECT = Path(__file__).resolve().parents[4]

EXPECTED_AGE = "expected an age such as 36h, 90d or 12w, at most 100 years"


@pytest.fixture
def sessions(db: None) -> None:
    """Two failed stock imports and one of prices, a hundred days old; a failed one of yesterday."""
    for import_type, days in (("stocks", 100), ("stocks", 100), ("prices", 100), ("stocks", 1)):
        ended = timezone.now() - timedelta(days=days)
        ImportSession.objects.create(import_type=import_type, status="failed", finished_at=ended)


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("prune_import_sessions", *arguments, stdout=out, **options)
    return out.getvalue()


def run_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "prune_import_sessions", *arguments],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:", "DJANGO_LANGUAGE_CODE": "en"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.usefixtures("sessions")
def test_old_sessions_are_deleted_and_counted() -> None:
    assert run("--older-than", "90d") == "Import sessions deleted: 3.\n"
    assert ImportSession.objects.count() == 1


@pytest.mark.usefixtures("sessions")
def test_import_type_limits_what_is_deleted() -> None:
    assert run("--older-than", "90d", "--import-type", "prices") == "Import sessions deleted: 1.\n"
    assert set(ImportSession.objects.values_list("import_type", flat=True)) == {"stocks"}


@pytest.mark.usefixtures("sessions")
def test_dry_run_counts_and_deletes_nothing() -> None:
    said = run("--older-than", "90d", "--dry-run")

    assert said == "Dry run: nothing was deleted. Import sessions that would be: 3.\n"
    assert ImportSession.objects.count() == 4


@pytest.mark.usefixtures("sessions")
def test_unknown_import_type_is_refused() -> None:
    with pytest.raises(CommandError, match=r"^--import-type: expected one of catalog, stocks, .*, saw 'stock'$"):
        run("--older-than", "90d", "--import-type", "stock")


@pytest.mark.usefixtures("sessions")
def test_journal_is_cut_to_a_size() -> None:
    for session in ImportSession.objects.order_by("pk"):
        Journal(session=session.pk).keep(StockChange(key, 0, key) for key in range(150_000))

    said = "Dry run: nothing was deleted. Sessions whose changes would be: 3.\n"
    assert run("--keep-mib", "1", "--dry-run") == said
    assert run("--keep-mib", "1") == "Sessions whose changes were deleted: 3.\n"
    assert run("--keep-mib", "1") == "Sessions whose changes were deleted: 0.\n"
    assert ImportSession.objects.count() == 4


@pytest.mark.usefixtures("sessions")
def test_verbosity_0_is_silent() -> None:
    assert run("--older-than", "90d", verbosity=0) == ""
    assert ImportSession.objects.count() == 1


@pytest.mark.django_db
def test_database_error_is_one_line() -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("no such table: common_importsession")

    with connection.execute_wrapper(refuse), pytest.raises(CommandError) as caught:
        run("--older-than", "90d")
    assert str(caught.value) == "the database reported: no such table: common_importsession"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1h", timedelta(hours=1)),
        ("36h", timedelta(hours=36)),
        ("90d", timedelta(days=90)),
        ("12w", timedelta(weeks=12)),
        ("36500d", timedelta(days=36500)),
    ],
)
def test_age_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert age(text) == span


@pytest.mark.parametrize(
    "text",
    ["", "90", "d", "0d", "-1d", "+1d", "1.5d", "90 d", " 90d", "90d\n", "90m", "90D", "٣d", "36501d", "9999999w"],
)
def test_nonsense_age_is_refused(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(f"--older-than={text}")
    assert str(caught.value) == f"Error: argument --older-than: {EXPECTED_AGE}, saw {text!r}"


def test_process_exits_with_2_after_nonsense() -> None:
    done = run_process("--older-than", "soon")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        f"manage.py prune_import_sessions: error: argument --older-than: {EXPECTED_AGE}, saw 'soon'"
    )


def test_process_exits_with_2_without_a_bound() -> None:
    done = run_process()

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == ("CommandError: expected --older-than, --keep-mib or both.")


def test_process_exits_with_1_when_the_database_fails() -> None:
    done = run_process("--older-than", "90d")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: the database reported: no such table: common_importsession\n"
