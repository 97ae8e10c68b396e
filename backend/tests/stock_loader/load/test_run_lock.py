import time

import pytest
from django.db import connection

from stock_loader.database.file_lock import FileLock
from stock_loader.load.run_lock import obtain, run_lock

pytestmark = pytest.mark.django_db(transaction=True)


def test_lock_is_free_again_after_the_block() -> None:
    for _ in range(2):
        with run_lock(connection) as lock:
            assert lock.try_obtain()
            assert not lock.is_lost()


def test_lock_that_was_not_taken_is_not_given_back() -> None:
    with run_lock(connection) as lock:
        assert not lock.is_lost()


def test_waiting_asks_before_every_try_whether_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = [100.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)

    class Taken(FileLock):
        def try_obtain(self) -> bool:
            return False

    assert not obtain(Taken(list), wait_seconds=0.6, heed=lambda: asked.append(1))
    assert len(asked) == 4
    assert now == [pytest.approx(100.6)]


def test_no_waiting_means_one_try() -> None:
    asked = []
    with run_lock(connection) as lock:
        assert obtain(lock, wait_seconds=0, heed=lambda: asked.append(1))
    assert asked == [1]
