"""Configuration of the app `stock_loader.upload`."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class UploadConfig(AppConfig):
    """Upload of stock files in the admin."""

    name = "stock_loader.upload"
    label = "stock_upload"
    verbose_name = _("Upload of stock files")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the setting."""
        from stock_loader.upload.checks import check_upload  # noqa: PLC0415  # it reads a load's options, which needs models

        register(check_upload)
