"""Files that a load writes: what changed, what was not applied, metrics."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import translation
from prometheus_client.parser import text_string_to_metric_families

from apps.common.models import ImportSession
from stock_loader.errors import LoadRefusedError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.stock_loader.console.option_loads import load, products, quantities, write
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


CHANGES = "\ufeffproduct,onec_id,sku,name,old,new\r\n{0},p0,S0,,5,1\r\n{1},p1,S1,,5,0\r\n"


REJECTED = [
    ("x", "", "7", "no_product", "no product with this onec_id or sku"),
    ("p1", "", "9", "superseded", "superseded by another offer of the product"),
    ("p2", "", "много", "not_a_number", "not a number"),
    ("", "S9", "", "no_stock_data", "no stock data"),
]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_changes_and_what_was_not_applied_are_written_down(
    dry_run: list[str], strategy: str, rests: Path, tmp_path: Path
) -> None:
    made = products(3, quantity=5)
    changes, rejected = tmp_path / "changes.csv", tmp_path / "rejected.jsonl"
    write(
        rests,
        offer("p0", 1),
        offer("x", 7),
        offer("p1", 9),
        offer("p2", "много"),
        "<Артикул>S9</Артикул>",
        offer("p1", 0),
    )

    load(rests, *dry_run, f"--changes={changes}", f"--rejected={rejected}", strategy=strategy)

    assert changes.read_bytes().decode() == CHANGES.format(*(product.pk for product in made))
    lines = [json.loads(line) for line in rejected.read_text("utf-8").splitlines()]
    assert [(line["onec_id"], line["sku"], line["seen"], line["code"], line["reason"]) for line in lines] == REJECTED
    assert [(line["file"], line["line"]) for line in lines] == [(str(rests), n) for n in (6, 7, 8, 9)]
    assert sorted(tmp_path.iterdir()) == [changes, rejected, rests]
    assert quantities() == ([5, 5, 5] if dry_run else [1, 0, 5])


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("dry_run", "names"), [([], ["rejected.csv"]), (["--dry-run"], ["changes.csv", "rejected.csv"])]
)
def test_refused_load_says_why_in_its_files(
    dry_run: list[str], names: list[str], strategy: str, rests: Path, tmp_path: Path
) -> None:
    """What was not applied is written in any case; what would change, by a dry run."""
    products(1, quantity=5)
    write(rests, offer("p0", 1), offer("x", 7))
    files = [f"--{name}={tmp_path / f'{name}.csv'}" for name in ("changes", "rejected")]

    report = load(rests, *dry_run, *files, "--max-not-found=0", strategy=strategy, code=3)

    names = [*["changes.csv"] * len(dry_run), "rejected.csv", "rests.xml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert quantities() == [5]
    assert [change["new"] for change in report.get("changes", [])] == [1] * len(dry_run)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_broken_file_leaves_the_files_of_the_last_load(strategy: str, rests: Path, tmp_path: Path) -> None:
    files = [tmp_path / "changes.csv", tmp_path / "rejected.csv"]
    for path in files:
        path.write_text("last load")
    rests.write_text("<x>")

    load(rests, f"--changes={files[0]}", f"--rejected={files[1]}", strategy=strategy, code=1)

    assert [path.read_text() for path in files] == ["last load"] * 2
    assert sorted(tmp_path.iterdir()) == [*files, rests]


def test_file_that_cannot_be_written_fails_the_load_at_once(rests: Path, tmp_path: Path) -> None:
    products(1, quantity=5)
    path = tmp_path / "missing" / "changes.csv"

    report = load(write(rests, offer("p0", 1)), f"--changes={path}", code=1)

    assert report["error_message"] == f"{path}: cannot be written: No such file or directory."
    assert (quantities(), ImportSession.objects.get().status) == ([5], "failed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--changes=both.csv", "--rejected=./both.csv"], "--changes and --rejected name the same file: ./both.csv."),
        (
            ["--rejected=table.csv", "--metrics-file=link"],
            "--rejected and --metrics-file name the same file: link.",
        ),
        (
            ["--metrics-file=rests.xml"],
            "--metrics-file names a file that the load reads or needs, and would replace it: rests.xml.",
        ),
        (
            ["--metrics-file=DATABASE"],
            "--metrics-file names a file that the load reads or needs, and would replace it: DATABASE.",
        ),
    ],
)
def test_file_to_write_that_is_another_is_wrong_usage(
    arguments: list[str], said: str, rests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = str(connections.settings["default"]["NAME"])
    if "DATABASE" in said and connections["default"].vendor != "sqlite":
        pytest.skip("the database is no file")
    monkeypatch.chdir(tmp_path)
    write(rests)
    (tmp_path / "table.csv").write_text("last load")
    (tmp_path / "link").symlink_to("table.csv")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    with translation.override("en"), pytest.raises(CommandError) as refused:
        call_command(
            "load_product_stocks", "--file=rests.xml", *(text.replace("DATABASE", database) for text in arguments)
        )

    assert (str(refused.value), refused.value.returncode) == (said.replace("DATABASE", database), 2)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not ImportSession.objects.exists()


def test_caller_of_the_loader_is_refused_one_file_for_both(rests: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "both.csv")
    write(rests)
    with pytest.raises(LoadRefusedError, match="--changes and --rejected name the same file"):
        load_stocks(LoadOptions(file=str(rests), strategy="bulk_update", changes_file=path, rejected_file=path))


@pytest.mark.parametrize("option", ["--changes=changes.txt", "--rejected=rejected", "--show-changes=-1"])
def test_file_of_no_kind_is_wrong_usage(option: str, rests: Path) -> None:
    with translation.override("en"), pytest.raises(CommandError, match="expected a"):
        call_command("load_product_stocks", "--file", str(rests), option)


def test_metrics_tell_the_last_load(rests: Path, tmp_path: Path) -> None:
    products(1, quantity=5)
    metrics = tmp_path / "stock.prom"

    load(write(rests, offer("p0", 1)), f"--metrics-file={metrics}")
    completed = read_metrics(metrics)
    load(tmp_path / "missing.xml", f"--metrics-file={metrics}", code=1)
    failed = read_metrics(metrics)

    assert (completed["stock_load_updated"], completed["stock_load_exit_code"]) == (1, 0)
    assert (failed["stock_load_updated"], failed["stock_load_exit_code"]) == (0, 1)
    assert failed["stock_load_last_success_timestamp_seconds"] == completed["stock_load_last_success_timestamp_seconds"]


def test_metrics_that_cannot_be_written_do_not_fail_the_load(rests: Path, tmp_path: Path) -> None:
    products(1, quantity=5)
    err = io.StringIO()
    path = tmp_path / "no such folder" / "stock.prom"

    with translation.override("en"):
        call_command(
            "load_product_stocks",
            f"--metrics-file={path}",
            file=str(write(rests, offer("p0", 1))),
            stderr=err,
            verbosity=0,
        )

    assert err.getvalue() == f"The metrics file {path} cannot be written: No such file or directory.\n"
    assert quantities() == [1]


def read_metrics(path: Path) -> dict[str, float]:
    families = text_string_to_metric_families(path.read_text())
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
