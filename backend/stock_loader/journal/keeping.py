"""What a load changes goes into the journal in the load's own transaction: stock and journal never differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import Statement
from stock_loader.database.shop import mapping, session_model
from stock_loader.errors import WrongSettingError
from stock_loader.journal.pages import FIRST_NUMBER, MAX_RANKED_BYTES, PAGE_SIZE, JournalPage, page_of
from stock_loader.outcome import StockChange
from stock_loader.settings import setting_name

PAGES_AT_ONCE = 20
"""An INSERT, of about 300 KB."""

KEEP = f"""
WITH written AS ({{update}}
), kept AS (
    INSERT INTO {{table}} (session_model, session, target, number, size, first, last, products, old, new)
    SELECT %s, %s, %s, number, count(*), {{first}}, {{last}},
           '[' || string_agg({{product}}, ',') || ']',
           '[' || string_agg(coalesce(old::text, 'null'), ',') || ']',
           '[' || string_agg(coalesce(new::text, 'null'), ',') || ']'
    FROM (SELECT *, (row_number() OVER () - 1) / {PAGE_SIZE} + 1 AS number FROM written) numbered
    GROUP BY number
    RETURNING size
)
SELECT coalesce(sum(size), 0) FROM kept
"""
"""The rows come in the order in which they were written, that of their keys: to sort them once more would cost as much
as the rest. Were it another order, pages would overlap and still be found by their first and last key."""

NUMBER_RANK = f"lpad(to_hex({{end}}(product)::bigint # (-{FIRST_NUMBER})::bigint), 16, '0')"
TEXT_RANK = f"encode(substring(convert_to({{end}}(product::text COLLATE \"C\"), 'UTF8') FOR {MAX_RANKED_BYTES}), 'hex')"
"""As `rank_of`; `end` is `min` or `max`."""


@dataclass(frozen=True, kw_only=True)
class Journal:
    """Where one session keeps what it changes."""

    session: int

    def keep(self, changes: Iterable[StockChange]) -> None:
        """Keep `changes`, which are in the order of their keys; one query for each `PAGES_AT_ONCE` pages."""
        left, number = iter(changes), 0
        pages: list[JournalPage] = []
        while page := list(islice(left, PAGE_SIZE)):
            number += 1
            pages.append(page_of(page, number=number, **self._identity()))
            if len(pages) == PAGES_AT_ONCE:
                self._insert(pages)
                pages = []
        if pages:
            self._insert(pages)

    @staticmethod
    def _insert(pages: list[JournalPage]) -> None:
        """Store the pages: in one statement, or as many as the database takes them in."""
        left = iter(pages)
        for part in dialect_of(mapping().connection).portions([page.products + page.old + page.new for page in pages]):
            journal_pages().bulk_create(islice(left, len(part)))

    def keeping(self, update: str) -> Statement:
        """Return one statement of PostgreSQL that does `update`, keeps what it returns, and yields how many that were.

        `update` has to return `product`, `old` and `new`; its own parameters go before those returned here.
        """
        shop = mapping()
        rank = NUMBER_RANK if shop.has_number_keys else TEXT_RANK
        statement = KEEP.format(
            update=update,
            table=shop.connection.ops.quote_name(JournalPage._meta.db_table),
            first=rank.format(end="min"),
            last=rank.format(end="max"),
            product="product::text" if shop.has_number_keys else "to_json(product::text)::text",
        )
        return statement, list(self._identity().values())

    def _identity(self) -> dict[str, Any]:
        return {"session_model": session_model()._meta.label, "session": self.session, "target": mapping().column}


def journal_pages() -> "QuerySet[JournalPage]":
    """Return all pages in the database of the stock: what is kept in one transaction must be in one database."""
    return QuerySet(JournalPage, using=mapping().database)


def refuse_missing_journal() -> None:
    """Let a load begin that has a journal to write to; one query.

    Raises:
        WrongSettingError: the table is missing.
    """
    try:
        journal_pages().filter(pk=0).exists()
    except DatabaseError as error:
        if not dialect_of(mapping().connection).is_schema_missing(error):
            raise
        raise WrongSettingError(
            "the table of the journal (%(table)s) is missing in the database %(database)s, where the stock is. Run "
            "manage.py migrate, or switch the journal off (setting %(setting)s, --no-journal).",
            setting=setting_name("JOURNAL"),
            table=JournalPage._meta.db_table,
            database=mapping().database,
        ) from error
