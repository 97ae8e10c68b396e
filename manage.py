#!/usr/bin/env python
"""Run a Django command of the shop: `python manage.py load_product_stocks --file rests.xml`."""

import gc
import os
import sys
from pathlib import Path

gc.set_threshold(100_000)  # what a load makes are millions of tuples, and no garbage that only a search would find


def main() -> None:
    """Put `backend/` on the path, name the settings, hand over to Django."""
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  # begun with the threshold above
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    sys.path.insert(0, str(Path(__file__).resolve().parent / "backend"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    gc.freeze()  # the process ends: nothing need be searched once more


if __name__ == "__main__":
    main()
