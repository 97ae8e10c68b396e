"""On PostgreSQL, leave half of each page of products free, so that a stock change stays on its page.

Such a heap-only (HOT) update touches no index. Of a table that already has rows, only new pages are laid out so:
`VACUUM FULL products_product` (which locks the table) rewrites the old ones. A partitioned table has no pages: each of
its partitions gets the setting, and one that is made later needs it, too.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations


def on_postgresql(sql: str) -> Callable[[Any, Any], None]:
    """Return an operation's function that runs `sql` on PostgreSQL and nothing elsewhere."""

    def run(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


FOR_ALL_PARTITIONS = """
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND (oid = 'products_product'::regclass
                                 OR oid IN (SELECT relid FROM pg_partition_tree('products_product')))
    LOOP
        EXECUTE 'ALTER TABLE ' || part || ' {change}';
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]

    operations = [
        migrations.RunPython(
            on_postgresql(FOR_ALL_PARTITIONS.format(change="SET (fillfactor = 50)")),
            on_postgresql(FOR_ALL_PARTITIONS.format(change="RESET (fillfactor)")),
        )
    ]
