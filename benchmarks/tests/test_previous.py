import pytest

from benchmarks.report.previous import compare
from benchmarks.tests.runs import slower, whole_run


def test_slower_machine_is_no_regression() -> None:
    comparisons = compare(slower(whole_run(), machine=3.0), whole_run())
    assert len(comparisons) == len(whole_run().measurements)
    assert {comparison.mark for comparison in comparisons} == {""}


def test_slower_loader_is_one_on_any_machine() -> None:
    comparisons = compare(slower(whole_run(), machine=0.5, loader=1.2), whole_run())
    slow = [comparison for comparison in comparisons if comparison.mark == "**slower**"]
    assert len(slow) == len(comparisons) - 1  # all but the floor
    assert {round(comparison.change, 3) for comparison in slow} == {0.2}


def test_faster_loader_is_marked_too() -> None:
    comparisons = compare(slower(whole_run(), loader=0.8), whole_run())
    assert [comparison.mark for comparison in comparisons][1:3] == ["faster", "faster"]
    assert comparisons[1].change == pytest.approx(-0.2)


def test_case_that_was_not_measured_before_is_left_out() -> None:
    run = whole_run()
    assert compare(run, type(run)(**{**vars(run), "measurements": run.measurements[:2]}))[1:][0].now == 1.2
