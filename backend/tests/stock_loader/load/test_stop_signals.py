import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stock_loader.errors import LoadRefusedError
from stock_loader.load import stop_signals
from stock_loader.load.stop_signals import STOP_SIGNALS, stop_on_signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Put the handlers back, whatever a test did."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def never() -> None:
    raise AssertionError("nothing was waiting")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_signal_is_noted_and_heeded_at_the_next_step(number: signal.Signals, code: int) -> None:
    steps = []
    with pytest.raises(SystemExit) as stopped, stop_on_signals(never) as stop, stop.may_interrupt():  # noqa: PT012
        os.kill(os.getpid(), number)
        steps.append("the line after the signal")
        assert stop.signal == number
        stop.heed()
        steps.append("the line after the step")
    assert stopped.value.code == code
    assert steps == ["the line after the signal"]


def test_second_signal_changes_nothing() -> None:
    with pytest.raises(SystemExit) as stopped, stop_on_signals(never) as stop, stop.may_interrupt():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        stop.heed()
    assert stopped.value.code == 130


def test_signal_stops_a_block_that_says_so_at_once() -> None:
    with pytest.raises(SystemExit) as stopped, stop_on_signals(never) as stop, stop.at_once():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    assert stopped.value.code == 143


def test_noted_signal_stops_before_such_a_block() -> None:
    entered = False
    with pytest.raises(SystemExit), stop_on_signals(never) as stop:  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        with stop.at_once():
            entered = True
    assert not entered


def test_signal_that_came_too_late_still_ends_the_process() -> None:
    is_done = False
    with pytest.raises(SystemExit) as stopped, stop_on_signals(never) as stop:  # noqa: PT012
        with stop.may_interrupt():
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        is_done = True
    assert (is_done, stopped.value.code) == (True, 143)


def test_waiting_call_is_interrupted_until_it_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Event.wait` of another thread stands for the C library that waits for PostgreSQL."""
    monkeypatch.setattr(stop_signals, "PATIENCE_SECONDS", 0.02)
    interrupted = []
    with pytest.raises(SystemExit), stop_on_signals(lambda: interrupted.append(1)) as stop, stop.may_interrupt():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        while len(interrupted) < 3:
            time.sleep(0.01)
        stop.heed()
    seen = len(interrupted)
    time.sleep(0.1)
    assert len(interrupted) == seen


def test_read_that_began_between_the_signal_and_its_handler_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that another thread takes leaves the main thread waiting, as one does that came just before it waits."""
    monkeypatch.setattr(stop_signals, "PATIENCE_SECONDS", 0.02)
    reading, writing = os.pipe()
    late = threading.Timer(10, os.close, [writing])
    late.start()
    began = time.monotonic()
    signal_other = threading.Timer(0.1, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM))
    with pytest.raises(SystemExit), stop_on_signals(lambda: None) as stop, stop.may_interrupt(), stop.at_once():  # noqa: PT012
        signal_other.start()
        os.read(reading, 1)
    assert time.monotonic() - began < 5
    late.cancel()
    os.close(reading)
    os.close(writing)


def test_process_that_may_not_start_a_thread_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `ulimit -u` or `-v` has it; the program that says so in earnest stands with the reliability tests."""
    descriptors = len(list(Path("/proc/self/fd").iterdir()))

    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(LoadRefusedError, match=r"^can't start new thread: neither memory nor threads suffice"):
        stop_on_signals(never).__enter__()
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert signal.set_wakeup_fd(-1) == -1


def test_nothing_is_interrupted_without_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_signals, "PATIENCE_SECONDS", 0.01)
    with stop_on_signals(never) as stop, stop.may_interrupt():
        time.sleep(0.05)
    assert (stop.signal, stop.exit_code) == (None, 0)


def test_handlers_wakeup_and_threads_are_put_back() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    with stop_on_signals(never):
        assert [signal.getsignal(number) for number in STOP_SIGNALS] != before
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert (threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))) == (threads, descriptors)


def test_ignored_signal_stays_ignored() -> None:
    """`nohup` and a shell's `&` start a process that ignores them."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with stop_on_signals(never) as stop:
        os.kill(os.getpid(), signal.SIGHUP)
    assert stop.signal is None
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_other_thread_changes_no_handler() -> None:
    seen: list[Any] = []
    before = [signal.getsignal(number) for number in STOP_SIGNALS]

    def run() -> None:
        with stop_on_signals(never) as stop:
            stop.heed()
            seen.append([signal.getsignal(number) for number in STOP_SIGNALS])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
