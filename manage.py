#!/usr/bin/env python
"""Run a Django command of the shop: `python manage.py load_product_stocks --file rests.xml`."""

import gc
import os
import sys
from pathlib import Path

gc.set_threshold(100_000)  # what a load makes are millions of tuples, and no garbage that only a search would find


def main() -> None:
    """Put `backend/` on the path, name the settings, hand over to Django."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # begun with the threshold above

    sys.path.insert(0, str(Path(__file__).resolve().parent / "backend"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
    gc.freeze()  # the process ends: nothing need be searched once more


if __name__ == "__main__":
    main()
