"""How `copy` finds what the records in its temporary table lead to, and counts it; all by joins in the database."""

from collections import Counter
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper

from stock_loader.database.mapping import ShopMapping
from stock_loader.outcome import MAX_LISTED, Findings, ListedOffer
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy.lines import CopyLines
from stock_loader.strategies.copy.runner import Runner
from stock_loader.strategies.counts import REASONS


class Judged(NamedTuple):
    """What was counted of the offers that lead to products otherwise than by their ids alone."""

    unchanged: int = 0
    by_sku: int = 0
    summed: int = 0
    equal_totals: int = 0
    first_equal_total: str = ""


class Matching:
    """One matching of the records; made for one `read`."""

    def __init__(self, mapping: ShopMapping, rules: MatchRules, runner: Runner) -> None:
        self._rules = rules
        self._runner, self._sql, self._settling = runner, runner.sql, runner.settling
        self._has_sku = mapping.sku is not None
        self._may_be_several = not mapping.onec_id.is_unique
        self._rejected = 0
        """Rows of the table of rejected offers."""
        self._has_judged = False
        """Whether offers lead to products otherwise than by their ids; there is no table of the judged ones without."""

    def match(self, cursor: CursorWrapper, lines: CopyLines) -> None:
        """Find the products that every offer leads to, and which offers count."""
        self._has_judged = False
        self._runner.expect(cursor, lines.total)
        matched = self._runner.execute(cursor, self._sql.MATCH_BY_ONEC_ID)
        if self._may_be_several:
            matched -= self._runner.execute(cursor, self._sql.FIND_SEVERAL, found="stock_match")
        is_any_missed = matched < lines.total
        if is_any_missed or self._rules.zeroes_missing:
            self._runner.execute(cursor, self._sql.FIND_MISSED)
        self._drop_superseded(cursor, found="stock_match", key="product")
        if not is_any_missed:
            return
        self._drop_superseded(cursor, found="stock_missed", key="key")
        if self._may_be_several:
            self._reject_several(cursor)
        if self._find_leads(cursor):
            if self._rules.sums_variants or self._rules.sku_takes_any:
                self._runner.execute(cursor, self._settling.ADD_OWN_OFFERS)
            self._runner.execute(cursor, self._settling.JUDGE)
            self._has_judged = True
            self._rejected += self._runner.execute(cursor, self._settling.REJECT_JUDGED)

    def _drop_superseded(self, cursor: CursorWrapper, *, found: str, key: str) -> None:
        """Drop from `found` what gives way to another offer of its key."""
        if self._runner.row(cursor, self._sql.COUNT_REPEATED, found=found, key=key)[0]:
            self._rejected += self._runner.execute(cursor, self._sql.FIND_SUPERSEDED, found=found, key=key)
            self._runner.execute(cursor, self._sql.DROP_SUPERSEDED, found=found)

    def _find_leads(self, cursor: CursorWrapper) -> bool:
        """Find the products to which offers lead as parts or by sku; tell whether there are any."""
        parts = 0
        if self._rules.sums_variants:
            parts = self._runner.execute(cursor, self._settling.FIND_PARTS)
            if parts and self._may_be_several:
                parts -= self._runner.execute(cursor, self._sql.FIND_SEVERAL, found="stock_lead")
                self._reject_several(cursor)
            if parts:
                self._runner.execute(cursor, self._settling.DROP_PARTS)
        if not self._has_sku:
            return bool(parts)
        by_sku, claimed = self._runner.row(cursor, self._settling.MATCH_BY_SKU)
        self._rejected += claimed
        return bool(parts or by_sku)

    def _reject_several(self, cursor: CursorWrapper) -> None:
        """Take what leads to several rows from what has none."""
        self._rejected += self._runner.execute(cursor, self._sql.REJECT_SEVERAL)

    def findings(self, cursor: CursorWrapper, lines: CopyLines) -> Findings:
        """Find what differs, return what was counted."""
        reasons = self._reasons(cursor) if lines.problems or self._rejected else Counter()
        counts = {name: sum(reasons[reason] for reason in kinds) for name, kinds in REASONS.items()}
        (unchanged,) = self._runner.row(cursor, self._sql.COUNT_MATCHES)
        self._runner.execute(cursor, self._sql.FIND_CHANGES)
        judged = self._judged(cursor) if self._has_judged else Judged()
        unchanged += judged.unchanged
        if self._rules.zeroes_missing and lines.total:
            self._runner.execute(cursor, self._sql.FIND_MISSING)
        to_update, to_change, to_zero, missing = self._runner.row(cursor, self._sql.COUNT_CHANGES)
        not_found = lines.total - to_update - unchanged - sum(counts.values()) + counts["not_found"]
        return Findings(
            to_update=to_update,
            unchanged=unchanged,
            not_found=not_found,
            ambiguous=counts["ambiguous"],
            invalid=counts["invalid"],
            duplicate=counts["duplicate"],
            no_stock_data=counts["no_stock_data"],
            ambiguous_key=reasons[Reason.AMBIGUOUS_KEY],
            other_id=reasons[Reason.OTHER_1C_ID],
            matched_by_sku=judged.by_sku,
            rounded=lines.rounded,
            negative=lines.negative,
            deleted=lines.deleted,
            summed=judged.summed,
            missing=missing,
            to_change=to_change,
            to_zero=to_zero,
            not_found_offers=self._listed(cursor, "not_found") if not_found else (),
            ambiguous_offers=self._listed(cursor, "ambiguous") if counts["ambiguous"] else (),
            invalid_offers=self._listed(cursor, "invalid") if counts["invalid"] else (),
            equal_totals=judged.equal_totals,
            first_equal_total=judged.first_equal_total,
        )

    def _reasons(self, cursor: CursorWrapper) -> Counter[Reason]:
        """Return how many offers were rejected for which reason; without those that no product has."""
        self._runner.execute(cursor, self._sql.COUNT_REJECTED)
        return Counter({Reason(code): count for code, count in cursor.fetchall()})

    def _judged(self, cursor: CursorWrapper) -> Judged:
        """Find what differs by the offers that were judged, and count them."""
        self._runner.execute(cursor, self._settling.FIND_JUDGED_CHANGES)
        unchanged, by_sku, summed = self._runner.row(cursor, self._settling.COUNT_JUDGED)
        equal: Any = None
        if summed:
            equal = self._runner.row(cursor, self._settling.FIND_EQUAL_TOTALS)
        return Judged(unchanged, by_sku, summed, *(equal or ()))

    def _listed(self, cursor: CursorWrapper, count: str) -> tuple[ListedOffer, ...]:
        """Return the first offers that landed in the count of this name."""
        listed = self._runner.first(cursor, self._sql.LIST_REJECTED, [REASONS[count]], limit=MAX_LISTED)
        return tuple(map(ListedOffer.of, listed))
