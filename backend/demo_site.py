"""The data of `make demo-site`: a shop with a few days of loads, and a user. `python backend/demo_site.py FOLDER`."""

import os
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import django

OFFERS = 2000
DAYS = 6
USER = "demo"
PASSWORD = "demo"  # noqa: S105  # printed; the site listens on this machine only

THINGS = ("Кружка", "Чайник", "Кастрюля", "Ваза", "Миска", "Кувшин", "Банка", "Термос")
COLOURS = ("белая эмаль", "синяя эмаль", "стекло", "сталь", "керамика", "фарфор", "глина")

LOADS: list[tuple[str, list[str], list[str]]] = [
    # name, arguments of the generator, options of the load
    ("rests-1.xml", [], []),
    ("rests-2.xml", ["--changed-share", "0.3", "--unknown-share", "0.02"], []),
    ("rests-3.xml", ["--changed-share", "0.2", "--changed-seed", "3", "--zero-share", "0.05"], []),
    ("rests-4.xml", ["--changed-share", "0.1", "--changed-seed", "4", "--invalid-share", "0.04"], []),
    ("rests-4.xml", [], ["--skip-loaded"]),
    ("rests-5.xml", ["--changed-share", "0.2", "--changed-seed", "5", "--zero-share", "0.8"], []),
    ("rests-6.xml", ["--changed-share", "0.35", "--changed-seed", "6", "--duplicate-share", "0.01"], []),
    ("rests-7.xml", ["--changed-share", "0.05", "--changed-seed", "7", "--unknown-share", "0.06"], ["--dry-run"]),
    ("rests-8.xml", ["--changed-share", "0.15", "--changed-seed", "8", "--zero-share", "0.12"], []),
    ("rests-9.xml", ["--changed-share", "0.25", "--changed-seed", "9", "--unknown-share", "0.03"], []),
]
"""The fifth is skipped, the sixth refused: it would set more than half of the stock to 0."""
UNDONE = "rests-8.xml"
"""The load of it is undone before the next one."""
GAP_AFTER = 5
"""Loads, the last ones, before which there was a pause of a day and a half."""


def make_files(folder: Path) -> None:
    """Write the exports."""
    for name, arguments, _ in LOADS:
        path = folder / name
        if not path.exists():
            command = [sys.executable, "-m", "fixtures_generator", "--quiet", "--offers", str(OFFERS), *arguments]
            subprocess.run([*command, "--output", str(path)], check=True)  # noqa: S603  # our own words


def name_products() -> None:
    """Give the products names that people can tell apart."""
    from apps.products.models import Product  # noqa: PLC0415

    products = list(Product.objects.order_by("pk"))
    for number, product in enumerate(products):
        thing, colour = THINGS[number % len(THINGS)], COLOURS[number // len(THINGS) % len(COLOURS)]
        product.name = f"{thing}, {colour}, {number // len(THINGS) // len(COLOURS) + 1} л"
        product.sku = f"A-{number + 1:05d}"
    Product.objects.bulk_update(products, ["name", "sku"])


def load_all(folder: Path) -> None:
    """Load the exports one after the other; one of them is refused, one load is undone."""
    from django.core.management import CommandError, call_command  # noqa: PLC0415  # after django.setup()

    from apps.common.models import ImportSession  # noqa: PLC0415

    quiet = {"verbosity": 0}
    call_command("migrate", **quiet)
    call_command("seed_products", file=str(folder / LOADS[0][0]), **quiet)
    name_products()
    for name, _, options in LOADS:
        with suppress(CommandError):
            call_command(
                "load_product_stocks", "--file", str(folder / name), *options, "--no-progress", "--verbosity=0"
            )
        if name == UNDONE:
            call_command("undo_stock_load", str(ImportSession.objects.latest("pk").pk), "--verbosity=0")


def spread_over_days() -> None:
    """Let the loads have run at regular times of the last days, the last one a while ago."""
    from django.db.models import F  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from apps.common.models import ImportSession  # noqa: PLC0415

    sessions = list(ImportSession.objects.order_by("-pk").values_list("pk", "started_at"))
    step = timedelta(days=DAYS) / len(sessions)
    for place, (number, started_at) in enumerate(sessions):
        pause = timedelta(days=1.5 if place >= GAP_AFTER else 0)
        earlier = started_at - (timezone.now() - timedelta(hours=2) - step * place - pause)
        ImportSession.objects.filter(pk=number).update(
            started_at=F("started_at") - earlier, finished_at=F("finished_at") - earlier
        )


def main() -> None:
    """Make the data in the database that `DATABASE_URL` names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.site_settings")
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415

    folder = Path(sys.argv[1])
    make_files(folder)
    load_all(folder)
    spread_over_days()
    User.objects.create_superuser(USER, password=PASSWORD)
    print(f"== User {USER}, password {PASSWORD}")  # noqa: T201


if __name__ == "__main__":
    main()
