"""Run one peer: `python -m benchmarks.peers KEY rests.xml`."""

import json
import sys
from importlib import import_module

import django


def main(key: str, path: str) -> None:
    """Load the file; print what was updated and how long each step took."""
    django.setup()
    from benchmarks.peers.steps import Steps  # noqa: PLC0415  # models can be imported from here on

    steps = Steps()
    updated = import_module(f"benchmarks.peers.{key}").load(path, steps)
    sys.stdout.write(json.dumps({"details": {"updated_count": updated, "seconds": steps.seconds}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
