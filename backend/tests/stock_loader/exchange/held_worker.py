"""What loads, held for ever at one point of its way: `python -m tests…held_worker MODULE FUNCTION [COMMAND …]`.

What it is about to call is never called; a file in the folder of the site tells that it has come so far.
"""

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command


def hold(*_args: Any, **_kwargs: Any) -> None:
    """Tell that it came here, and wait to be killed."""
    Path(os.environ["EXCHANGE_SETTINGS"]).with_name("reached").touch()
    time.sleep(600)


if __name__ == "__main__":
    django.setup()
    setattr(import_module(sys.argv[1]), sys.argv[2], hold)
    call_command(*(sys.argv[3:] or ["exchange_worker"]))
