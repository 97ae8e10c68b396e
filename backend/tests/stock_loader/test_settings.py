from pytest_django import Settings

from stock_loader.settings import DEFAULTS, setting, setting_name


def test_what_the_shop_does_not_say_is_as_by_default(settings: Settings) -> None:
    del settings.STOCK_LOADER
    assert {name: setting(name) for name in DEFAULTS} == DEFAULTS
    settings.STOCK_LOADER = {"MAX_ZEROED": "7"}
    assert (setting("MAX_ZEROED"), setting("MAX_INVALID")) == ("7", "10%")


def test_single_setting_of_before_goes_before(settings: Settings) -> None:
    settings.STOCK_LOADER = {"MAX_ZEROED": "7"}
    settings.STOCK_LOAD_MAX_ZEROED = "8"
    assert (setting("MAX_ZEROED"), setting_name("MAX_ZEROED")) == ("8", "STOCK_LOAD_MAX_ZEROED")


def test_setting_is_called_what_the_administrator_calls_it(settings: Settings) -> None:
    settings.STOCK_LOADER = {}
    assert setting_name("MAX_ZEROED") == 'STOCK_LOADER["MAX_ZEROED"]'
    settings.STOCK_LOADER = {"ENVIRONMENT": "SHOP_"}
    assert setting_name("MAX_ZEROED") == "SHOP_MAX_ZEROED"


def test_what_is_no_dict_says_nothing(settings: Settings) -> None:
    settings.STOCK_LOADER = "copy"
    assert setting("STRATEGY") == "bulk_update"
