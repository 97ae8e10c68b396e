"""What a load may hold at most, as memray sees it around the body of a test: a leak fails here.

Every allocation counts, those of Python, libxml2 and libpq (`trace_python_allocators` in pytest.ini: without it, memory
that Python had free from the set-up would hide some). What was imported before is not in it; what a whole process needs
is measured by the benchmarks. MB are 1024 × 1024 bytes. Limits are twice what was seen: parser and `copy` 2 MB at any
size; `bulk_update` 12 MB for 100,000 changed rows, 3.5 MB for as many unchanged ones.
"""

from collections import deque
from collections.abc import Callable
from functools import cache

import pytest
from django.db.models import F

from apps.products.models import Product
from fixtures_generator import Catalogue, expected, write_file
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions

FEW, MANY = 10_000, 100_000
INSERTED_AT_A_TIME = 5000


def limited(offers: int, limit: str) -> object:
    """Return the parameter that stands for so many offers under a limit."""
    marks = [pytest.mark.limit_memory(limit), *([pytest.mark.slow] if offers == MANY else [])]
    return pytest.param(offers, marks=marks, id=f"{offers}-{limit.replace(' ', '')}")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], str]:
    """What writes the file of so many offers, once."""
    folder = tmp_path_factory.mktemp("rests")

    @cache
    def write(offers: int) -> str:
        path = folder / f"rests-{offers}.xml"
        write_file(Catalogue(offers=offers), path)
        return str(path)

    return write


@pytest.fixture
def stock_file(written: Callable[[int], str], offers: int) -> str:
    """The file of so many offers; the parser has been used once before."""
    _parse(written(100))
    return written(offers)


@pytest.fixture
def shop(transactional_db: None, offers: int, written: Callable[[int], str]) -> None:
    """A product for every offer, each with another quantity; the loader has been used once before."""
    load_stocks(LoadOptions(file=written(100), strategy="bulk_update"))
    products = (
        Product(onec_id=offer.onec_id, sku=offer.onec_id, name="x", stock_quantity=(offer.quantity or 0) + 1)
        for offer in expected(Catalogue(offers=offers))
    )
    Product.objects.bulk_create(products, batch_size=INSERTED_AT_A_TIME)


@pytest.fixture
def unchanged_shop(shop: None) -> None:
    """A product for every offer, each with the quantity of the file."""
    Product.objects.update(stock_quantity=F("stock_quantity") - 1)


def _parse(path: str) -> int:
    return deque(enumerate(XMLDataParser().parse(path), 1), maxlen=1)[0][0]


@pytest.mark.parametrize("offers", [limited(FEW, "6 MB"), limited(MANY, "6 MB")])
def test_parser_needs_the_same_for_any_length(offers: int, stock_file: str) -> None:
    assert _parse(stock_file) == offers


@pytest.mark.copy
@pytest.mark.parametrize("offers", [limited(FEW, "8 MB"), limited(MANY, "8 MB")])
def test_copy_needs_the_same_for_any_length(offers: int, stock_file: str, shop: None) -> None:
    report = load_stocks(LoadOptions(file=stock_file, strategy="copy"))
    assert report.details.updated_count == offers


@pytest.mark.parametrize("offers", [limited(FEW, "8 MB"), limited(MANY, "24 MB")])
def test_bulk_update_grows_with_the_changed_rows_only(offers: int, stock_file: str, shop: None) -> None:
    report = load_stocks(LoadOptions(file=stock_file, strategy="bulk_update"))
    assert report.details.updated_count == offers


@pytest.mark.parametrize("offers", [limited(FEW, "6 MB"), limited(MANY, "8 MB")])
def test_bulk_update_keeps_little_of_unchanged_rows(offers: int, stock_file: str, unchanged_shop: None) -> None:
    report = load_stocks(LoadOptions(file=stock_file, strategy="bulk_update"))
    assert (report.details.updated_count, report.details.unchanged_count) == (0, offers)
