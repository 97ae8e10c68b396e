"""The floor of a stock load on PostgreSQL: the least that any loader built on Django and lxml must do.

    python -m benchmarks.floor rests.xml DATABASE_URL quantities.tsv

is what is timed, as a whole process: it starts Django with its usual contrib apps, feeds the file through lxml's pull
parser and drops every finished offer unread, sends quantities that were computed beforehand through COPY, and updates
the rows that differ. A load's ratio is its own time as a whole process over this one's, both taken in turn on the same
machine and server, with every quantity reset before.
"""

import sys
from pathlib import Path

OFFERS = "{*}Предложения"
CHUNK_BYTES = 256 * 1024

STAGE = "CREATE TEMP TABLE staged (onec_id text, quantity integer) ON COMMIT DROP"
UPDATE = """
UPDATE floor_product p SET stock_quantity = s.quantity, stock_updated_at = now() FROM staged s
WHERE p.onec_id = s.onec_id AND p.stock_quantity <> s.quantity
"""


def pass_over(path: str) -> int:
    """Let libxml2 build and free the tree of the whole file, a chunk at a time; return the number of offers."""
    from lxml import etree  # noqa: PLC0415  # Django comes first, as in a load

    parser = etree.XMLPullParser(
        events=("start",),
        tag=OFFERS,
        resolve_entities=False,
        no_network=True,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )
    offers = None
    dropped = 0
    with Path(path).open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            parser.feed(chunk)
            if offers is None:
                offers = next((element for _, element in parser.read_events()), None)
            elif (finished := len(offers) - 1) > 0:
                del offers[:finished]
                dropped += finished
    parser.close()
    return dropped + (0 if offers is None else len(offers))


def start_django() -> None:
    """Start Django as a shop does."""
    import django  # noqa: PLC0415  # what it costs is part of the measurement
    from django.conf import settings  # noqa: PLC0415

    contrib = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
    settings.configure(INSTALLED_APPS=[f"django.contrib.{name}" for name in contrib], USE_TZ=True)
    django.setup()


def update(url: str, quantities: str) -> int:
    """Send the quantities to the server and update what differs; return the number of rows."""
    import psycopg2  # noqa: PLC0415

    with psycopg2.connect(url) as connection, connection.cursor() as cursor, Path(quantities).open() as lines:
        cursor.execute(STAGE)
        cursor.copy_expert("COPY staged FROM STDIN", lines)
        cursor.execute("ANALYZE staged")
        cursor.execute(UPDATE)
        return cursor.rowcount


def main(path: str, url: str, quantities: str) -> None:
    """Do all that is timed; print the numbers of offers and of rows."""
    start_django()
    offers = pass_over(path)
    sys.stdout.write(f"{offers} {update(url, quantities)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
