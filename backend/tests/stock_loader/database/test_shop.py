"""Every mistake of a shop's setting is told in one line; what is right is read as it is meant."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.utils import translation
from pytest_django import Settings

from stock_loader.commerceml.offers.numbers import QuantityLimits
from stock_loader.database.mapping import FIRST_TARGET, quantity_limits
from stock_loader.database.shop import mapping, refuse_wrong_settings, session_model, shop
from stock_loader.errors import WrongSettingError
from stock_loader.journal.models import ImportSession
from tests.shops.mappings import BY_PARTNER_SKU, BY_UPC, ITEMS, NUMBER_ITEMS, STOCKED_GOODS, UUID_ITEMS
from tests.shops.models import Item, NumberItem, StockRecord, UuidItem

UNLIKE = {"MODEL": "shops.Unlike", "QUANTITY": "amount", "ONEC_ID": "code", "SESSION": "stock_loader.ImportSession"}
FIELDS_OF_ITEM = "article, code1c, id, qty, title"

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": (
        {},
        (
            "STOCK_LOADER does not say MODEL, QUANTITY, ONEC_ID. Set it to the shop's model and fields; "
            "docs/own-shop.md shows how."
        ),
    ),
    "no such model": (
        ITEMS | {"MODEL": "shops.Itm"},
        (
            'STOCK_LOADER["MODEL"]: there is no model shops.Itm; expected a model of an installed app, like '
            "partner.StockRecord."
        ),
    ),
    "no name of a model": (
        ITEMS | {"MODEL": "Item"},
        (
            'STOCK_LOADER["MODEL"]: there is no model Item; expected a model of an installed app, like '
            "partner.StockRecord."
        ),
    ),
    "misspelt field": (
        ITEMS | {"ONEC_ID": "code_1c"},
        f'STOCK_LOADER["ONEC_ID"]: shops.Item has no field code_1c; it has: {FIELDS_OF_ITEM}.',
    ),
    "misspelt quantity": (
        ITEMS | {"QUANTITY": "quantity"},
        f'STOCK_LOADER["QUANTITY"]: shops.Item has no field quantity; it has: {FIELDS_OF_ITEM}.',
    ),
    "path through what is no relation": (
        ITEMS | {"NAME": "title__ru"},
        f'STOCK_LOADER["NAME"]: shops.Item has no field title__ru; it has: {FIELDS_OF_ITEM}.',
    ),
    "quantity that is no number": (
        ITEMS | {"QUANTITY": "title"},
        (
            'STOCK_LOADER["QUANTITY"]: shops.Item.title is a CharField; expected IntegerField, '
            "DecimalField(max_digits, decimal_places)."
        ),
    ),
    "quantity that is a float": (
        UNLIKE | {"QUANTITY": "ratio"},
        (
            'STOCK_LOADER["QUANTITY"]: shops.Unlike.ratio is a FloatField; expected IntegerField, '
            "DecimalField(max_digits, decimal_places)."
        ),
    ),
    "quantity that is the primary key": (
        ITEMS | {"QUANTITY": "id"},
        (
            'STOCK_LOADER["QUANTITY"]: shops.Item.id is a BigAutoField; expected IntegerField, '
            "DecimalField(max_digits, decimal_places)."
        ),
    ),
    "quantities in rows of another table": (
        ITEMS | {"MODEL": "shops.Goods", "QUANTITY": "stockrecords__num_in_stock", "ONEC_ID": "upc", "SKU": ""},
        (
            'STOCK_LOADER["QUANTITY"]: stockrecords__num_in_stock is a path; expected a field of shops.Goods itself. '
            "Quantities in other tables, such as rows per warehouse, are not supported."
        ),
    ),
    "quantity in the table of the parent": (
        STOCKED_GOODS | {"QUANTITY": "name"},
        'STOCK_LOADER["QUANTITY"]: name stands in the table of shops.Good; name shops.Good as MODEL.',
    ),
    "moment that is a day": (
        UNLIKE | {"CHANGED_AT": "day"},
        'STOCK_LOADER["CHANGED_AT"]: shops.Unlike.day is a DateField; expected DateTimeField.',
    ),
    "path to many": (
        BY_UPC | {"ONEC_ID": "product__tags__name"},
        'STOCK_LOADER["ONEC_ID"]: tags of shops.Goods leads to many rows; every step must lead to one.',
    ),
    "path that ends at a relation": (
        BY_UPC | {"ONEC_ID": "product"},
        (
            'STOCK_LOADER["ONEC_ID"]: product of shops.StockRecord is a relation; name a field behind it, like '
            "product__code."
        ),
    ),
    "key that can hold no id": (
        UNLIKE | {"ONEC_ID": "ratio"},
        (
            'STOCK_LOADER["ONEC_ID"]: shops.Unlike.ratio is a FloatField; expected CharField, TextField, IntegerField, '
            "UUIDField."
        ),
    ),
    "filter by what is not there": (
        ITEMS | {"FILTER": {"partner__code": "1c"}},
        (
            "STOCK_LOADER[\"FILTER\"] cannot be used: Cannot resolve keyword 'partner' into field. Choices are: "
            f"{FIELDS_OF_ITEM}"
        ),
    ),
    "filter of the wrong kind": (
        BY_UPC | {"FILTER": {"partner_id": "first"}},
        "STOCK_LOADER[\"FILTER\"] cannot be used: Field 'id' expected a number but got 'first'.",
    ),
    "filter that is no dict": (
        ITEMS | {"FILTER": "partner"},
        "STOCK_LOADER[\"FILTER\"] cannot be used: expected a dict of look-ups, saw 'partner'",
    ),
    "filter that leads to many": (
        BY_UPC | {"FILTER": {"product__tags__name__startswith": "new"}},
        'STOCK_LOADER["FILTER"]: tags of shops.Goods leads to many rows; every step must lead to one.',
    ),
    "rows per warehouse": (
        ITEMS | {"WAREHOUSE": "warehouse__code"},
        ('STOCK_LOADER["WAREHOUSE"] is unknown; known are: WAREHOUSES, EXCLUDED_WAREHOUSES, '),
    ),
    "sessions that are not there": (
        ITEMS | {"SESSION": "shops.Session"},
        (
            'STOCK_LOADER["SESSION"]: there is no model shops.Session; expected a model of an installed app, like '
            "partner.StockRecord."
        ),
    ),
    "sessions that lack a field": (
        ITEMS | {"SESSION": "shops.Item"},
        (
            'STOCK_LOADER["SESSION"]: shops.Item needs the field import_type, a CharField. The abstract model '
            "stock_loader.journal.abstract.AbstractImportSession has all that is needed."
        ),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_in_one_line(mistake: str, settings: Settings) -> None:
    settings.STOCK_LOADER, expected = MISTAKES[mistake]
    with translation.override("en"):
        errors = [message.msg for message in run_checks(tags=["stock_loader"]) if message.id == "stock_loader.E001"]
    assert len(errors) == 1, errors
    assert errors[0].startswith(expected)
    assert "\n" not in errors[0]
    with pytest.raises(WrongSettingError) as refused:
        refuse_wrong_settings()
    assert str(refused.value).startswith(expected)


def test_every_mistake_is_told_at_once(settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS | {"QUANTITY": "a", "ONEC_ID": "b", "SKU": "c", "NAME": "d", "SESSION": "e.F"}
    assert [error.parameters["name"] for error in shop().errors] == ["QUANTITY", "ONEC_ID", "SKU", "NAME", "SESSION"]


@pytest.mark.parametrize(
    ("shop_settings", "warnings"),
    [
        (BY_PARTNER_SKU, ["SKU W001"]),
        (BY_PARTNER_SKU | {"FILTER": {"partner": 1}}, ["SKU W001"]),
        (BY_PARTNER_SKU | {"FILTER": {}}, ["ONEC_ID W001", "SKU W001", "ONEC_ID W002"]),
        (BY_PARTNER_SKU | {"FILTER": {"partner__code__gt": "1"}, "SKU": ""}, ["ONEC_ID W001", "ONEC_ID W002"]),
        (BY_UPC, ["ONEC_ID W001"]),
        (UNLIKE, ["ONEC_ID W001", "ONEC_ID W002"]),
        (ITEMS, ["SKU W001"]),
        (ITEMS | {"SKU": ""}, []),
        (UUID_ITEMS, []),
        (NUMBER_ITEMS, []),
        (STOCKED_GOODS, []),
    ],
)
def test_key_that_may_lead_to_several_rows_or_is_slow_is_warned_of(
    shop_settings: dict[str, Any], warnings: list[str], settings: Settings
) -> None:
    settings.STOCK_LOADER = shop_settings
    with translation.override("en"):
        found = run_checks(tags=["stock_loader"])
    assert [f"{message.msg.split(chr(34))[1]} {str(message.id)[-4:]}" for message in found] == warnings
    assert all(message.msg.endswith(f"add {message.id} to SILENCED_SYSTEM_CHECKS.") for message in found)
    refuse_wrong_settings()


def test_this_project_has_nothing_to_be_told() -> None:
    assert run_checks(tags=["stock_loader"]) == []
    assert mapping().target == FIRST_TARGET
    assert mapping().lock_name == ""


def test_targets_differ_by_model_field_and_filter(settings: Settings) -> None:
    targets = []
    for shop_settings in (ITEMS, BY_UPC, BY_UPC | {"FILTER": {}}, BY_UPC | {"FILTER": {"partner__code": "2"}}):
        settings.STOCK_LOADER = shop_settings
        targets.append((mapping().target, mapping().lock_name))
    assert targets[1][0] == 'shops.StockRecord.num_in_stock {"partner__code": "1c"}'
    assert len(set(targets)) == len({lock for _, lock in targets}) == 4


def test_loader_brings_a_table_of_sessions(settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS
    assert session_model() is ImportSession


def test_limit_is_that_of_the_column() -> None:
    def limits(model: Any, name: str) -> QuantityLimits:
        return quantity_limits(model._meta.get_field(name), connection)

    assert limits(Item, "qty") == (3, Decimal("999999999.999"))
    assert limits(NumberItem, "stock") == (0, 32767)
    assert limits(StockRecord, "num_in_stock") == (0, 2147483647)
    assert limits(UuidItem, "stock") == (0, 9223372036854775807)
