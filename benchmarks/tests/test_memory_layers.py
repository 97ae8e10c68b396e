import pytest

from benchmarks.memory import MODULES, OTHER, READING, WRITING, Frame, layer_of

SERVICES = "/shop/backend/apps/products/services"


def frames(*paths: str) -> list[Frame]:
    """Return a stack, innermost first."""
    return [("f", path, 1) for path in paths]


@pytest.mark.parametrize(
    ("paths", "layer"),
    [
        ([f"{SERVICES}/offers.py", f"{SERVICES}/strategies/copy.py", f"{SERVICES}/loader.py"], READING),
        (["/django/db/models/sql/compiler.py", f"{SERVICES}/strategies/bulk_update.py"], WRITING),
        (["/x/apps/products/querysets.py", f"{SERVICES}/strategies/bulk_update.py"], WRITING),
        ([f"{SERVICES}/parser.py", "<frozen importlib._bootstrap>", "manage.py"], MODULES),
        ([f"{SERVICES}/loader.py", "manage.py"], OTHER),
        ([], OTHER),
    ],
)
def test_innermost_layer_is_the_one_that_asked(paths: list[str], layer: str) -> None:
    assert layer_of(frames(*paths)) == layer
