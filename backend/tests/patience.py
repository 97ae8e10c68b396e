"""How long a test waits for what must come. It tells a hang from a slow machine and is no measure of anything."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 300

Seen = TypeVar("Seen")


def wait_until(look: Callable[[], Seen]) -> Seen:
    """Look again and again until there is something to see; return that."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
    return seen
