"""What the fuzzer makes of documents must be worth parsing; the fuzzer itself runs by `make fuzz`."""

from random import Random

from fuzz.mutations import mutate
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.documents.parsing import SEED
from tests.stock_loader.commerceml.stock_files import parse


def is_read(content: bytes) -> bool:
    try:
        parse(content)
    except DocumentError:
        return False
    return True


def test_a_fourth_of_changed_documents_is_read() -> None:
    random = Random(1)
    changed = [mutate(SEED, random) for _ in range(400)]
    assert len(set(changed)) > 300
    assert sum(map(is_read, changed)) > 100
