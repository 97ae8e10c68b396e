"""What follows from several figures."""

from collections.abc import Iterable
from math import log
from statistics import StatisticsError, linear_regression

from benchmarks.report.results import Measurement


def fitted_exponent(points: Iterable[tuple[float, float]]) -> float | None:
    """Return b of the y = a · x^b that fits the points best; None for fewer than two sizes.

    1 is linear. The start of the process, which does not depend on the size, draws it down.
    """
    logs = [(log(x), log(y)) for x, y in points if x > 0 and y > 0]
    try:
        return linear_regression(*zip(*logs, strict=True)).slope
    except (StatisticsError, TypeError):  # one size, or no point at all
        return None


def times_by_floor(measurement: Measurement | None, other: Measurement | None) -> float | None:
    """Return how many times longer the first took, each by the floor that was measured in turn with it.

    Minutes lie between the two; the floors take out what happened to the machine meanwhile.
    """
    if measurement is None or other is None or measurement.ratio is None or other.ratio is None:
        return None
    return measurement.ratio / other.ratio


def times(measurement: Measurement | None, other: Measurement | None) -> float | None:
    """Return how many times longer the first took than the second, None where one is missing."""
    return measurement.median / other.median if measurement and other else None
