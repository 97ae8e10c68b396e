#!/usr/bin/env python
"""Run a Django command of the shop: `python manage.py load_product_stocks --file rests.xml`."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line


def main() -> None:
    """Put `backend/` on the path, name the settings, hand over to Django."""
    sys.path.insert(0, str(Path(__file__).resolve().parent / "backend"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
