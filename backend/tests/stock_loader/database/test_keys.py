import uuid

from stock_loader.database.keys import Key, read_key
from stock_loader.database.paths import Model, walk
from tests.shops.models import Item, NumberItem, StockedGood, StockRecord, UuidItem

GUID = "bd72d8f9-55bc-11d9-848a-00112f43529a"


def key(model: Model, path: str) -> Key:
    found = read_key(model, path, walk(model, path), frozenset())
    assert found is not None
    return found


def test_text_stands_for_itself() -> None:
    assert key(Item, "code1c").values_of(["a", "b#c", "007"]) == {"a": "a", "b#c": "b#c", "007": "007"}
    assert key(Item, "code1c").equals("p.code", "o.id") == "p.code = o.id"


def test_text_that_is_no_whole_number_finds_nothing() -> None:
    texts = ["7", "-7", "0", "007", "7.0", "+7", " 7", "7\n", "٧", "a", "", "2147483647", "2147483648", "9" * 30]
    assert key(NumberItem, "number").values_of(texts) == {7: "7", -7: "-7", 0: "0", 2147483647: "2147483647"}


def test_text_that_is_no_uuid_finds_nothing() -> None:
    texts = [GUID, GUID.upper(), GUID.replace("-", ""), f"{GUID}#{GUID}", f"{{{GUID}}}", "", "a"]
    assert key(UuidItem, "guid").values_of(texts) == {uuid.UUID(GUID): GUID}


def test_key_knows_whether_it_is_a_column_of_its_row() -> None:
    assert key(Item, "code1c").is_own
    assert key(StockedGood, "sku").is_own
    assert not key(StockedGood, "onec_id").is_own
    assert not key(StockRecord, "product__upc").is_own
