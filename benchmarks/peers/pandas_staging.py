"""pandas: the offers as a frame, into a staging table, and one UPDATE."""

import csv
import io
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

import psycopg2
from django.db import connection, transaction

from benchmarks.peers.reading import read_offers
from benchmarks.peers.steps import READING, WRITING, Steps

STAGING = "pandas_staging"

UPDATE = f"""
UPDATE products_product p SET stock_quantity = s.quantity, stock_updated_at = now() FROM {STAGING} s
WHERE p.onec_id = s.onec_id AND p.stock_quantity <> s.quantity
"""


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    with steps.time(READING):
        frame = import_module("pandas").DataFrame(read_offers(path), columns=["onec_id", "quantity"])
    with steps.time(WRITING), transaction.atomic(), connection.cursor() as cursor:
        engine = import_module("sqlalchemy").create_engine("postgresql+psycopg2://", creator=_connected)
        frame.to_sql(STAGING, engine, if_exists="replace", index=False, method=_insert_by_copy)
        cursor.execute(UPDATE)
        updated = int(cursor.rowcount)
        cursor.execute(f"DROP TABLE {STAGING}")
    return updated


def _connected() -> Any:
    """Return a connection of its own to Django's database."""
    return psycopg2.connect(**connection.get_connection_params())


def _insert_by_copy(table: Any, connection: Any, keys: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert by COPY; the way that pandas' documentation shows, "insertion method"."""
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    lines.seek(0)
    columns = ", ".join(f'"{key}"' for key in keys)
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table.name} ({columns}) FROM STDIN WITH CSV", lines)
