"""Configuration of the app `stock_loader.pages`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.utils.translation import gettext_lazy as _


class StockPagesConfig(AppConfig):
    """The pages about loads; for projects with Django's admin that want them."""

    name = "stock_loader.pages"
    label = "stock_pages"
    verbose_name = _("Stock")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the setting."""
        register(_check)


def _check(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    from stock_loader.pages.conf import options_of, undo_settings  # noqa: PLC0415  # nothing else needs it
    from stock_loader.upload.checks import check_work  # noqa: PLC0415

    return check_work("UNDO", undo_settings, lambda options: options_of(options, session=1), app="stock_pages")
