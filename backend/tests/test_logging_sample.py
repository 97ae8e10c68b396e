import importlib
import logging
import logging.config
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core import mail
from pytest_django import Settings

from config import logging_sample
from tests.patience import PATIENCE_SECONDS

PROJECT = Path(__file__).resolve().parents[2]

logger = logging.getLogger("stocks.load")


@pytest.fixture(autouse=True)
def admins(settings: Settings) -> None:
    settings.ADMINS = [("Stock", "stock@example.com")]
    settings.SERVER_EMAIL = "shop@example.com"


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Put the sample into force, as under systemd or not, until the test ends."""
    before = (logger.handlers[:], logger.level, logger.propagate)

    def put_into_force(*, under_systemd: bool = False) -> None:
        if under_systemd:
            monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
        else:
            monkeypatch.delenv("JOURNAL_STREAM", raising=False)
        logging.config.dictConfig(importlib.reload(logging_sample).LOGGING)

    yield put_into_force
    logger.handlers[:], level, logger.propagate = before
    logger.setLevel(level)


def test_error_sends_one_mail_to_the_admins(configure: Callable[..., None]) -> None:
    configure()
    logger.error("Session #%s failed: %s", 7, "rests.xml: cannot be read")

    [sent] = mail.outbox
    assert sent.to == ["stock@example.com"]
    assert sent.from_email == "shop@example.com"
    assert sent.subject == "[Django] ERROR: Session #7 failed: rests.xml: cannot be read"
    assert sent.body == "Session #7 failed: rests.xml: cannot be read\n\n"


def test_exception_is_mailed_with_its_traceback(configure: Callable[..., None]) -> None:
    configure()
    try:
        int("no such warehouse")
    except ValueError:
        logger.exception("Session #7 failed")

    [sent] = mail.outbox
    assert sent.body.startswith("Session #7 failed\n\nTraceback (most recent call last):\n")
    assert sent.body.endswith("\nValueError: invalid literal for int() with base 10: 'no such warehouse'\n")


def test_mail_tells_no_settings(configure: Callable[..., None], settings: Settings) -> None:
    settings.SHOP_SUPPLIER = "secret supplier"
    configure()
    logger.error("Session #7 failed")

    [sent] = mail.outbox
    assert "secret supplier" not in sent.body


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING])
def test_less_than_an_error_sends_no_mail(configure: Callable[..., None], level: int) -> None:
    configure()
    logger.log(level, "Session #7 completed")

    assert mail.outbox == []


def test_other_loggers_send_no_mail(configure: Callable[..., None]) -> None:
    configure()
    logging.getLogger("prices.load").error("failed")

    assert mail.outbox == []


def test_mail_server_that_does_not_answer_breaks_nothing(configure: Callable[..., None], settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    configure()

    logger.error("Session #7 failed")


def test_terminal_and_cron_get_warnings_and_errors(
    configure: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    configure()
    logger.info("Session #7 completed")
    logger.warning("Session #8 refused")

    [line] = capfd.readouterr().err.splitlines()
    assert line.endswith(" WARNING stocks.load: Session #8 refused")


def test_journal_gets_everything_with_its_priority(
    configure: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    configure(under_systemd=True)
    logger.debug("parsed")
    logger.info("Session #7 completed")
    logger.error("Session #8 failed:\nthe disk is full")

    assert capfd.readouterr().err == (
        "<6>stocks.load: Session #7 completed\n<3>stocks.load: Session #8 failed:\n<3>the disk is full\n"
    )


def test_settings_of_the_machine_use_the_sample(tmp_path: Path) -> None:
    """As docs/logging.md says, with settings of their own beside the environment."""
    documented = (PROJECT / "docs" / "logging.md").read_text(encoding="utf-8")
    sample = documented.partition("```python\n")[2].partition("```")[0]
    mails = tmp_path / "mails"
    backend = f'EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"\nEMAIL_FILE_PATH = "{mails}"\n'
    (tmp_path / "local_settings.py").write_text(sample + backend, encoding="utf-8")
    code = 'import logging; logging.getLogger("stocks.load").error("test of the mails")'
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "local_settings"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    assert done.stdout == ""
    assert done.stderr.endswith(" ERROR stocks.load: test of the mails\n")
    [mailed] = mails.iterdir()
    assert "\nSubject: [Django] ERROR: test of the mails\n" in mailed.read_text(encoding="utf-8")
