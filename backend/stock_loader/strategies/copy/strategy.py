"""`copy`: stream the records into a temporary table while they are parsed, then let the database find what differs.

Memory of this process does not grow with the file. Everything that is said of an offer (superseded, matched, unchanged)
is computed by joins. The temporary tables live in the session and are dropped at the end.
"""

from collections.abc import Generator
from contextlib import closing

from django.db.backends.utils import CursorWrapper

from stock_loader.outcome import Findings, ListedOffer, Written
from stock_loader.reasons import Reason
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.copy.change_table import ChangeTable
from stock_loader.strategies.copy.lines import CopyLines, send_copy
from stock_loader.strategies.copy.matching import Matching


class Copy(ChangeTable):
    """The strategy `copy`.

    Queries: one COPY and about ten statements, whatever the number of offers; ten more for all that `rules` ask.
    """

    def __init__(self, *, rules: MatchRules = ONE_OFFER_ONE_PRODUCT) -> None:
        super().__init__(rules=rules)
        self._rules = rules

    def read(self, open_records: OpenRecords) -> Findings:
        """Stream all records to the server, match them there and count."""
        self.close()
        with self.connection.cursor() as cursor:
            self.runner.execute(cursor, self.sql.CREATE)
            lines = CopyLines(open_records())
            send_copy(cursor, self.sql.OFFERS, lines)
            matching = Matching(self.mapping, self._rules, self.runner)
            matching.match(cursor, lines)
            return matching.findings(cursor, lines)

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected, a few thousand from the server at a time."""
        with closing(self.runner.rows(self.sql.LIST_REJECTED, [list(Reason)])) as rows:
            yield from map(ListedOffer.of, rows)

    def lock(self, cursor: CursorWrapper, findings: Findings) -> Written:
        """Lock the rows, leave out what was deleted or set to the same, and correct what old quantities are told."""
        locked, updated, changed, zeroed, missing, stale = self.runner.lock(cursor)
        if changed < findings.to_change:
            self.runner.execute(cursor, self.sql.DROP_UNCHANGED)
        if stale:
            self.runner.execute(cursor, self.sql.CORRECT_OLD)
        return Written(
            updated=updated,
            changed=changed,
            zeroed=zeroed,
            missing=missing,
            already_equal=locked - updated,
            gone=findings.to_update - locked,
        )

    def close(self) -> None:
        """Drop the temporary tables."""
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql.DROP)
