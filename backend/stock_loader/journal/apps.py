"""Configuration of the app `stock_loader.journal`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    """The loader's own table of sessions; a shop that names a table of its own does not install this app."""

    name = "stock_loader.journal"
    label = "stock_loader"
    verbose_name = _("Stock loads")
    default_auto_field = "django.db.models.BigAutoField"
