"""Configuration of the app `stock_loader.exchange`."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from stock_loader.exchange.checks import check_exchange


class ExchangeConfig(AppConfig):
    """The exchange with 1C over HTTP."""

    name = "stock_loader.exchange"
    label = "stock_exchange"
    verbose_name = _("Exchange with 1C")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the setting."""
        register(check_exchange)
