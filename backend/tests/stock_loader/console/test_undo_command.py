import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.documents import rests as document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture
def session(rests: Path) -> int:
    """A load that changed two products, of which one was sold since."""
    for n in range(3):
        Product.objects.create(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=5)
    rests.write_text(document(offer("p0", 7), offer("p1", 8)), "utf-8")
    report = load_stocks(LoadOptions(file=str(rests), strategy="bulk_update"))
    Product.objects.filter(onec_id="p1").update(stock_quantity=6)
    return report.session_id


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("undo_stock_load", *map(str, arguments), stdout=out)
    return out.getvalue()


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def test_undo_says_what_it_did(session: int) -> None:
    said = run(session).splitlines()
    assert said[0] == f"Undo session #{session + 1} started..."
    assert said[1] == f"Session #{session} is undone."
    counts = [line.split() for line in said[2:-2]]
    assert [(line[0], line[-1]) for line in counts] == [("Changes", "2"), ("Put", "1"), ("Changed", "1")]
    assert said[-1] == f"Session #{session + 1} ended with status 'completed'."
    assert stock() == [5, 6, 5]


def test_relative_undo_is_asked_for(session: int) -> None:
    run(session, "--relative")
    assert stock() == [5, 3, 5]


def test_dry_run_shows_the_changes(session: int) -> None:
    said = run(session, "--dry-run").splitlines()
    assert said[1] == f"Dry run: nothing was written. To undo session #{session} would do this:"
    assert said[3] == "  7 → 5  S0  p0"
    assert stock() == [7, 6, 5]


def test_json_is_one_object(session: int) -> None:
    told = json.loads(run(session, "--json"))
    assert (told["status"], told["details"]["undoes"], told["details"]["changed_since_count"]) == (
        "completed",
        session,
        1,
    )
    assert told["details"]["kept"][0]["code"] == "changed_since"


@pytest.mark.parametrize(
    ("arguments", "code"), [(["{session}", "--max-changed", "0"], 3), (["99999"], 2), (["{session}", "--wait", "1"], 0)]
)
def test_exit_codes(session: int, arguments: list[str], code: int) -> None:
    words = [word.format(session=session) for word in arguments]
    if code == 0:
        run(*words)
        return
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert caught.value.returncode == code
    assert str(caught.value).startswith("Error during the undo: ")
    assert stock() == [7, 6, 5]


def test_metrics_tell_an_undo_from_a_load(session: int, tmp_path: Path) -> None:
    path = tmp_path / "undo.prom"
    run(session, "--metrics-file", path)
    lines = path.read_text("utf-8").splitlines()
    for sample in ("undo 1.0", "changed_since 1.0", "last_success_timestamp_seconds 0.0"):
        assert f"stock_load_{sample}" in lines


def test_undo_stands_in_the_history_of_its_products(session: int) -> None:
    run(session)
    out = io.StringIO()
    call_command("stock_history", "p0", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[1].endswith(f"7 → 5  #{session + 1}  undo of #{session}")
    assert lines[2].endswith("(2026-01-15T03:00:00)")
