"""The rights to the pages. They need a model to belong to, and no table."""

from django.db import models
from django.utils.translation import gettext_lazy as _

APP = "stock_pages"
VIEW = f"{APP}.view_stockload"


class StockLoad(models.Model):
    """What the admin's index lists: the loads, whichever table of the shop has their sessions."""

    class Meta:
        """Names and rights."""

        app_label = APP
        managed = False
        verbose_name = _("stock load")
        verbose_name_plural = _("stock loads")
        default_permissions = ()
        permissions = (("view_stockload", "Can view stock loads"),)

    def __str__(self) -> str:
        """Return the name of what it stands for."""
        return str(self._meta.verbose_name)
