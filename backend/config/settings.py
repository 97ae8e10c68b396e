"""The only settings; what differs between machines comes from the environment.

| variable | meaning | default |
|---|---|---|
| `DATABASE_URL` | the shop's database, as dj-database-url reads it | SQLite, `db.sqlite3` beside `manage.py` |
| `STOCK_LOAD_STRATEGY` | `bulk_update` or `copy` (PostgreSQL, MariaDB) | `bulk_update` |
| `STOCK_LOAD_MATCH_SKU` | products that a sku may lead to: `unclaimed` (without an onec_id) or `any` | `unclaimed` |
| `STOCK_LOAD_OWN_OFFER` | a product's own offer beside its summed variants: `part` of the sum or its `total` | `part` |
| `STOCK_LOAD_WAREHOUSES` | ids of the warehouses that count, separated by commas | all |
| `STOCK_LOAD_EXCLUDED_WAREHOUSES` | ids of warehouses that do not count | none |
| `STOCK_LOAD_JOURNAL` | `no`: loads keep no journal of what they changed | `yes` |
| `STOCK_LOAD_WHOLE_EXPORTS` | `yes`: each export holds the whole stock, whatever it says of itself | `no` |
| `DJANGO_LANGUAGE_CODE` | language of the commands: `ru`, `en` | `ru` |
| `DJANGO_TIME_ZONE` | zone in which times are shown | `Europe/Moscow` |
| `DJANGO_SECRET_KEY` | only for a project that serves pages too | empty |
"""

import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
SQLITE_BUSY_TIMEOUT_SECONDS = 30

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "")
INSTALLED_APPS = ["apps.common", "apps.products", "stock_loader"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = os.environ.get("DJANGO_LANGUAGE_CODE", "ru")
LANGUAGES = [("ru", "Русский"), ("en", "English")]
USE_TZ = True
TIME_ZONE = os.environ.get("DJANGO_TIME_ZONE", "Europe/Moscow")
try:
    ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError):
    raise ImproperlyConfigured(
        f"DJANGO_TIME_ZONE: expected the name of a time zone like Europe/Moscow, saw {TIME_ZONE!r}."
    ) from None


def listed(text: str) -> list[str]:
    """Return what stands between the commas of `text`, but for blanks."""
    return [part.strip() for part in text.split(",") if part.strip()]


STOCK_LOADER = {
    "MODEL": "products.Product",
    "QUANTITY": "stock_quantity",
    "ONEC_ID": "onec_id",
    "SKU": "sku",
    "NAME": "name",
    "CHANGED_AT": "stock_updated_at",
    "SESSION": "common.ImportSession",
    "ENVIRONMENT": "STOCK_LOAD_",
    "STRATEGY": os.environ.get("STOCK_LOAD_STRATEGY", "bulk_update"),
    # Products that a sku leads to: `unclaimed`, those without an onec_id, or `any`.
    "MATCH_SKU": os.environ.get("STOCK_LOAD_MATCH_SKU", "unclaimed"),
    # What a product's own offer is beside its summed variants: a `part` of the sum, or the `total`.
    "OWN_OFFER": os.environ.get("STOCK_LOAD_OWN_OFFER", "part"),
    # Each export holds the whole stock, whatever it says of itself: `--missing zero` may act on all of them.
    "WHOLE_EXPORTS": os.environ.get("STOCK_LOAD_WHOLE_EXPORTS", "").casefold() in {"1", "true", "yes", "on"},
    # Every load keeps what it changed, unless this is `no`.
    "JOURNAL": os.environ.get("STOCK_LOAD_JOURNAL", "").casefold() not in {"0", "false", "no", "off"},
    # A file of prices, in which no offer has a quantity: `fail`, or `warn` and load nothing.
    "FILE_WITHOUT_STOCK": os.environ.get("STOCK_LOAD_FILE_WITHOUT_STOCK", "fail"),
    # Ids of the warehouses that count (empty: all), and of those that do not.
    "WAREHOUSES": listed(os.environ.get("STOCK_LOAD_WAREHOUSES", "")),
    "EXCLUDED_WAREHOUSES": listed(os.environ.get("STOCK_LOAD_EXCLUDED_WAREHOUSES", "")),
    # A load that does more is refused: a number, a percentage, or `off`. Of the products in stock, taken to 0;
    "MAX_ZEROED": os.environ.get("STOCK_LOAD_MAX_ZEROED", "50%"),
    # of all products, changed;
    "MAX_CHANGED": os.environ.get("STOCK_LOAD_MAX_CHANGED", "off"),
    # of the offers read, without a product, and invalid.
    "MAX_NOT_FOUND": os.environ.get("STOCK_LOAD_MAX_NOT_FOUND", "100%"),
    "MAX_INVALID": os.environ.get("STOCK_LOAD_MAX_INVALID", "10%"),
}
"""What the loader loads and how; what is not said here is as `stock_loader.settings.DEFAULTS` has it."""


def database(url: str) -> dict[str, Any]:
    """Return Django's settings of the database at `url`.

    SQLite gets write-ahead logging (readers do not wait for a load), IMMEDIATE transactions (a load waits for another
    writer instead of failing half-way with "database is locked") and a busy timeout.

    Raises:
        ImproperlyConfigured: it is no such URL; what it is is not repeated, for it holds a password.
    """
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: expected postgres://user:password@host:5432/database, "
            "mysql://… for MariaDB, or sqlite:////folder/shop.sqlite3; "
            "characters of a password that mean something in a URL like %24 for $."
        ) from None
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        parsed["OPTIONS"] = {
            "timeout": SQLITE_BUSY_TIMEOUT_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        } | parsed.get("OPTIONS", {})
    return parsed


DATABASES = {"default": database(os.environ.get("DATABASE_URL") or f"sqlite:///{PROJECT_DIR / 'db.sqlite3'}")}
