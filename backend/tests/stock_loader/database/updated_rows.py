"""The rows that an update is tried on: products, and a model with a column of every plain type."""

from typing import Any

from django.db import models
from django.test.utils import isolate_apps

from apps.products.models import Product
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet

FIELDS = ["stock_quantity", "stock_updated_at"]

with isolate_apps("apps.products"):

    class Sample(models.Model):
        """One column of every plain type, and some that are left to Django; the key is a short text."""

        key = models.CharField(primary_key=True, max_length=5)
        number = models.BigIntegerField(null=True)
        amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
        flag = models.BooleanField(null=True)
        day = models.DateField(null=True)
        clock = models.TimeField(null=True)
        token = models.UUIDField(null=True)
        label = models.CharField("text", max_length=5, null=True, db_column="Odd Name")  # noqa: DJ001
        ratio = models.FloatField(null=True)
        extra = models.JSONField(null=True)
        parent = models.ForeignKey("self", models.CASCADE, null=True)

        objects: "models.Manager[Any]" = SetBasedUpdateQuerySet.as_manager()

        class Meta:
            app_label = "products"

        def __str__(self) -> str:
            return self.key


def products(count: int) -> list[Product]:
    """Products in the database, their quantities 10, 11, …."""
    rows = (
        Product(onec_id=f"id {number}", sku=f"sku {number}", name=f"name {number}", stock_quantity=10 + number)
        for number in range(count)
    )
    return Product.objects.bulk_create(rows)
