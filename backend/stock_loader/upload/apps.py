"""Configuration of the app `stock_loader.upload`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.utils.translation import gettext_lazy as _


class UploadConfig(AppConfig):
    """Upload of stock files in the admin."""

    name = "stock_loader.upload"
    label = "stock_upload"
    verbose_name = _("Upload of stock files")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the setting."""
        register(_check)


def _check(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    from stock_loader.upload.checks import check_upload  # noqa: PLC0415  # nothing else needs it, a load least of all

    return check_upload(app_configs, **kwargs)
