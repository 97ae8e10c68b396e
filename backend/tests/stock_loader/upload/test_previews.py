import json
from decimal import Decimal
from pathlib import Path

import pytest

from stock_loader.load.guards import parse_limit
from stock_loader.outcome import ProductChange
from stock_loader.reports.tables import CHANGE_COLUMNS, as_object
from stock_loader.upload.previews import PreviewOutdatedError, refuse_other_changes


def change(product: int, old: int | None, new: int) -> ProductChange:
    return ProductChange(product, f"p{product}", "", "", None if old is None else Decimal(old), Decimal(new))


def written(path: Path, *changes: ProductChange) -> Path:
    lines = (json.dumps(as_object(CHANGE_COLUMNS, one)) + "\n" for one in changes)
    path.write_text("".join(lines), encoding="utf-8")
    return path


SHOWN = [change(number, None, number) for number in range(1, 201)]


@pytest.mark.parametrize(
    ("now", "limit", "differing"),
    [
        (SHOWN, "0", 0),
        (SHOWN[2:], "1%", 0),
        (SHOWN[3:], "1%", 3),
        ([*SHOWN, change(201, 1, 2), change(202, 1, 2), change(203, 1, 2)], "1%", 3),
        ([*SHOWN[1:], change(1, 7, 1)], "0", 1),
        ([*SHOWN[1:], change(1, None, 2)], "0", 1),
        ([*SHOWN[1:], change(1, 7, 1)], "1", 0),
    ],
)
def test_changes_that_differ_are_counted(tmp_path: Path, now: list[ProductChange], limit: str, differing: int) -> None:
    approve = refuse_other_changes(written(tmp_path / "changes.jsonl", *SHOWN), limit=parse_limit(limit))
    assert approve
    if not differing:
        approve(now)
        return
    with pytest.raises(PreviewOutdatedError, match=f"others than it shows: {differing}, the limit is {limit} "):
        approve(now)


def test_any_change_differs_from_a_preview_without_changes(tmp_path: Path) -> None:
    approve = refuse_other_changes(written(tmp_path / "changes.jsonl"), limit=parse_limit("100%"))
    assert approve
    approve([])
    with pytest.raises(PreviewOutdatedError):
        approve(SHOWN[:1])


def test_without_a_limit_everything_passes(tmp_path: Path) -> None:
    assert refuse_other_changes(tmp_path / "none", limit=parse_limit("off")) is None
