"""The steps of a load, each by itself."""

from collections.abc import Callable

from benchmarks.cases import COPY
from benchmarks.shops import WrongResultError
from benchmarks.stock_files import StockFile
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.outcome import Findings
from stock_loader.strategies import Strategy
from stock_loader.strategies.bulk_update.strategy import BulkUpdate
from stock_loader.strategies.choice import DEFAULT_BATCH_SIZE, DEFAULT_CHUNK_SIZE
from stock_loader.strategies.copy.strategy import Copy


def strategy_for(name: str, *, batch_size: int = DEFAULT_BATCH_SIZE, chunk_size: int = DEFAULT_CHUNK_SIZE) -> Strategy:
    """Return a strategy as a load makes it."""
    return Copy() if name == COPY else BulkUpdate(batch_size=batch_size, chunk_size=chunk_size)


def offers_are_read(read: Callable[[str], int], stock_file: StockFile) -> None:
    """Let `read` go through the file, and check how many offers it saw.

    Raises:
        WrongResultError: another number than there are.
    """
    if (seen := read(str(stock_file.path))) != stock_file.offers:
        raise WrongResultError(f"expected {stock_file.offers} offers, saw {seen}")


class Matching:
    """A strategy's reading of records that were parsed beforehand."""

    strategy: Strategy
    findings: Findings

    def __init__(self, stock_file: StockFile, name: str, **sizes: int) -> None:
        self._records = list(XMLDataParser().parse(str(stock_file.path)))
        self._name = name
        self._sizes = sizes

    def run(self) -> None:
        """Match all records."""
        self.strategy = strategy_for(self._name, **self._sizes)
        self.findings = self.strategy.read(lambda: iter(self._records))

    def check(self, rows: int) -> None:
        """Check that so many products were found to differ, and let the strategy clean up.

        Raises:
            WrongResultError: another number.
        """
        if self.findings.to_update != rows:
            raise WrongResultError(f"expected {rows} rows that differ, saw {self.findings.to_update}")
        self.close()

    def close(self) -> None:
        """Let the strategy clean up."""
        self.strategy.close()
