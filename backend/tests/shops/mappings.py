"""`STOCK_LOADER` of the other shops."""

from typing import Any

SESSION = {"SESSION": "stock_loader.ImportSession"}

ITEMS: dict[str, Any] = {
    "MODEL": "shops.Item",
    "QUANTITY": "qty",
    "ONEC_ID": "code1c",
    "SKU": "article",
    "NAME": "title",
    **SESSION,
}
BY_PARTNER_SKU: dict[str, Any] = {
    "MODEL": "shops.StockRecord",
    "QUANTITY": "num_in_stock",
    "ONEC_ID": "partner_sku",
    "SKU": "product__upc",
    "NAME": "product__title",
    "CHANGED_AT": "date_updated",
    "FILTER": {"partner__code": "1c"},
    **SESSION,
}
BY_UPC: dict[str, Any] = BY_PARTNER_SKU | {"ONEC_ID": "product__upc", "SKU": ""}
UUID_ITEMS: dict[str, Any] = {
    "MODEL": "shops.UuidItem",
    "QUANTITY": "stock",
    "ONEC_ID": "guid",
    "SKU": "sku",
    **SESSION,
}
NUMBER_ITEMS: dict[str, Any] = {
    "MODEL": "shops.NumberItem",
    "QUANTITY": "stock",
    "ONEC_ID": "number",
    "SKU": "article",
    **SESSION,
}
STOCKED_GOODS: dict[str, Any] = {
    "MODEL": "shops.StockedGood",
    "QUANTITY": "stock",
    "ONEC_ID": "onec_id",
    "SKU": "sku",
    "NAME": "name",
    "CHANGED_AT": "stocked_at",
    **SESSION,
}
SHELVES: dict[str, Any] = {
    "MODEL": "shops.Shelf",
    "QUANTITY": "stock",
    "ONEC_ID": "code",
    "SKU": "article",
    **SESSION,
}
BY_SHARED_UPC: dict[str, Any] = BY_PARTNER_SKU | {"ONEC_ID": "product__upc", "SKU": "partner_sku"}
