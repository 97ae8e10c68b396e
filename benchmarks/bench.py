"""What every benchmark works with: its plan, its shop, and a round that is alike each time."""

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import connections

from benchmarks.cases import MILLION, POSTGRESQL, Case
from benchmarks.postgres_shop import PostgresShop
from benchmarks.shops import Shop
from benchmarks.stock_files import StockFile, StockFiles
from config.settings import database

SMALL_OFFERS = 300
FEW_ROUNDS = 3
FEW_ROUNDS_FROM = MILLION
"""Offers from which a round takes so long that few must do, and from ten times as many, one."""

Figures = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured."""

    offers: int
    rounds: int
    has_million: bool = False
    has_ten_million: bool = False
    is_small: bool = False

    @classmethod
    def of(cls, option: Callable[[str], Any]) -> "Plan":
        """Return the plan that the options ask for."""
        plan = cls(
            offers=option("--benchmark-offers"),
            rounds=option("--benchmark-rounds"),
            has_million=option("--benchmark-million"),
            has_ten_million=option("--benchmark-ten-million"),
            is_small=option("--benchmark-small"),
        )
        return replace(plan, offers=SMALL_OFFERS, rounds=1) if plan.is_small else plan

    @property
    def scale(self) -> list[int]:
        """The sizes over which time and memory are followed."""
        more = [MILLION] * self.has_million + [10 * MILLION] * self.has_ten_million
        return sorted({max(1, self.offers // 10), max(1, self.offers * 3 // 10), self.offers, *more})

    def rounds_of(self, offers: int, *, most: int | None = None) -> int:
        """Return how often a case of this size is measured."""
        rounds = min(self.rounds, most or self.rounds)
        if offers < FEW_ROUNDS_FROM:
            return rounds
        return min(rounds, FEW_ROUNDS if offers < 10 * FEW_ROUNDS_FROM else 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as the JSON of a run keeps it."""
        return asdict(self)


@dataclass(kw_only=True)
class Bench:
    """One benchmark while it runs."""

    benchmark: Any
    """The fixture of pytest-benchmark."""
    plan: Plan
    stock_files: StockFiles
    shop_named: Callable[[str], Any]

    def stock_file(self, *, offers: int = 0, warehouses: int = 3) -> StockFile:
        """Return the file of so many offers; the usual number when not said."""
        return self.stock_files.get(offers or self.plan.offers, warehouses=warehouses)

    def shop(self, name: str, stock_file: StockFile) -> Shop:
        """Return the shop of this name, with the products of the file."""
        shop: Shop = self.postgres if name == POSTGRESQL else self.shop_named("sqlite")
        shop.fill(stock_file)
        return shop

    @property
    def postgres(self) -> PostgresShop:
        """The shop on PostgreSQL."""
        shop: PostgresShop = self.shop_named("postgres")
        return shop

    def measure(  # noqa: PLR0913  # what a round consists of
        self,
        case: Case,
        target: Callable[[], object],
        *,
        setup: Callable[[], object] = gc.collect,
        teardown: Callable[[], object] = gc.collect,
        rounds: int | None = None,
        figures: Figures | None = None,
    ) -> None:
        """Time `target` as often as the plan says, each time between `setup` and `teardown`."""

        def settle() -> None:
            setup()
            gc.collect()

        self.benchmark.group = case.section.value
        self.benchmark.pedantic(
            target,
            setup=settle,
            teardown=teardown,
            rounds=rounds or self.plan.rounds_of(case.offers),
        )
        self.benchmark.extra_info.update({"case": case.as_dict(), **(figures or {})})

    def close(self) -> None:
        """Close Django's connection."""
        disconnect()


def connect(shop: Shop) -> None:
    """Point Django at the shop, with a fresh connection."""
    disconnect()
    connections.settings["default"].update(database(shop.url))
    connections["default"].ensure_connection()


def disconnect() -> None:
    """Close Django's connection and forget where it led to."""
    with suppress(AttributeError):  # none was made
        connections["default"].close()
        del connections["default"]
