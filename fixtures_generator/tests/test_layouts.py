import pytest

from fixtures_generator import Layout
from fixtures_generator.layouts import check_warehouses

WITHOUT_WAREHOUSES = [Layout.L2, Layout.L3, Layout.L4, Layout.L8]


@pytest.mark.parametrize("layout", WITHOUT_WAREHOUSES)
def test_layout_with_a_total_needs_no_warehouses(layout: Layout) -> None:
    check_warehouses(layout, 0)


@pytest.mark.parametrize("layout", [layout for layout in Layout if layout not in WITHOUT_WAREHOUSES])
def test_layout_of_warehouses_is_refused_without_any(layout: Layout) -> None:
    message = f"layout {layout} needs at least 1 warehouse; without any, use one of L2, L3, L4, L8"
    with pytest.raises(ValueError, match=f"^{message}$"):
        check_warehouses(layout, 0)
