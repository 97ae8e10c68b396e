import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.products.models import Product

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db(transaction=True)
def test_process_sees_test_database(test_database_url: str) -> None:
    Product.objects.create(onec_id="a", sku="b", name="c")
    code = "from apps.products.models import Product; print(Product.objects.get().sku)"
    out = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": test_database_url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout == "b\n"
