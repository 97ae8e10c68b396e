import pytest

from benchmarks.memory import MODULES, OTHER, READING, WRITING, Frame, layer_of

LOADER = "/shop/backend/stock_loader"


def frames(*paths: str) -> list[Frame]:
    """Return a stack, innermost first."""
    return [("f", path, 1) for path in paths]


@pytest.mark.parametrize(
    ("paths", "layer"),
    [
        (
            [
                f"{LOADER}/commerceml/offers/any_layout.py",
                f"{LOADER}/strategies/copy/strategy.py",
                f"{LOADER}/load/loader.py",
            ],
            READING,
        ),
        (["/django/db/models/sql/compiler.py", f"{LOADER}/strategies/bulk_update/strategy.py"], WRITING),
        (["/x/stock_loader/database/set_based_update.py", f"{LOADER}/strategies/bulk_update/strategy.py"], WRITING),
        ([f"{LOADER}/commerceml/documents/parser.py", "<frozen importlib._bootstrap>", "manage.py"], MODULES),
        ([f"{LOADER}/load/loader.py", "manage.py"], OTHER),
        ([], OTHER),
    ],
)
def test_innermost_layer_is_the_one_that_asked(paths: list[str], layer: str) -> None:
    assert layer_of(frames(*paths)) == layer
