"""Products in Django's admin, with the way to their stock's history."""

from django.contrib import admin

from apps.products.models import Product
from stock_loader.pages.mixins import StockHistoryMixin


@admin.register(Product)
class ProductAdmin(StockHistoryMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """The shop's products; their stock is what 1C says."""

    list_display = ("name", "sku", "onec_id", "stock_quantity", "stock_history")
    search_fields = ("name", "sku", "onec_id")
    readonly_fields = ("stock_quantity", "stock_updated_at")
    show_full_result_count = False
