"""The strategies that tests run with: `@pytest.mark.parametrize("strategy", STRATEGIES)`."""

import pytest
from django.db import connection

COPY = pytest.param("copy", marks=pytest.mark.copy)
STRATEGIES = ["bulk_update", COPY]


def strategies_here() -> list[str]:
    """The strategies that the database of the tests can do, for a test that compares them."""
    return ["bulk_update", "copy"] if connection.vendor in {"postgresql", "mysql"} else ["bulk_update"]
