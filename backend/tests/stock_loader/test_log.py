import logging
from collections.abc import Iterator

import pytest

from stock_loader.log import NAME, logger


class Raising(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise RuntimeError("no log\ntoday")


@pytest.fixture
def raising_handler() -> Iterator[None]:
    handler = Raising()
    logging.getLogger(NAME).addHandler(handler)
    yield
    logging.getLogger(NAME).removeHandler(handler)


@pytest.mark.usefixtures("raising_handler")
def test_handler_that_raises_has_a_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    logger.error("the load failed")

    assert capsys.readouterr().err == "a handler of the logger stocks.load failed: RuntimeError: no log today\n"


def test_record_names_the_place_that_logged(caplog: pytest.LogCaptureFixture) -> None:
    logger.warning("seen %s", 1)
    logger.log(logging.WARNING, "seen %s", 2)

    assert [(record.getMessage(), record.module) for record in caplog.records] == [
        ("seen 1", "test_log"),
        ("seen 2", "test_log"),
    ]
