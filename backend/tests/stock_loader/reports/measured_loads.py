"""Reports of loads, and what the file of metrics has of them."""

from dataclasses import fields, replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from stock_loader.outcome import LoadDetails, LoadReport, Status

NOW = 1_700_000_000.0
WRITTEN = 1_699_920_245.0
"""2023-11-14T03:04:05 in Moscow."""

COMPLETED = LoadReport(
    session_id=7,
    status=Status.COMPLETED,
    details=LoadDetails(
        file="rests.xml",
        strategy="copy",
        dry_run=False,
        total_records=21,
        updated_count=6,
        unchanged_count=5,
        not_found_count=4,
        invalid_count=3,
        duplicate_count=2,
        no_stock_data_count=1,
        warnings=[{"code": "no_offers", "text": "the file has no offer: no stock was changed."}],
        document_date="2023-11-14T03:04:05",
        duration_seconds=1.25,
        steps={"reading": 0.75, "writing": 0.5},
    ),
)
FAILED = LoadReport(
    session_id=8,
    status=Status.FAILED,
    details=LoadDetails(file="rests.xml", strategy="copy", dry_run=False, duration_seconds=0.5),
    error_message="the file is broken",
)
DRY_RUN = replace(COMPLETED, details=replace(COMPLETED.details, dry_run=True))
UNDO = replace(COMPLETED, details=replace(COMPLETED.details, undoes=6))


def samples(path: Path) -> dict[str, float]:
    """Every sample of the file by name, a labelled one with its label's value; as Prometheus' own parser reads it."""
    found = {}
    for family in text_string_to_metric_families(path.read_text(encoding="utf-8")):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            found["/".join([sample.name.removeprefix("stock_load_"), *sample.labels.values()])] = sample.value
    return found


def count_names() -> set[str]:
    return {field.name for field in fields(LoadDetails) if field.name.endswith(("_count", "_records"))}
