"""Values as Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.report.results import Measurement

MILLISECONDS_BELOW = 0.1
WHOLE_FROM = 100
ONE_DIGIT_FROM = 10


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, text_columns: int = 1) -> str:
    """Return a table; all columns but the first `text_columns` hold numbers."""
    line = ["---" if column < text_columns else "---:" for column in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, line, *rows)) + "\n"


def seconds(value: float | None) -> str:
    """Return a time with three significant digits."""
    if value is None:
        return "–"
    if value < MILLISECONDS_BELOW:
        return f"{value * 1000:.3g} ms"
    return (
        f"{value:.0f} s" if value >= WHOLE_FROM else f"{value:.1f} s" if value >= ONE_DIGIT_FROM else f"{value:.2f} s"
    )


def spread(measurement: Measurement) -> str:
    """Return the fastest and the slowest round."""
    if measurement.rounds == 1:
        return "one round"
    return f"{seconds(measurement.fastest)} – {seconds(measurement.slowest)}"


def ratio(value: float | None) -> str:
    """Return a ratio with two decimals, none for large ones."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= WHOLE_FROM else f"{value:.1f}" if value >= ONE_DIGIT_FROM else f"{value:.2f}"


def mib(value: float | None) -> str:
    """Return an amount of memory."""
    return "–" if value is None else f"{value:.1f}"


def whole(value: float) -> str:
    """Return a number with its thousands set apart."""
    return f"{value:,.0f}"
