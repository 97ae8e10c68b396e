from pathlib import Path

from benchmarks.floor import pass_over
from benchmarks.parse import parse
from benchmarks.peers.reading import read_offers
from benchmarks.stock_files import StockFiles


def test_file_says_what_its_quantities_say(tmp_path: Path) -> None:
    stock_file = StockFiles(tmp_path).get(50)
    lines = [line.split("\t") for line in stock_file.quantities.read_text().splitlines()]
    wanted = [(onec_id, int(quantity)) for onec_id, quantity in lines]
    assert list(read_offers(str(stock_file.path))) == wanted
    assert sum(quantity for _, quantity in wanted) == stock_file.pieces
    assert pass_over(str(stock_file.path)) == parse(str(stock_file.path)) == 50


def test_file_is_made_once(tmp_path: Path) -> None:
    files = StockFiles(tmp_path)
    assert files.get(3) is files.get(3)
    assert files.get(3, warehouses=1).path != files.get(3).path
