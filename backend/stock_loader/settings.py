"""The setting `STOCK_LOADER`: what a shop says of itself, and what holds where it says nothing."""

from typing import Any

from django.conf import settings

SETTING = "STOCK_LOADER"

DEFAULTS: dict[str, Any] = {
    # The shop's models: see database/mapping.py.
    "MODEL": "",
    "QUANTITY": "",
    "ONEC_ID": "",
    "SKU": "",
    "NAME": "",
    "CHANGED_AT": "",
    "FILTER": {},
    "SESSION": "stock_loader.ImportSession",
    # How it is loaded.
    "STRATEGY": "bulk_update",
    "JOURNAL": True,  # every load keeps what it changed: see journal/pages.py
    "WAREHOUSES": (),
    "EXCLUDED_WAREHOUSES": (),
    "WHOLE_EXPORTS": False,
    "FILE_WITHOUT_STOCK": "fail",
    "MATCH_SKU": "unclaimed",  # what a sku leads to: products without an onec_id, or "any"
    "OWN_OFFER": "part",  # a product's own offer beside its summed variants: a part, or the "total"
    # Limits: a number, a percentage, or "off".
    "MAX_ZEROED": "50%",
    "MAX_CHANGED": "off",
    "MAX_NOT_FOUND": "100%",  # of which no offer has a product
    "MAX_INVALID": "10%",
    "GUARD_FLOOR": 20,  # fewer than this never trip a percentage that stands in the settings
    "OLDER_TOLERANCE_SECONDS": 3600,  # segments of one snapshot differ
    "LOCK_TIMEOUT_SECONDS": 10,
    "STATEMENT_TIMEOUT_SECONDS": 300,
    "EXCHANGE": {},  # the exchange with 1C over HTTP: see exchange/conf.py
    "UNDO": {},  # undos asked for in the admin: see pages/conf.py
    "UPLOAD": {},  # stock files uploaded in the admin: see upload/conf.py
    # Begins the names of the environment variables that fill the settings, where any do; messages name these.
    "ENVIRONMENT": "",
}

OLD_PREFIX = "STOCK_LOAD_"
"""Begins the names of the single settings that came before `STOCK_LOADER`; where one is set, it goes before."""


def setting(name: str) -> Any:
    """Return what the shop's settings say of `name`, else the default."""
    old = OLD_PREFIX + name
    if hasattr(settings, old):
        return getattr(settings, old)
    return chosen().get(name, DEFAULTS[name])


def setting_name(name: str) -> str:
    """Return what the administrator of the shop calls the setting."""
    old = OLD_PREFIX + name
    if hasattr(settings, old):
        return old
    environment = setting("ENVIRONMENT")
    return f"{environment}{name}" if environment else f'{SETTING}["{name}"]'


def chosen() -> dict[str, Any]:
    """Return the dict of the shop as it stands in its settings; empty where it has none or it is no dict."""
    found = getattr(settings, SETTING, None)
    return found if isinstance(found, dict) else {}
