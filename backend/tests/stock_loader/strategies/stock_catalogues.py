"""The catalogue that a test starts from, and what became of it: of this project's models, and of other shops'."""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.test import override_settings

from apps.products.models import Product
from stock_loader.database.shop import session_model
from tests.shops.mappings import BY_SHARED_UPC, STOCKED_GOODS
from tests.shops.models import Good, Goods, Partner, StockedGood, StockRecord
from tests.stock_loader.strategies.stock_outcomes import Row

PAST = datetime(2020, 1, 1, tzinfo=UTC)
OF_OTHERS = 99
"""What the rows hold that are not the loader's."""


IN_COLLATION = """
ALTER TABLE products_product MODIFY onec_id VARCHAR(100) COLLATE {0}, MODIFY sku VARCHAR(100) COLLATE {0} NOT NULL
"""


class Products:
    """The products of this project."""

    mapping: dict[str, Any] | None = None
    is_exact = False
    """Whether the columns are in a collation in which only the same texts are equal."""

    @contextmanager
    def mapped(self) -> Iterator[None]:
        """Have the loader work on these models."""
        if self.mapping is None:
            yield
            return
        with override_settings(STOCK_LOADER=self.mapping):
            yield

    def as_kept(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows as the database will hold them: without those whose ids it takes for earlier ones."""
        kept: dict[tuple[str | None, str], Row] = {}
        onec_ids: set[str | None] = {None}
        skus: set[str] = set()
        for row in rows:
            onec_id, sku = None if row.onec_id is None else self.unique_text(row.onec_id), self.unique_text(row.sku)
            if (onec_id is None or onec_id not in onec_ids) and sku not in skus:
                kept[onec_id, sku] = row
                onec_ids.add(onec_id)
                skus.add(sku)
        return list(kept.values())

    def unique_text(self, text: str) -> str:
        """Return what two texts have in common that a unique column cannot both hold.

        On MariaDB the test database is in a collation that passes over case, accents and blanks at the end.
        """
        if connection.vendor != "mysql" or self.is_exact:
            return text
        parts = unicodedata.normalize("NFKD", text.casefold()).rstrip(" ")
        return "".join(part for part in parts if not unicodedata.combining(part))

    def store(self, rows: Sequence[Row]) -> None:
        """Make the products and nothing else what the database holds."""
        session_model().objects.all().delete()
        Product.objects.all().delete()
        Product.objects.bulk_create(
            Product(onec_id=row.onec_id, sku=row.sku, name="product", stock_quantity=row.quantity) for row in rows
        )

    def rows(self) -> list[Row]:
        """Return the products in the order in which they were made."""
        return [
            Row(product.onec_id, product.sku, product.stock_quantity, product.stock_updated_at is not None)
            for product in Product.objects.order_by("pk")
        ]


class CollatedProducts(Products):
    """The same, their ids in another collation of MariaDB."""

    def __init__(self, collation: str) -> None:
        self._collation = collation
        self.is_exact = collation.endswith("_bin")

    @contextmanager
    def mapped(self) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM products_product")
            cursor.execute(IN_COLLATION.format(self._collation))
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM products_product")
                cursor.execute(IN_COLLATION.format("utf8mb4_general_ci"))


class GoodsInTwoTables(Products):
    """Goods whose id stands in the table of their parent."""

    mapping = STOCKED_GOODS

    def store(self, rows: Sequence[Row]) -> None:
        session_model().objects.all().delete()
        Good.objects.all().delete()
        for row in rows:
            StockedGood.objects.create(onec_id=row.onec_id, sku=row.sku, name="product", stock=row.quantity)

    def rows(self) -> list[Row]:
        return [
            Row(good.onec_id, good.sku, good.stock, good.stocked_at is not None)
            for good in StockedGood.objects.order_by("pk")
        ]


class RecordsOfOnePartner(Products):
    """Records whose id stands behind a relation, beside those of another partner."""

    mapping = BY_SHARED_UPC

    def as_kept(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows with NULL for an empty id."""
        return super().as_kept([row._replace(onec_id=row.onec_id or None) for row in rows])

    def store(self, rows: Sequence[Row]) -> None:
        session_model().objects.all().delete()
        Goods.objects.all().delete()
        Partner.objects.all().delete()
        goods = Goods.objects.bulk_create(Goods(upc=row.onec_id, title="product") for row in rows)
        for code in ("1c", "other"):
            partner = Partner.objects.create(code=code)
            StockRecord.objects.bulk_create(
                StockRecord(
                    product=product,
                    partner=partner,
                    partner_sku=row.sku,
                    num_in_stock=row.quantity if code == "1c" else OF_OTHERS,
                )
                for row, product in zip(rows, goods, strict=True)
            )
        StockRecord.objects.update(date_updated=PAST)

    def rows(self) -> list[Row]:
        others = StockRecord.objects.exclude(partner__code="1c")
        assert all(record.num_in_stock == OF_OTHERS and record.date_updated == PAST for record in others)
        ours = StockRecord.objects.filter(partner__code="1c").select_related("product").order_by("pk")
        return [
            Row(record.product.upc, record.partner_sku, record.num_in_stock or 0, record.date_updated != PAST)
            for record in ours
        ]


PRODUCTS = Products()
OTHER_SHOPS = (GoodsInTwoTables(), RecordsOfOnePartner())
