"""Configuration of the app `products`."""

from django.apps import AppConfig
from django.db.models import CharField, IntegerField

from apps.products.lookups import Among


class ProductsConfig(AppConfig):
    """The app with the products and the stock loader."""

    name = "apps.products"
    label = "products"

    def ready(self) -> None:
        """Register the lookup `among`."""
        CharField.register_lookup(Among)
        IntegerField.register_lookup(Among)
