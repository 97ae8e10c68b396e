"""On PostgreSQL, leave half of each page of products free, so that a stock change stays on its page.

Such a heap-only (HOT) update touches no index. Of a table that already has rows, only new pages are laid out so:
`VACUUM FULL products_product` (which locks the table) rewrites the old ones.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations


def on_postgresql(sql: str) -> Callable[[Any, Any], None]:
    """Return an operation's function that runs `sql` on PostgreSQL and nothing elsewhere."""

    def run(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]

    operations = [
        migrations.RunPython(
            on_postgresql("ALTER TABLE products_product SET (fillfactor = 50)"),
            on_postgresql("ALTER TABLE products_product RESET (fillfactor)"),
        )
    ]
