"""For the shop's own product admin: `class ProductAdmin(StockHistoryMixin, admin.ModelAdmin)`."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stock_loader.pages.menu import address
from stock_loader.pages.models import VIEW
from stock_loader.pages.products import in_path


class StockHistoryMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Puts a link to the product's history on its page, and offers it as a column: `stock_history`."""

    change_form_template = "admin/stock_loader/product_form.html"

    @admin.display(description=_("stock"))
    def stock_history(self, product: Any) -> str:
        """Return the link, for `list_display` or `readonly_fields`."""
        url = address("product", in_path(product.pk), site=self.admin_site.name)
        return format_html('<a href="{}">{}</a>', url, gettext("Stock history"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Tell the page the address of the history, where the user may see it."""
        url = address("product", object_id, site=self.admin_site.name) if request.user.has_perm(VIEW) else ""
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "stock_history_url": url})
