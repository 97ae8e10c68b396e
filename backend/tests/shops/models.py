"""Models as other shops have them: the loader must know none of their names."""

import uuid
from typing import Any

from django.db import models


class NullCharField(models.CharField):  # type: ignore[type-arg]
    """As django-oscar has it: an empty text is NULL."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value) or None


class Item(models.Model):
    """A small shop that sells by the metre."""

    code1c = models.CharField(max_length=100, unique=True, null=True)
    article = models.CharField(max_length=100, db_index=True, blank=True)
    title = models.CharField(max_length=200)
    qty = models.DecimalField(max_digits=12, decimal_places=3, null=True)

    class Meta:
        app_label = "shops"
        ordering = ("title",)


class Partner(models.Model):
    code = models.CharField(max_length=100, unique=True)

    class Meta:
        app_label = "shops"


class Tag(models.Model):
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "shops"


class Goods(models.Model):
    upc = NullCharField(max_length=100, unique=True, null=True)
    title = models.CharField(max_length=200)
    tags: "models.ManyToManyField[Tag, Tag]" = models.ManyToManyField(Tag)

    class Meta:
        app_label = "shops"


class StockRecord(models.Model):
    """As django-oscar has it."""

    product = models.ForeignKey(Goods, on_delete=models.CASCADE, related_name="stockrecords")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE)
    partner_sku = models.CharField(max_length=128)
    num_in_stock = models.PositiveIntegerField(blank=True, null=True)
    num_allocated = models.IntegerField(blank=True, null=True)
    date_updated = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        app_label = "shops"
        unique_together = ("partner", "partner_sku")


class UuidItem(models.Model):
    """1C's GUIDs as what they are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    guid = models.UUIDField(unique=True, null=True)
    sku = models.CharField(max_length=100, unique=True)
    stock = models.BigIntegerField(default=0)

    class Meta:
        app_label = "shops"


class NumberItem(models.Model):
    """1C's codes as numbers; a text as primary key."""

    slug = models.CharField(max_length=50, primary_key=True)
    number = models.IntegerField(unique=True, null=True)
    article = models.IntegerField(unique=True, null=True)
    stock = models.SmallIntegerField(null=True)

    class Meta:
        app_label = "shops"


class Good(models.Model):
    onec_id = models.CharField(max_length=100, unique=True, null=True)
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "shops"


class StockedGood(Good):
    """A good with a stock: its primary key is that of its parent."""

    sku = models.CharField(max_length=100, unique=True)
    stock = models.PositiveIntegerField(default=0)
    stocked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "shops"


class Shelf(models.Model):
    """A shop that promises nothing of its ids."""

    code = models.CharField(max_length=100, null=True, db_index=True)
    article = models.CharField(max_length=100, db_index=True)
    stock = models.IntegerField(null=True)

    class Meta:
        app_label = "shops"


class Unlike(models.Model):
    """What cannot be mapped."""

    ratio = models.FloatField()
    day = models.DateField(null=True)
    amount = models.IntegerField()
    code = models.CharField(max_length=10)

    class Meta:
        app_label = "shops"
