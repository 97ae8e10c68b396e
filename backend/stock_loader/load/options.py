"""What an operator asks of a load."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice
from stock_loader.load.guards import Guards
from stock_loader.outcome import ProductChange
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from stock_loader.strategies.choice import DEFAULT_BATCH_SIZE, DEFAULT_CHUNK_SIZE

Approve = Callable[[Iterable[ProductChange]], None]
"""Is given the changes in the order of the products' keys. A transaction that is tried again asks anew."""


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """What the operator asked for."""

    file: str | Sequence[str]
    """Files, folders, archives or `-` for standard input; several are one snapshot."""
    strategy: str
    batch_size: int = DEFAULT_BATCH_SIZE
    chunk_size: int = DEFAULT_CHUNK_SIZE
    dry_run: bool = False
    guards: Guards = field(default_factory=Guards)
    is_forced: bool = False
    """Pass all guards, and load an older file."""
    skips_loaded: bool = False
    """Do not load again what was loaded already."""
    zeroes_no_stock_data: bool = False
    """An offer without stock data has quantity 0."""
    rules: MatchRules = ONE_OFFER_ONE_PRODUCT
    """Whether variants are summed, and missing products set to 0."""
    exports_are_whole: bool = False
    """Set missing products to 0 also by a document that says of itself that it holds only changes."""
    warehouses: WarehouseChoice = ALL_WAREHOUSES
    """Which warehouses count."""
    may_lack_stock: bool = False
    """A snapshot without any quantity, as one of prices, is passed over with a warning."""
    wait_seconds: float = 0
    """How long to wait for another load to end before this one is refused."""
    changes_file: str = ""
    """Where to write the products that changed (CSV or JSON Lines); empty: nowhere."""
    rejected_file: str = ""
    """Where to write the offers that were not applied; empty: nowhere."""
    keeps_journal: bool = True
    """Keep what changes in the journal."""
    shown_changes: int = 0
    """How many changes the report of a dry run holds."""
    asked_by: str = ""
    """Who asked for it, for the session; empty where that was no person on a page."""
    approve: Approve | None = None
    """Sees the changes when their rows are locked and none is written; raises a StockLoadError to refuse them."""

    @property
    def paths(self) -> list[str]:
        """Return what to load, in order."""
        return [self.file] if isinstance(self.file, str) else list(self.file)
