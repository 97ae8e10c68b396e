"""The words of the benchmarks: what is measured, on what."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

COPY = "copy"
BULK_UPDATE = "bulk_update"
POSTGRESQL = "PostgreSQL"
SQLITE = "SQLite"
MARIADB = "MariaDB"

ROUTES = ((POSTGRESQL, COPY), (POSTGRESQL, BULK_UPDATE), (SQLITE, BULK_UPDATE))
"""Database and strategy of every way that a load can go."""

MILLION = 1_000_000

ONE_IN = 20
"""Of the products, where some differ: 5 %."""


class Changed(StrEnum):
    """Which products differ from the file before a load; the value is how the report says it."""

    ALL = "all"
    SOME = "5 %"
    NONE = "none"

    def condition(self, pk: str) -> str:
        """Return the SQL condition on the product's id, which counts from 1 and stands in the column `pk`."""
        return {Changed.ALL: "1 = 1", Changed.SOME: f"{pk} % {ONE_IN} = 0", Changed.NONE: "1 = 0"}[self]

    def rows(self, products: int) -> int:
        """Return how many of `products` differ."""
        return {Changed.ALL: products, Changed.SOME: products // ONE_IN, Changed.NONE: 0}[self]


class Cores(StrEnum):
    """What a measured process has of the machine; the value is how the report says it."""

    ALL = ""
    ONE = "one core"
    OTHERS_BUSY = "the others busy"


class Section(StrEnum):
    """A part of the report."""

    FLOOR = "floor"
    PROCESS = "process"
    IN_PROCESS = "in process"
    LAYERS = "layers"
    BATCH_SIZES = "batch sizes"
    CHUNK_SIZES = "chunk sizes"
    READING = "reading"
    BUSY = "busy core"
    NO_JOURNAL = "no journal"
    SCALE = "scale"
    MEMORY = "memory"
    PEERS = "peers"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that is measured."""

    section: Section
    subject: str
    """The strategy, layer or peer."""
    offers: int
    warehouses: int = 3
    database: str = ""
    """Empty where none is used."""
    changed: str = ""
    """A value of `Changed`, empty where nothing is written."""
    size: int = 0
    """The batch or chunk size that is varied; 0 where none is."""
    cores: Cores = Cores.ALL

    def as_dict(self) -> dict[str, Any]:
        """Return the case as the JSON of a run keeps it."""
        return asdict(self)
