"""Tables of PostgreSQL that consist of others (partitioned ones, parents, views), or lie on other servers."""

from collections.abc import Collection

from django.db.backends.base.base import BaseDatabaseWrapper

_PARTS = """
WITH RECURSIVE part AS (
    SELECT name AS whole, to_regclass(name)::oid AS id FROM unnest(%s::text[]) AS name
    UNION
    SELECT part.whole, below.id FROM part, LATERAL (
        SELECT inhrelid AS id FROM pg_inherits WHERE inhparent = part.id
        UNION ALL
        SELECT d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid
        WHERE r.ev_class = part.id AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
    ) below
)
"""
"""Of each table what it consists of: itself, partitions and children, and what a view or a rule names."""

_FOREIGN = f"{_PARTS} SELECT relname FROM part JOIN pg_class ON oid = id WHERE relkind = 'f' ORDER BY 1 LIMIT 1"

_UNIQUE_INDEXES = """
SELECT spread.name,
       ARRAY(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey))
FROM unnest(%s::text[], %s::text[]) AS spread(name, quoted)
JOIN pg_class c ON c.oid = to_regclass(quoted)
LEFT JOIN pg_index i ON c.relkind = 'p' AND i.indrelid = c.oid AND i.indisunique AND i.indisvalid
    AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnatts = i.indnkeyatts
WHERE c.relkind <> 'r' OR EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid)
"""
"""A unique index of a partitioned table covers its partitions; that of a parent does not cover the children. A table of
several without any gives one row without columns."""


def foreign_table(connection: BaseDatabaseWrapper, tables: Collection[str]) -> str:
    """Return the name of a foreign table that is one of `tables` or that one consists of; empty: there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN, [[connection.ops.quote_name(table) for table in tables]])
        row = cursor.fetchone()
    return row[0] if row else ""


def indexes_of_spread_tables(
    connection: BaseDatabaseWrapper, tables: Collection[str]
) -> dict[str, list[frozenset[str]]]:
    """Return the unique indexes of those of `tables` that consist of several, as the columns of each."""
    found: dict[str, list[frozenset[str]]] = {}
    names = list(tables)
    with connection.cursor() as cursor:
        cursor.execute(_UNIQUE_INDEXES, [names, [connection.ops.quote_name(table) for table in names]])
        for table, columns in cursor.fetchall():
            found.setdefault(table, []).extend([frozenset(columns)] * bool(columns))
    return found


def is_distributed(connection: BaseDatabaseWrapper, table: str) -> bool:
    """Tell whether Citus has spread the table's rows; one of which every server has a copy (`n`) is locked as usual."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_dist_partition"
            " WHERE logicalrelid::oid = to_regclass(%s)::oid AND partmethod <> 'n')",
            [connection.ops.quote_name(table)],
        )
        return bool(cursor.fetchone()[0])
