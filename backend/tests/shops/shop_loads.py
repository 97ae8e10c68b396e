"""What a load of a shop sent and counted."""

from django.test.utils import CaptureQueriesContext

from stock_loader.outcome import LoadDetails
from stock_loader.strategies import MatchRules

ZERO_MISSING = MatchRules(zeroes_missing=True)


def updates(captured: CaptureQueriesContext) -> list[str]:
    return [
        query["sql"]
        for query in captured
        if query["sql"].startswith("UPDATE")
        and "ImportSession" not in query["sql"]
        and "importsession" not in query["sql"]
    ]


def counts(details: LoadDetails) -> tuple[int, ...]:
    return (
        details.updated_count,
        details.unchanged_count,
        details.not_found_count,
        details.ambiguous_count,
        details.invalid_count,
    )
