"""What is said of a snapshot once it has been read: whether it is what it was loaded for, and what to look at."""

from collections.abc import Iterator

from stock_loader.commerceml.snapshot_reader import SnapshotReader
from stock_loader.database.choice import dialect_of
from stock_loader.database.shop import mapping
from stock_loader.errors import DocumentError, StockLoadError
from stock_loader.load.options import LoadOptions
from stock_loader.load.unmatched import unmatched_warning
from stock_loader.load_warnings import LoadWarning, WarningCode
from stock_loader.outcome import Findings
from stock_loader.settings import setting_name


def is_without_stock(options: LoadOptions, reader: SnapshotReader, findings: Findings) -> bool:
    """Tell whether the snapshot is one of prices, say, and the operator said that such ones come too.

    Not where the lack of a quantity shall mean 0: the whole shop would sell nothing.
    """
    may_be = options.may_lack_stock and not options.zeroes_no_stock_data
    return bool(findings.total) and not reader.has_stock_data and may_be


def refuse_wrong_file(options: LoadOptions, reader: SnapshotReader, findings: Findings) -> None:
    """Refuse offers of which none has what they were loaded for: a quantity, and every chosen warehouse."""
    error: StockLoadError | None = None
    if not reader.has_stock_data and options.zeroes_no_stock_data:
        error = DocumentError(
            "not a stock file: none of its %(offers)s offers has a quantity, and --no-stock-data zero would set all of "
            "their products to 0. Give the rests.xml of the export; load files of prices without --no-stock-data zero.",
            offers=findings.total,
        )
    elif not reader.has_stock_data:
        error = DocumentError(
            "not a stock file: none of its %(offers)s offers has a quantity. Give the rests.xml of the export; if "
            "files of prices come too, --file-without-stock warn.",
            offers=findings.total,
        )
    elif unseen := options.warehouses.chosen - reader.seen_warehouses:
        error = StockLoadError(
            "the warehouse %(warehouse)s does not occur in the file; check --warehouse (setting %(setting)s).",
            setting=setting_name("WAREHOUSES"),
            warehouse=min(unseen),
        )
    if error:
        raise error.in_file(" ".join(options.paths))


def finding_warnings(options: LoadOptions, reader: SnapshotReader, findings: Findings) -> Iterator[LoadWarning]:
    """Yield what may be wrong with what the offers said and what they led to."""
    yield from _excluded(options, reader)
    if warning := unmatched_warning(findings, mapping()):
        yield warning
    yield from _hidden_rows(findings)
    yield from _ambiguous_keys(findings)
    yield from _equal_totals(findings)


def nothing_to_load(findings: Findings) -> LoadWarning:
    """Return what to say of a snapshot without an offer, or without a quantity in any of them."""
    if not findings.total:
        return LoadWarning("the file has no offer: no stock was changed.", code=WarningCode.NO_OFFERS)
    return LoadWarning(
        "none of the %(offers)s offers has a quantity: no stock was changed.",
        code=WarningCode.FILE_WITHOUT_STOCK,
        offers=findings.total,
    )


def _excluded(options: LoadOptions, reader: SnapshotReader) -> Iterator[LoadWarning]:
    """Warn of excluded warehouses that no offer names: a typing error would put their stock on sale."""
    for warehouse in sorted(options.warehouses.excluded - reader.seen_warehouses):
        yield LoadWarning(
            "the excluded warehouse %(warehouse)s does not occur in the file, so nothing of it was left out; "
            "check --exclude-warehouse (setting %(setting)s).",
            setting=setting_name("EXCLUDED_WAREHOUSES"),
            code=WarningCode.UNSEEN_EXCLUDED_WAREHOUSE,
            warehouse=warehouse,
        )


def _hidden_rows(findings: Findings) -> Iterator[LoadWarning]:
    """Warn where offers without a product may have one that the database keeps from this role."""
    table = str(mapping().model._meta.db_table)
    if findings.not_found and dialect_of(mapping().connection).hides_rows(table):
        yield LoadWarning(
            "row-level security of the table %(table)s may hide products from this user; of the %(count)s "
            "offers counted as not found, some may have one. Load as a role with BYPASSRLS.",
            code=WarningCode.HIDDEN_ROWS,
            table=table,
            count=findings.not_found,
        )


def _ambiguous_keys(findings: Findings) -> Iterator[LoadWarning]:
    """Warn of ids that lead to several rows, which the models or the database should forbid."""
    if findings.ambiguous_key:
        yield LoadWarning(
            "ids of the file lead to several rows of %(model)s each (offers: %(count)s); none of them was "
            "changed. Look for rows with the same id, and forbid them.",
            code=WarningCode.KEY_NOT_UNIQUE,
            model=mapping().model._meta.label,
            count=findings.ambiguous_key,
        )


def _equal_totals(findings: Findings) -> Iterator[LoadWarning]:
    """Warn where own offers say as much as their variants: a writer of totals would make all of that twice."""
    if findings.equal_totals:
        yield LoadWarning(
            "own offers of products (%(count)s, such as %(onec_id)s) say as much as their variants together "
            "and were added to them. If 1C writes totals there, load again with --own-offer total (setting "
            "%(setting)s).",
            code=WarningCode.OWN_OFFERS_LIKE_TOTALS,
            count=findings.equal_totals,
            onec_id=findings.first_equal_total,
            setting=setting_name("OWN_OFFER"),
        )
