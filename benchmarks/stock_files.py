"""The stock files that are loaded, and what a load of them must leave behind."""

from dataclasses import dataclass
from pathlib import Path

from fixtures_generator import Catalogue, expected, write_file

SEED = 1


@dataclass(frozen=True, kw_only=True)
class StockFile:
    """A rests.xml of layout L1 in which every offer has a product, an id of its own and a whole number of pieces."""

    path: Path
    quantities: Path
    """Lines `onec_id TAB quantity`, in the order of the file: what the shop must hold after a load."""
    offers: int
    warehouses: int
    pieces: int
    """The sum of all quantities."""

    @property
    def mib(self) -> float:
        """Its length."""
        return self.path.stat().st_size / 2**20


class StockFiles:
    """Makes each file once, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[int, int], StockFile] = {}

    def get(self, offers: int, *, warehouses: int = 3) -> StockFile:
        """Return the file with so many offers and warehouses."""
        key = (offers, warehouses)
        if key not in self._made:
            self._made[key] = self._make(offers, warehouses)
        return self._made[key]

    def _make(self, offers: int, warehouses: int) -> StockFile:
        catalogue = Catalogue(offers=offers, warehouses=warehouses, seed=SEED)
        path = self._folder / f"rests-{offers}-{warehouses}.xml"
        quantities = path.with_suffix(".tsv")
        write_file(catalogue, path)
        pieces = 0
        with quantities.open("w", encoding="ascii") as lines:
            for offer in expected(catalogue):
                pieces += offer.quantity or 0
                lines.write(f"{offer.onec_id}\t{offer.quantity}\n")
        return StockFile(path=path, quantities=quantities, offers=offers, warehouses=warehouses, pieces=pieces)
