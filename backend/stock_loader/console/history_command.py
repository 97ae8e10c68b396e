"""`manage.py stock_history PRODUCT`: what loads did to one product's stock, and when."""

import csv
import io
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.console.argument_types import positive_integer
from stock_loader.console.exit_codes import EXIT_USAGE, exit_code_of
from stock_loader.console.output import QuietCommand
from stock_loader.console.summary import stock_text
from stock_loader.database.faults import database_failed
from stock_loader.database.shop import mapping
from stock_loader.errors import WrongSettingError, one_line
from stock_loader.journal.changes import history
from stock_loader.journal.product_history import (
    WAYS,
    HistoryStep,
    NamedProduct,
    key_of,
    products_named,
    with_sessions,
)
from stock_loader.reports.tables import as_object, for_spreadsheet

DEFAULT_LIMIT = 50
COLUMNS = ("session", "date", "document_date", "file", "undoes", "old", "new")


class Command(QuietCommand):
    """Tell the history of one product."""

    usage = "PRODUCT [options]"
    requires_system_checks = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Tells what loads changed of one product's stock, the last change first.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("product", metavar="PRODUCT", help=gettext("Its 1C id, SKU or primary key."))
        parser.add_argument("--by", choices=WAYS, default="", help=gettext("What PRODUCT is (default: any of them)."))
        parser.add_argument(
            "--limit",
            type=positive_integer,
            default=DEFAULT_LIMIT,
            metavar="N",
            help=gettext("How many changes to tell (default %(default)s)."),
        )
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--json", action="store_true", help=gettext("Print one JSON object."))
        shape.add_argument("--csv", action="store_true", help=gettext("Print a table as CSV."))

    def handle(self, *_args: Any, product: str, by: str, limit: int, **options: Any) -> None:
        """Find the product and its changes, and print them."""
        try:
            found = self._product(product, by)
            steps = list(with_sessions(history(found.key, limit=limit).changes))
        except WrongSettingError as error:
            raise CommandError(error.text(gettext), returncode=exit_code_of(error)) from error
        except DatabaseError as error:
            raise CommandError(database_failed(error, mapping().connection).text(gettext)) from error
        if options["json"]:
            told = as_object(("key", "onec_id", "sku", "name"), found)
            self.stdout.write(json.dumps({"product": told, "changes": _objects(steps)}, ensure_ascii=False))
        elif options["csv"]:
            self.stdout.write(_as_csv(steps), ending="")
        else:
            self._write_table(found, steps)

    def _product(self, text: str, by: str) -> NamedProduct:
        """Return the one product that is meant.

        Raises:
            CommandError: none is, or several are.
        """
        found = products_named(text, by=by)
        if len(found) > 1:
            message = gettext("several products are called %(text)s: %(products)s. Name one by its key: --by key.")
            products = "; ".join(map(_product_text, found))
            raise CommandError(message % {"text": one_line(text), "products": products}, returncode=EXIT_USAGE)
        if found:
            return found[0]
        key = key_of(text) if by in {"", "key"} else None
        if key is not None and history(key, limit=1).changes:
            return NamedProduct(key, "", "", gettext("(deleted)"))
        message = gettext("no product has the 1C id, SKU or primary key %(text)s, and the journal knows none.")
        raise CommandError(message % {"text": one_line(text)})

    def _write_table(self, product: NamedProduct, steps: Sequence[HistoryStep]) -> None:
        self.stdout.write(_product_text(product))
        if not steps:
            self.stdout.write(gettext("No load that kept a journal changed it."))
            return
        old, new = [stock_text(step.old) for step in steps], [stock_text(step.new) for step in steps]
        widths = max(map(len, old)), max(map(len, new))
        for step, before, after in zip(steps, old, new, strict=True):
            when = timezone.localtime(step.at).strftime("%Y-%m-%d %H:%M:%S") if step.at else "—"
            change = f"{before:>{widths[0]}} → {after:<{widths[1]}}"
            self.stdout.write(f"  {when}  {change}  #{step.session}  {_source(step)}".rstrip())


def _source(step: HistoryStep) -> str:
    """Return what the change came from: a file with its date, or an undo."""
    if step.undoes:
        return gettext("undo of #%(session)s") % {"session": step.undoes}
    date = f" ({one_line(step.document_date)})" if step.document_date else ""
    return one_line(step.file) + date


def _product_text(product: NamedProduct) -> str:
    texts = [gettext("key %(key)s") % {"key": product.key}]
    if product.onec_id:
        texts.append(gettext("1C id %(onec_id)s") % {"onec_id": one_line(product.onec_id)})
    if product.sku:
        texts.append(gettext("SKU %(sku)s") % {"sku": one_line(product.sku)})
    return ", ".join([*texts, *([one_line(product.name)] if product.name else [])])


def _rows(steps: Sequence[HistoryStep]) -> list[tuple[Any, ...]]:
    return [
        (step.session, step.at.isoformat() if step.at else None, *step[2:4], step.undoes, step.old, step.new)
        for step in steps
    ]


def _objects(steps: Sequence[HistoryStep]) -> list[dict[str, Any]]:
    return [as_object(COLUMNS, row) for row in _rows(steps)]


def _as_csv(steps: Sequence[HistoryStep]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(for_spreadsheet, _rows(steps)))
    return text.getvalue()
