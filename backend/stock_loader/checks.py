"""`manage.py check`: what is wrong with the setting `STOCK_LOADER`, one line each."""

from typing import Any

from django.core import checks
from django.utils.translation import gettext

from stock_loader.database.shop import shop
from stock_loader.load_warnings import WarningCode

WARNING_IDS = {
    WarningCode.KEY_NOT_UNIQUE: "stock_loader.W001",
    WarningCode.KEY_WITHOUT_INDEX: "stock_loader.W002",
}
"""By which a shop silences them (`SILENCED_SYSTEM_CHECKS`)."""


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Return every mistake of the setting, and what may be meant so."""
    found = shop()
    return [
        *(checks.Error(error.text(gettext), id="stock_loader.E001") for error in found.errors),
        *(checks.Warning(warning.text(gettext), id=WARNING_IDS[warning.code]) for warning in found.warnings),
    ]
