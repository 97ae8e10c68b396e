"""The report of a load: what was asked for, what was found, what was written."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext

from stock_loader.commerceml.snapshot_reader import SnapshotReader
from stock_loader.database.shop import mapping
from stock_loader.errors import one_line
from stock_loader.load.options import LoadOptions
from stock_loader.load.step_times import StepTimes
from stock_loader.load_warnings import LoadWarning
from stock_loader.outcome import Findings, ListedOffer, LoadDetails, Written

MAX_PATHS_LENGTH = 1000
"""Characters of the paths that the report repeats."""


def details_of(
    options: LoadOptions, reader: SnapshotReader | None, warnings: Iterable[LoadWarning], *, steps: StepTimes
) -> LoadDetails:
    """Return what can be said of a load before its counts are known; `reader` where reading has begun."""
    return LoadDetails(
        file=one_line(" ".join(options.paths), limit=MAX_PATHS_LENGTH),
        strategy=options.strategy,
        dry_run=options.dry_run,
        target=mapping().target,
        asked_by=options.asked_by,
        **choices(options),
        warnings=[{"code": warning.code.value, "text": warning.text(gettext)} for warning in warnings],
        document_count=len(reader.documents) if reader else 0,
        document_date=one_line(reader.document_date) if reader else "",
        earliest_document_date=one_line(reader.dates.earliest) if reader else "",
        sha256=reader.sha256 if reader else "",
        duration_seconds=round(steps.total(), 3),
        steps=steps.seconds(),
    )


def choices(options: LoadOptions) -> dict[str, Any]:
    """Return the fields of the details that say what the operator chose to make of the same file."""
    return {
        "warehouses": sorted(options.warehouses.chosen),
        "excluded_warehouses": sorted(options.warehouses.excluded),
        "missing": "zero" if options.rules.zeroes_missing else "keep",
        "no_stock_data": "zero" if options.zeroes_no_stock_data else "keep",
        "sum_variants": options.rules.sums_variants,
        "own_offer": "total" if options.rules.own_is_total else "part",
        "match_sku": "any" if options.rules.sku_takes_any else "unclaimed",
    }


def with_counts(details: LoadDetails, reader: SnapshotReader, findings: Findings, written: Written) -> LoadDetails:
    """Return `details` with all counts and lists."""
    return dataclasses.replace(
        details,
        total_records=findings.total,
        updated_count=written.updated,
        unchanged_count=findings.unchanged + written.already_equal,
        not_found_count=findings.not_found + written.gone,
        ambiguous_count=findings.ambiguous,
        invalid_count=findings.invalid,
        duplicate_count=findings.duplicate,
        no_stock_data_count=findings.no_stock_data,
        other_id_count=findings.other_id,
        matched_by_sku_count=findings.matched_by_sku,
        rounded_count=findings.rounded,
        negative_count=findings.negative,
        deleted_count=findings.deleted,
        summed_count=findings.summed,
        changed_count=written.changed,
        zeroed_count=written.zeroed,
        missing_count=written.missing,
        not_found=_listed(findings.not_found_offers, reader),
        ambiguous=_listed(findings.ambiguous_offers, reader),
        invalid=_listed(findings.invalid_offers, reader),
    )


def _listed(offers: Sequence[ListedOffer], reader: SnapshotReader) -> list[dict[str, object]]:
    has_several = reader.has_several_files
    return [offer.as_dict(gettext, file=reader.file_of(offer.number) if has_several else "") for offer in offers]
