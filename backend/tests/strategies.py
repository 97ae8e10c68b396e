"""The strategies that tests run with: `@pytest.mark.parametrize("strategy", STRATEGIES)`."""

import pytest
from django.db import connection

STRATEGIES = ["bulk_update", pytest.param("copy", marks=pytest.mark.postgresql)]


def strategies_here() -> list[str]:
    """The strategies that the database of the tests can do, for a test that compares them."""
    return ["bulk_update", "copy"] if connection.vendor == "postgresql" else ["bulk_update"]
