"""Options and fixtures of the benchmarks; without `--benchmark-only` nothing is measured and nothing started."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks.bench import Bench, Plan
from benchmarks.environment import describe_environment
from benchmarks.postgres_shop import PostgresShop, postgres_shop
from benchmarks.selection import is_benchmark, one_of_each
from benchmarks.shops import Shop
from benchmarks.sqlite_shop import SqliteShop
from benchmarks.stock_files import StockFiles
from embedded_postgres import embedded_postgres

PLAN = pytest.StashKey[Plan]()
OUTCOMES = pytest.StashKey[list[dict[str, str]]]()
SERVER_VERSION = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what decides how much is measured."""
    group = parser.getgroup("benchmark")
    group.addoption("--benchmark-offers", type=int, default=100_000, metavar="N", help="offers of the usual file")
    group.addoption("--benchmark-rounds", type=int, default=5, metavar="N", help="rounds of a whole load")
    group.addoption("--benchmark-million", action="store_true", help="measure 1,000,000 offers too")
    group.addoption("--benchmark-ten-million", action="store_true", help="measure 10,000,000 offers too")
    group.addoption("--benchmark-small", action="store_true", help="one case of each with 300 offers, for correctness")
    group.addoption("--benchmark-artefacts", default="var/benchmarks", metavar="FOLDER", help="flame graphs go here")


def pytest_configure(config: pytest.Config) -> None:
    """Read the options once; a benchmark that fails before it measures has said enough."""
    config.addinivalue_line("filterwarnings", "ignore:Benchmark fixture was not used at all")
    config.stash[PLAN] = Plan.of(config.getoption)
    config.stash[OUTCOMES] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the benchmarks with `--benchmark-only`, all else without it; silently, for there are many of both."""
    is_measuring = bool(config.getoption("benchmark_only"))
    chosen = [item for item in items if is_benchmark(item) == is_measuring]
    if is_measuring and config.stash[PLAN].is_small:
        chosen = one_of_each(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a benchmark of `scale_offers`, or of all but the usual ones, its sizes, which the options decide."""
    plan = metafunc.config.stash[PLAN]
    if "scale_offers" in metafunc.fixturenames:
        metafunc.parametrize("scale_offers", plan.scale)
    if "other_offers" in metafunc.fixturenames:
        metafunc.parametrize("other_offers", [offers for offers in plan.scale if offers != plan.offers])


def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> None:
    """Keep why a benchmark has no figure."""
    if call.excinfo is not None and is_benchmark(item):
        kind = "skipped" if call.excinfo.errisinstance(pytest.skip.Exception) else "failed"
        reason = str(call.excinfo.value).strip() or call.excinfo.typename
        item.config.stash[OUTCOMES].append({"name": item.name, "outcome": kind, "reason": reason})


def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    """Put what the report needs beside the figures."""
    from stock_loader.strategies.choice import (  # noqa: PLC0415  # models; Django is not set up when this file is read
        DEFAULT_BATCH_SIZE,
        DEFAULT_CHUNK_SIZE,
    )

    output_json["outcomes"] = config.stash[OUTCOMES]
    output_json["environment"] = describe_environment(config.stash.get(SERVER_VERSION, "not used"))
    defaults = {"batch_size": DEFAULT_BATCH_SIZE, "chunk_size": DEFAULT_CHUNK_SIZE}
    output_json["plan"] = config.stash[PLAN].as_dict() | defaults


@pytest.fixture(scope="session")
def plan(request: pytest.FixtureRequest) -> Plan:
    """How much is measured."""
    return request.config.stash[PLAN]


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    """A folder for files and databases, below `TMPDIR`; not pytest's, which other runs of pytest clear away."""
    with TemporaryDirectory(prefix="stock-benchmarks-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def stock_files(workplace: Path) -> StockFiles:
    """The files to load."""
    return StockFiles(workplace)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, workplace: Path) -> Iterator[PostgresShop]:
    """The shop on the server in `TEST_DATABASE_URL`, else on an embedded one."""
    if server_url := os.environ.get("TEST_DATABASE_URL"):
        with postgres_shop(server_url) as shop:
            request.config.stash[SERVER_VERSION] = shop.version
            yield shop
        return
    with embedded_postgres(workplace / "postgresql") as url, postgres_shop(url) as shop:
        request.config.stash[SERVER_VERSION] = shop.version
        yield shop


@pytest.fixture(scope="session")
def sqlite(workplace: Path) -> Shop:
    """The shop in a SQLite file."""
    return SqliteShop(workplace)


@pytest.fixture
def bench(
    benchmark: Any, request: pytest.FixtureRequest, plan: Plan, stock_files: StockFiles, django_db_blocker: Any
) -> Iterator[Bench]:
    """What a benchmark works with; databases are started when first asked for."""
    with django_db_blocker.unblock():
        bench = Bench(benchmark=benchmark, plan=plan, stock_files=stock_files, shop_named=request.getfixturevalue)
        yield bench
        bench.close()


@pytest.fixture(scope="session")
def artefacts(request: pytest.FixtureRequest) -> Path:
    """The folder for flame graphs, relative to the project."""
    folder = request.config.rootpath / str(request.config.getoption("--benchmark-artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
