"""What a bad export trips, checked between reading and writing: limits on real counts, and what documents are."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import NamedTuple

from stock_loader.commerceml.dates import DateSpan, DocumentClock
from stock_loader.commerceml.markup import CHANGES, ONLY_CHANGES
from stock_loader.commerceml.snapshot_reader import ReadDocument
from stock_loader.errors import Message, OlderFileError, RefusedByGuardError
from stock_loader.outcome import Findings
from stock_loader.reasons import translatable
from stock_loader.settings import setting_name

OFF = "off"


class Limit(NamedTuple):
    """The most that a load may do of one thing."""

    number: float
    is_percent: bool
    at_least: int = 0
    """Fewer than this never trip a percentage: of five offers one is 20 %."""

    def text(self) -> str:
        """Return the limit as the operator writes it."""
        return f"{self.number:g}{'%' if self.is_percent else ''}"

    def is_tripped(self, count: int, whole: Callable[[], int], *, of_nothing_else: int = 0) -> bool:
        """Tell whether `count` is more than the limit; `whole` counts what a percentage is of.

        `of_nothing_else` is how many there are where nothing else is: then any percentage is tripped, 100 % too.
        """
        if not self.is_percent:
            return count > self.number
        if of_nothing_else:
            return of_nothing_else >= self.at_least
        return count >= max(self.at_least, 1) and count * 100 > self.number * whole()


@dataclass(frozen=True, kw_only=True)
class Guards:
    """The limits of one load; None where there is none."""

    max_zeroed: Limit | None = None
    """Products that go from above 0 to 0; a percentage is of the products in stock."""
    max_changed: Limit | None = None
    """Products whose quantity changes; a percentage is of all products."""
    max_not_found: Limit | None = None
    """Offers without a product; a percentage is of the offers read, and any is tripped where none has a product."""
    max_invalid: Limit | None = None
    """Offers with an unreadable quantity; a percentage is of the offers read."""

    def one_by_one(self) -> "Iterator[Guards]":
        """Yield each limit alone, in the order in which they are checked."""
        for limit in fields(self):
            yield Guards(**{limit.name: getattr(self, limit.name)})


def parse_limit(text: str, *, at_least: int = 0) -> Limit | None:
    """Return the limit that `text` stands for: `50%`, `1000`, or `off` for none.

    Raises:
        ValueError: none of these.
    """
    if text == OFF:
        return None
    match = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(%?)", text, re.ASCII)
    if not match or (match[2] and float(match[1]) > 100):  # noqa: PLR2004
        raise ValueError(f"no limit: {text!r}")
    return Limit(float(match[1]), bool(match[2]), at_least)


class _Guard(NamedTuple):
    """What one limit is about."""

    name: str
    """Of the field of `Guards`."""
    text: str
    """What trips it."""
    count: Callable[[Findings], int]
    whole: str = "offers"
    """What a percentage is of: `in_stock`, `products` or `offers`."""
    of_nothing_else: Callable[[Findings], int] = lambda _: 0
    """How many there are where nothing else is, else 0."""


def _of_no_product(findings: Findings) -> int:
    """Return how many offers the file has where none leads to a product, else 0; those that repeat one are some too.

    Left out is what was not looked up for its own sake: an offer that is invalid or has no quantity may have a product.
    """
    without = findings.not_found + findings.ambiguous
    return 0 if findings.matched or not without else without + findings.duplicate


_GUARDS = (
    _Guard(
        "max_zeroed",
        translatable("products in stock that would go to 0: %(count)s, the limit is %(limit)s (--max-zeroed)."),
        count=lambda findings: findings.to_zero,
        whole="in_stock",
    ),
    _Guard(
        "max_changed",
        translatable("products that would change: %(count)s, the limit is %(limit)s (--max-changed)."),
        count=lambda findings: findings.to_change,
        whole="products",
    ),
    _Guard(
        "max_not_found",
        translatable("offers without a product: %(count)s, the limit is %(limit)s (--max-not-found)."),
        count=lambda findings: findings.not_found + findings.ambiguous,
        of_nothing_else=_of_no_product,
    ),
    _Guard(
        "max_invalid",
        translatable("invalid offers: %(count)s, the limit is %(limit)s (--max-invalid)."),
        count=lambda findings: findings.invalid,
    ),
)
"""In the order in which they are checked."""


def check_guards(
    guards: Guards, findings: Findings, *, in_stock: Callable[[], int], products: Callable[[], int]
) -> None:
    """Let a load pass, or refuse it.

    Raises:
        RefusedByGuardError: a limit is tripped.
    """
    if tripped := tripped_limit(guards, findings, in_stock=in_stock, products=products):
        raise RefusedByGuardError(
            "%(what)s Nothing was loaded. Check the export; to load it all the same, repeat with --force.", what=tripped
        )


def tripped_limit(
    guards: Guards, findings: Findings, *, in_stock: Callable[[], int], products: Callable[[], int]
) -> Message | None:
    """Return which limit is tripped first, if any. Counts products only where a percentage of them may be tripped."""
    wholes = {"in_stock": in_stock, "products": products, "offers": lambda: findings.total}
    for guard in _GUARDS:
        limit: Limit | None = getattr(guards, guard.name)
        count = guard.count(findings)
        if limit and limit.is_tripped(count, wholes[guard.whole], of_nothing_else=guard.of_nothing_else(findings)):
            return Message(guard.text, count=count, limit=limit.text())
    return None


def refuse_older(date: str, *, last: str, tolerance: timedelta, clock: DocumentClock) -> None:
    """Refuse a snapshot that 1C wrote before the one that was loaded last.

    Raises:
        OlderFileError: older by more than `tolerance`; never where one of the dates is none or not believed.
    """
    this_time, last_time = clock.believed(date), clock.believed(last)
    if this_time and last_time and last_time - this_time > tolerance:
        raise OlderFileError(
            "written by 1C at %(date)s, before the file that was loaded last (%(last)s). Nothing was loaded. "
            "Give the newest export; to load this one all the same, repeat with --force.",
            date=date,
            last=last,
        )


def refuse_several_exports(dates: DateSpan, *, tolerance: timedelta) -> None:
    """Refuse to set missing products to 0 by exports of different days: what only the older names would stay.

    Raises:
        RefusedByGuardError: the dates lie further apart than `tolerance`.
    """
    if dates.length > tolerance:
        raise RefusedByGuardError(
            "the documents are of several exports, written from %(earliest)s to %(latest)s: a product that only an "
            "older one names would not be set to 0 (--missing zero). Nothing was loaded. Give only the files of the "
            "newest export; to load all of them all the same, repeat with --force.",
            earliest=dates.earliest,
            latest=dates.latest,
        )


def refuse_unmatched(findings: Findings) -> None:
    """Refuse to set missing products to 0 by a file of which nothing was applied: it is not about this shop.

    Whatever the limits say, which let few products pass: a small shop would be emptied by ids in another spelling.

    Raises:
        RefusedByGuardError: no offer has a product and says its quantity, and products would be set to 0.
    """
    if findings.missing and not findings.matched:
        raise RefusedByGuardError(
            "no offer of the file has a product and a quantity for it, and --missing zero would set %(count)s products "
            "to 0. Nothing was loaded. Compare the ids of the file with those of the shop; to load it all the same, "
            "repeat with --force.",
            count=findings.missing,
        )


def refuse_only_changes(documents: Sequence[ReadDocument]) -> None:
    """Refuse to set missing products to 0 by a document that says of itself that it does not hold all of them.

    Raises:
        RefusedByGuardError: there is one.
    """
    for document in documents:
        if document.says_only_changes:
            error = RefusedByGuardError(
                "the document says of itself that it holds only changes (%(mark)s), and --missing zero would set all "
                "other products to 0. Nothing was loaded. If each export holds the whole stock all the same, as those "
                "of many 1C modules do, say so: --missing zero-always (setting %(setting)s).",
                setting=setting_name("WHOLE_EXPORTS"),
                mark=f"{ONLY_CHANGES} / {CHANGES}",
            )
            raise error.in_file(document.name)
