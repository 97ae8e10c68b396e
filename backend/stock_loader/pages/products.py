"""Products as the pages call them, and where else the admin shows them."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from stock_loader.database.shop import mapping
from stock_loader.journal.pages import FIRST_NUMBER
from stock_loader.journal.product_history import NamedProduct, key_of


class KnownProduct(NamedTuple):
    """A product of the shop, with what it has now."""

    product: NamedProduct
    quantity: Any


def products_by_key(keys: Collection[Any]) -> dict[Any, KnownProduct]:
    """Return those of the products that there are, by their primary keys; one query."""
    shop = mapping()
    told = (shop.onec_id.path, shop.sku.path if shop.sku else "pk", shop.name or "pk", shop.quantity.name)
    found = {}
    for key, onec_id, sku, name, quantity in shop.table().filter(pk__in=list(keys)).values_list("pk", *told):
        product = NamedProduct(key, _said(onec_id), _said(sku) if shop.sku else "", _said(name) if shop.name else "")
        found[key] = KnownProduct(product, quantity)
    return found


def name_of(key: Any, known: KnownProduct | None) -> str:
    """Return what people call the product; its key where it is no more."""
    if known is None:
        return f"#{key}"
    product = known.product
    return product.name or product.sku or product.onec_id or f"#{key}"


def in_path(key: Any) -> str:
    """Return the key as it stands in an address."""
    return str(key)


def of_path(text: str) -> Any:
    """Return the primary key that stands in an address; None where it can be none."""
    key = key_of(text)
    if isinstance(key, int):
        return key if abs(key) < FIRST_NUMBER else None
    return key


def admin_url(key: Any, request: HttpRequest, site: AdminSite) -> str:
    """Return the address of the product's own page in the admin; empty where the site has none for this user."""
    model = mapping().model
    page = site._registry.get(model)  # noqa: SLF001  # Django 5.2 has no `get_model_admin` for all
    if page is None or not page.has_view_permission(request):
        return ""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=(key,), current_app=site.name)


def _said(value: Any) -> str:
    return "" if value is None else str(value)
