"""The shop's products as a shop has them that knows nothing of this project: Django's own manager."""

from django.db import models

UPDATED_FIELDS = ["stock_quantity", "stock_updated_at"]


class ShopProduct(models.Model):
    """A product; the table is that of `apps.products`."""

    onec_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    sku = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=300)
    stock_quantity = models.PositiveIntegerField(default=0)
    stock_updated_at = models.DateTimeField(null=True, blank=True)

    objects: "models.Manager[ShopProduct]" = models.Manager()

    class Meta:
        """Where it is."""

        app_label = "products"
        db_table = "products_product"
        managed = False

    def __str__(self) -> str:
        """Return the product's name."""
        return self.name
