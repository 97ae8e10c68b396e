from pathlib import Path

import pytest

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher, undisturbing
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES

CALLBACKS = ["on_session", "on_files", "on_read", "on_offers", "on_reading_again"]


def fail(*_: object) -> None:
    raise UnicodeEncodeError("ascii", "я", 0, 1, "ordinal not in range(128)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("callback", CALLBACKS)
def test_watcher_that_raises_changes_nothing(
    callback: str, strategy: str, rests: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Product.objects.create(onec_id="a", sku="A", name="", stock_quantity=5)
    rests.write_text(document(offer("a", 1), offer("a", 2)), encoding="utf-8")

    report = load_stocks(LoadOptions(file=str(rests), strategy=strategy), watcher=LoadWatcher(**{callback: fail}))

    assert (report.status, Product.objects.get().stock_quantity) == ("completed", 2)
    assert ImportSession.objects.get().status == "completed"
    was_called = callback != "on_reading_again" or strategy == "bulk_update"
    warnings = [record for record in caplog.records if "is told no more" in record.getMessage()]
    assert len(warnings) == was_called


def test_watcher_that_raised_is_told_no_more() -> None:
    told: list[int] = []

    def once(size: int) -> None:
        told.append(size)
        raise OSError(5, "the terminal hung up")

    watcher = undisturbing(LoadWatcher(on_read=once))
    watcher.on_read(1)
    watcher.on_read(2)

    assert told == [1]


def test_exit_of_the_process_is_not_kept_from_it() -> None:
    def leave(size: int) -> None:
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        undisturbing(LoadWatcher(on_read=leave)).on_read(1)


@pytest.mark.django_db(transaction=True)
def test_failing_load_keeps_its_own_reason(rests: Path) -> None:
    with pytest.raises(Exception, match="No such file"):
        load_stocks(LoadOptions(file=str(rests), strategy="bulk_update"), watcher=LoadWatcher(on_session=fail))

    assert "No such file" in ImportSession.objects.get().error_message
