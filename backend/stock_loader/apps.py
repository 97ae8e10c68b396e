"""Configuration of the app `stock_loader`."""

from django.apps import AppConfig
from django.core import checks
from django.db.models import CharField, IntegerField, TextField, UUIDField

from stock_loader.database.lookups import Among


class StockLoaderConfig(AppConfig):
    """The stock loader and its journal; its own table of sessions is that of the app `stock_loader.journal`."""

    name = "stock_loader"
    label = "stock_loader_commands"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the look-up `among`, and the checks of the settings."""
        from stock_loader.checks import check_settings  # noqa: PLC0415  # a load makes its own

        for field in (CharField, TextField, IntegerField, UUIDField):
            field.register_lookup(Among)
        checks.register(check_settings, "stock_loader")
