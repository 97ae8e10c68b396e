"""What has a hand in an UPDATE of PostgreSQL: triggers, rules, policies."""

from django.db.backends.base.base import BaseDatabaseWrapper

_UPDATE_HOOKS = """
WITH RECURSIVE tree AS (
    SELECT to_regclass(%s)::oid AS id
    UNION
    SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = id
)
SELECT 'TRIGGER ' || tgname FROM pg_trigger JOIN tree ON tgrelid = id
WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 16 <> 0
UNION SELECT 'RULE ' || rulename FROM pg_rewrite JOIN tree ON ev_class = id WHERE ev_type = '2'
UNION SELECT 'ROW LEVEL SECURITY for ' || current_user FROM tree WHERE row_security_active(id)
UNION SELECT CASE relkind WHEN 'v' THEN 'VIEW ' ELSE 'FOREIGN TABLE ' END || relname
FROM pg_class JOIN tree ON oid = id WHERE relkind IN ('v', 'f')
ORDER BY 1
"""
"""Bit 4 of `tgtype` is UPDATE, and so is `ev_type` 2. Who asks after the UPDATE sees all: until it is committed nobody
can add one."""


def update_hooks(connection: BaseDatabaseWrapper, table: str) -> tuple[str, ...]:
    """Return what could change, or keep out, what an UPDATE of `table` or of its partitions writes; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_HOOKS, [connection.ops.quote_name(table)])
        return tuple(hook for (hook,) in cursor.fetchall())
