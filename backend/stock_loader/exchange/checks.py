"""`manage.py check`: mistakes in the setting of the exchange."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from stock_loader.exchange.conf import exchange_settings


def check_exchange(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Return what is wrong with `STOCK_LOADER["EXCHANGE"]`."""
    try:
        found = exchange_settings()
        found.take_other_file()
    except (ImproperlyConfigured, ImportError) as error:
        return [Error(str(error), id="stock_exchange.E001")]
    spool = Path(found.spool).resolve()
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        root = getattr(settings, name, None)
        if root and spool.is_relative_to(Path(root).resolve()):
            return [
                Error(
                    f"the exchange's folder {spool} lies in {name}, which is served to everybody.",
                    hint='Set STOCK_LOADER["EXCHANGE"]["SPOOL"] to a folder that no web server serves.',
                    id="stock_exchange.E002",
                )
            ]
    return []
