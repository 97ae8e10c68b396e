"""What else a shop could use to load its stock: every way in the form that its own documentation calls fast.

    python -m benchmarks.peers KEY rests.xml

loads the file into the database in `DATABASE_URL` and prints, as JSON, how many rows were updated and how long each
step took. All but the first read the file in the usual streaming way (`lxml.etree.iterparse`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way to load stock, and what must be known beside its figure."""

    key: str
    """Its name on the command line, and that of its module here."""
    title: str
    way: str
    """How it is used here."""
    cannot: str
    """What a shop would have to add."""
    module: str = ""
    """What must be importable; empty where Django is enough."""
    writes_all: bool = False
    """Whether it writes, and stamps as changed, what did not differ."""
    most_rounds: int = 3


NOT_SELECTING = "match by sku, tell what was not found, lock before comparing; all of it is the shop's own code"

PEERS = (
    Peer(
        key="handwritten",
        title="by hand, as shops write it",
        way="whole tree with ElementTree, a get() per offer, Django's bulk_update of every match",
        cannot="stream; leave unchanged rows alone; match by sku",
        writes_all=True,
        most_rounds=1,
    ),
    Peer(
        key="django_bulk_update",
        title="Django alone",
        way="in_bulk per 5,000 offers, compare, Django's bulk_update in batches of 500 (100 to 2,000 are not faster)",
        cannot=NOT_SELECTING,
        most_rounds=1,
    ),
    Peer(
        key="bulk_create",
        title="Django alone, upsert",
        way="in_bulk, compare, bulk_create(update_conflicts=True) in batches of 5,000 (INSERT … ON CONFLICT DO UPDATE)",
        cannot="leave the sequence of ids alone (it takes a number a row); insert nothing when a product is deleted"
        " meanwhile; " + NOT_SELECTING,
    ),
    Peer(
        key="fast_update",
        title="django-fast-update, fast_update",
        way="in_bulk, compare, fast_update (UPDATE … FROM VALUES)",
        cannot=NOT_SELECTING,
        module="fast_update",
    ),
    Peer(
        key="copy_update",
        title="django-fast-update, copy_update",
        way="in_bulk, compare, copy_update (COPY; its authors call it alpha)",
        cannot=NOT_SELECTING,
        module="fast_update",
    ),
    Peer(
        key="pgbulk",
        title="django-pgbulk",
        way="in_bulk, compare, pgbulk.update",
        cannot="say how many rows it updated without returning them; " + NOT_SELECTING,
        module="pgbulk",
    ),
    Peer(
        key="bulk_load",
        title="django-bulk-load",
        way="no look-up: bulk_update_models by onec_id, only where the quantity differs (COPY into a temporary table)",
        cannot="count, tell what was not found, match by a second key, lock in order",
        module="django_bulk_load",
    ),
    Peer(
        key="pg_bulk_update",
        title="django-pg-bulk-update",
        way="in_bulk, compare, bulk_update by id in batches of 5,000 (by onec_id, without the look-up, is slower)",
        cannot=NOT_SELECTING,
        module="django_pg_bulk_update",
    ),
    Peer(
        key="import_export",
        title="django-import-export",
        way="use_bulk, skip_unchanged, CachedInstanceLoader, no HTML differences, the whole file as one Dataset",
        cannot="stream; match by sku; lock before comparing",
        module="import_export",
        most_rounds=1,
    ),
    Peer(
        key="pandas_staging",
        title="pandas, staging table",
        way="DataFrame of the offers, to_sql by COPY as its documentation shows, one UPDATE … FROM where they differ",
        cannot="stream (the whole file is one frame); match by sku, tell what was not found, lock in order; the SQL is"
        " the shop's own",
        module="pandas",
    ),
)
