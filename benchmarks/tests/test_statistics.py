import pytest

from benchmarks.cases import COPY, Section
from benchmarks.report.statistics import fitted_exponent, times
from benchmarks.tests.runs import measured


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_exponent_of_a_power_is_found(exponent: float) -> None:
    assert fitted_exponent((x, 3 * x**exponent) for x in (10, 100, 1000)) == pytest.approx(exponent)


@pytest.mark.parametrize("points", [[], [(10, 1.0)], [(10, 1.0), (10, 2.0)]])
def test_one_size_has_no_exponent(points: list[tuple[float, float]]) -> None:
    assert fitted_exponent(points) is None


def test_times_needs_both() -> None:
    fast, slow = measured(Section.PROCESS, COPY, 2.0), measured(Section.PROCESS, COPY, 5.0)
    assert times(slow, fast) == 2.5
    assert times(slow, None) is None
    assert times(None, fast) is None
