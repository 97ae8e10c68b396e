"""Configuration of the app `products`."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """The app with the products and the stock loader."""

    name = "apps.products"
    label = "products"
