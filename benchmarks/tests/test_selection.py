from typing import NamedTuple

from benchmarks.bench import Plan
from benchmarks.selection import is_benchmark, one_of_each


class Item(NamedTuple):
    nodeid: str
    fixturenames: tuple[str, ...] = ("benchmark",)


def test_benchmark_is_what_uses_the_fixture() -> None:
    assert is_benchmark(Item("a"))
    assert not is_benchmark(Item("a", ("tmp_path",)))
    assert not is_benchmark(object())


def test_small_run_takes_the_first_case_and_every_peer() -> None:
    names = [
        "test_loads.py::a[1]",
        "test_loads.py::a[2]",
        "test_loads.py::b",
        "test_peers.py::p[x]",
        "test_peers.py::p[y]",
    ]
    chosen = [item.nodeid for item in one_of_each(map(Item, names))]
    assert chosen == ["test_loads.py::a[1]", "test_loads.py::b", "test_peers.py::p[x]", "test_peers.py::p[y]"]


def test_scale_grows_by_options() -> None:
    plan = Plan(offers=100_000, rounds=5, has_million=True, has_ten_million=True)
    assert plan.scale == [10_000, 30_000, 100_000, 1_000_000, 10_000_000]
    assert [plan.rounds_of(offers) for offers in plan.scale] == [5, 5, 5, 3, 1]
    assert plan.rounds_of(100, most=3) == 3


def test_small_plan_overrules_the_other_options() -> None:
    options = {"--benchmark-offers": 100_000, "--benchmark-rounds": 5, "--benchmark-million": False}
    plan = Plan.of({**options, "--benchmark-ten-million": False, "--benchmark-small": True}.__getitem__)
    assert (plan.offers, plan.rounds) == (300, 1)
