"""Configuration of the app `stock_loader.pages`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StockPagesConfig(AppConfig):
    """The pages about loads; for projects with Django's admin that want them."""

    name = "stock_loader.pages"
    label = "stock_pages"
    verbose_name = _("Stock")
    default_auto_field = "django.db.models.BigAutoField"
