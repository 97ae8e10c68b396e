"""Configuration of the app `products`."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """The app with the products of the shop."""

    name = "apps.products"
    label = "products"
