"""What benchmarks are repeated for."""

import pytest

from benchmarks.cases import ROUTES, Changed

each_route = pytest.mark.parametrize(
    ("database", "strategy"), ROUTES, ids=[f"{database}-{strategy}" for database, strategy in ROUTES]
)
each_change = pytest.mark.parametrize("changed", Changed, ids=lambda changed: changed.name.lower())
