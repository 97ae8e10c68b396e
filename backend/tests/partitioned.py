"""Products in a table of PostgreSQL that is partitioned by the hash of their keys, as in a large shop."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PARTITIONS = 3

OPEN = """
ALTER TABLE products_product RENAME TO whole_product;
CREATE TABLE products_product (LIKE whole_product INCLUDING DEFAULTS) PARTITION BY HASH (id);
CREATE SEQUENCE part_of_product_id;
ALTER TABLE products_product ALTER id SET DEFAULT nextval('part_of_product_id'), ADD PRIMARY KEY (id);
CREATE INDEX part_of_product_onec_id ON products_product (onec_id);
CREATE INDEX part_of_product_sku ON products_product (sku);
"""

PART = "CREATE TABLE part_of_product_{} PARTITION OF products_product FOR VALUES WITH (MODULUS {}, REMAINDER {})"

CLOSE = """
DROP TABLE products_product;
DROP SEQUENCE part_of_product_id;
ALTER TABLE whole_product RENAME TO products_product
"""


@contextmanager
def partitioned_products() -> Iterator[None]:
    """Have `products_product` partitioned. No index can keep `onec_id` or `sku` unique: they are not the keys' hash."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        for number in range(PARTITIONS):
            cursor.execute(PART.format(number, PARTITIONS, number))
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(CLOSE)
