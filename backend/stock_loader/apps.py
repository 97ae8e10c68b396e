"""Configuration of the app `stock_loader`."""

from django.apps import AppConfig
from django.db.models import CharField, IntegerField

from stock_loader.database.lookups import Among


class StockLoaderConfig(AppConfig):
    """The stock loader."""

    name = "stock_loader"

    def ready(self) -> None:
        """Register the lookup `among`."""
        CharField.register_lookup(Among)
        IntegerField.register_lookup(Among)
