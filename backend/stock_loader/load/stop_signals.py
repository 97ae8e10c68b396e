"""SIGTERM, SIGINT and SIGHUP end a load at its next step, so that its session says so.

A signal handler that raises does so between any two lines, also in the middle of Django's commit: then the connection
stays in a transaction that nobody ends. So the handler here only takes note, except while files are read, and the load
asks before every statement whether it shall stop. A statement that it waits for is cancelled from a thread.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from stock_loader.errors import LoadRefusedError

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

PATIENCE_SECONDS = 0.5
"""How long a load may take to its next step before the statement it waits for is cancelled; again and again."""


class StopRequest:
    """Whether somebody asked the load to stop, and whether it still can."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._is_out_of_reach = threading.Event()
        self._raises = False
        self._reach = threading.Lock()

    @property
    def exit_code(self) -> int:
        """What the shell expects of a process that ended by the signal; 0 without one."""
        return 128 + self.signal if self.signal else 0

    def note(self, number: int, _frame: object = None) -> None:
        """Take note of the first signal; a signal handler."""
        if self.signal is None:
            self.signal = signal.Signals(number)
            if self._raises:
                self.heed()

    def heed(self) -> None:
        """Stop here if asked to.

        Raises:
            SystemExit: with 128 plus the signal's number.
        """
        if self.signal:
            raise SystemExit(self.exit_code)

    def heed_and_execute(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Stop before a statement if asked to; for `connection.execute_wrapper`."""
        self.heed()
        return execute(*arguments)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Stop wherever a signal finds the load in this block: for reading, which may wait for ever, not writing."""
        self._raises = True
        try:
            self.heed()
            yield
        finally:
            self._raises = False

    @contextmanager
    def may_interrupt(self) -> Iterator[None]:
        """Have statements cancelled only inside this block; what follows it, such as the report, is left in peace."""
        try:
            yield
        finally:
            with self._reach:
                self._is_out_of_reach.set()

    def interrupt_until_heeded(self, number: int, interrupt: Callable[[], object]) -> None:
        """Call `interrupt` as long as the load may be interrupted and does not stop by itself."""
        while not self._is_out_of_reach.wait(PATIENCE_SECONDS):
            interrupt()
            self._send_again(number)

    def _send_again(self, number: int) -> None:
        """Have a system call of the main thread return: it may have begun between the signal and the handler."""
        with self._reach:
            if not self._is_out_of_reach.is_set():
                signal.pthread_kill(threading.main_thread().ident or 0, number)


@contextmanager
def stop_on_signals(interrupt: Callable[[], object]) -> Iterator[StopRequest]:
    """Yield what takes note of the first of `STOP_SIGNALS`; put the old handlers back at the end.

    `interrupt` is called in another thread to make a waiting statement return. The signals after the first are ignored,
    and so is one that the caller ignores (`nohup`, a shell's `&`). Outside the main thread nothing is changed.

    Raises:
        LoadRefusedError: the process may not start a thread.
        SystemExit: at the end, where a signal came too late to stop anything.
    """
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    with _woken_by_signals(stop, interrupt), _noted_by(stop):
        yield stop
    stop.heed()


@contextmanager
def _noted_by(stop: StopRequest) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    replaced = {number: handler for number, handler in before.items() if handler not in {signal.SIG_IGN, None}}
    try:
        for number in replaced:
            signal.signal(number, stop.note)
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)


@contextmanager
def _woken_by_signals(stop: StopRequest, interrupt: Callable[[], object]) -> Iterator[None]:
    """Have a thread see signals at once: the handler itself runs only when the statement at work has returned."""
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    os.set_blocking(reading, True)

    def wait_for_signal() -> None:
        while number := os.read(reading, 1):
            if number[0] in STOP_SIGNALS:
                stop.interrupt_until_heeded(number[0], interrupt)
                return

    thread = threading.Thread(target=wait_for_signal, name="stock-load-signals", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        os.close(reading)
        os.close(writing)
        raise LoadRefusedError(
            "%(reason)s: neither memory nor threads suffice for a load. Give the process more (ulimit -v, ulimit -u).",
            reason=error,
        ) from error
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        with stop.may_interrupt():
            yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)
        thread.join()
        os.close(reading)
