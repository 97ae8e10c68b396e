"""What the command says of a load: the JSON report, the log, warnings, and nothing to cron."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.common.models import ImportSession
from tests.documents import offer, rests
from tests.stock_loader.console.command_runs import run, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop", "russian")]

document = rests


def test_json_report_is_the_only_output(rests: Path) -> None:
    out, err = run(file=write(rests, offer("a", 1)), json=True)

    report = json.loads(out)
    session = ImportSession.objects.get()
    assert report == {"session_id": session.pk, "status": "completed", "details": session.details}
    assert (out.count("\n"), err) == (1, "")


def test_json_report_of_failed_load(tmp_path: Path) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("load_product_stocks", file=str(tmp_path), json=True, stdout=out)

    report = json.loads(out.getvalue())
    session = ImportSession.objects.get()
    assert report["session_id"] == session.pk
    assert report["status"] == "failed"
    assert report["error_message"] == session.error_message
    assert report["details"] == session.details


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("<x>", "ERROR", "{file}: это не файл остатков: "),
        (document(offer("a", 1)), "INFO", "session #{session} completed: 1 products changed"),
    ],
)
def test_end_of_a_load_is_logged(
    text: str, level: str, message: str, rests: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rests.write_text(text, encoding="utf-8")
    caplog.set_level("INFO", "stocks.load")

    with contextlib.suppress(CommandError):
        run(file=str(rests))

    expected = message.format(file=rests, session=ImportSession.objects.get().pk)
    logged = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "stocks.load"]
    assert [(name, text[: len(expected)]) for name, text in logged] == [(level, expected)]


def test_verbosity_0_is_silent_on_success(rests: Path) -> None:
    assert run(file=write(rests, offer("a", 1)), verbosity=0) == ("", "")


def test_warning_that_needs_no_answer_is_not_for_cron(rests: Path) -> None:
    assert run(file=write(rests), verbosity=0) == ("", "")
    assert len(ImportSession.objects.get().details["warnings"]) == 1
