"""How long each step of a load or undo took."""

import time
from enum import StrEnum


class Step(StrEnum):
    """A step, in the words of the session's details."""

    WAITING = "waiting"
    """For the run lock."""
    READING = "reading"
    """Read, match, compare; of an undo, compare the journal with the stock."""
    DECIDING = "deciding"
    """Write the lists that were asked for, check the limits."""
    WRITING = "writing"
    """Lock, compare again, update, keep the journal; until the session says completed, before the commit."""


class StepTimes:
    """A clock that always runs for one step; what a step takes in several goes is added up."""

    def __init__(self) -> None:
        self._step = Step.WAITING
        self._began = time.monotonic()
        self._step_began = self._began
        self._ended: dict[Step, float] = {}

    def begin(self, step: Step) -> None:
        """End the step that runs, and begin this one."""
        now = time.monotonic()
        self._ended = self._seconds(now)
        self._step, self._step_began = step, now

    def total(self) -> float:
        """Return the seconds since the clock was made."""
        return time.monotonic() - self._began

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each step that began, rounded to milliseconds."""
        return {step.value: round(seconds, 3) for step, seconds in self._seconds(time.monotonic()).items()}

    def _seconds(self, now: float) -> dict[Step, float]:
        return self._ended | {self._step: self._ended.get(self._step, 0.0) + now - self._step_began}
