"""The table of the sample model."""

from collections.abc import Iterable

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.stock_loader.database.updated_rows import Sample


@pytest.fixture(scope="module")
def sample_table(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterable[None]:
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Sample)
