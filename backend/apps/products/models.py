"""The shop's products, as far as the stock loader needs them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock_loader.database.set_based_update import SetBasedUpdateQuerySet

MAX_ID_LENGTH = 100
"""Characters of an onec_id or a sku; 1C's longest id, `GUID#GUID`, has 73."""


class Product(models.Model):
    """A product with its stock.

    No index covers `stock_quantity` or `stock_updated_at`, and on PostgreSQL the table is filled to one half
    (migration 0001), so that a stock change is a heap-only update that touches no index.
    """

    onec_id = models.CharField(_("1C id"), max_length=MAX_ID_LENGTH, unique=True, null=True, blank=True)
    sku = models.CharField(_("SKU"), max_length=MAX_ID_LENGTH, unique=True)
    name = models.CharField(_("name"), max_length=300)
    stock_quantity = models.PositiveIntegerField(_("stock quantity"), default=0)
    stock_updated_at = models.DateTimeField(_("stock changed at"), null=True, blank=True)

    objects = SetBasedUpdateQuerySet.as_manager()

    class Meta:
        """Names."""

        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        """Return the product's name."""
        return self.name
