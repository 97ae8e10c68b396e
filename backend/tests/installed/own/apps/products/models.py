from django.db import models


class Product(models.Model):
    code1c = models.CharField(max_length=100, unique=True)
    article = models.CharField(max_length=100, unique=True)
    qty = models.DecimalField(max_digits=12, decimal_places=3, null=True)
