"""What the statements of `copy` for MariaDB and MySQL call the shop's table and columns.

Beside what `Names` says: `{places}` are the decimal places of quantities, `{exact}` is a type that subtracts them,
`{text}` are character set and collation of the texts of a file, `{hashed}` begins a statement that joins by hashing.
So do `{hashed_by_onec_id}` and `{hashed_by_sku}` where the shop has no index for it, and then digests are compared: no
table is hashed by a long text. `{by_onec_id}`, `{by_product_id}` and `{by_sku}` are offers `o` with their rows `p`.
"""

from collections.abc import Callable

from django.db import models

from stock_loader.database.keys import WHOLE_NUMBER, Key
from stock_loader.database.mysql_collation import collations, exact_collation
from stock_loader.database.paths import walk
from stock_loader.strategies.copy.names import Names

HASHED = (
    "SET STATEMENT join_cache_level = 4, join_buffer_size = 67108864, join_buffer_space_limit = 134217728,"
    " optimizer_switch = 'join_cache_hashed=on,outer_join_with_cache=on' FOR"
)
"""MariaDB joins row by row unless it is told otherwise, without an index for hours. Then it hashes always, also where
an index is quicker: 10 offers of 100,000 products take 0.1 s and without it none to speak of."""

DIGESTS = {"o.onec_id": "o.digest", "o.product_id": "o.product_base", "o.sku": "o.sku_base"}
"""Of the texts of an offer, the columns of their digests."""


class MySQLNames(Names):
    """The names, and the parameters of `{stored}`."""

    def extra(self) -> dict[str, str]:
        """Return what only these statements name."""
        hashed = HASHED if getattr(self.mapping.connection, "mysql_is_mariadb", False) else ""
        sku, places = self.mapping.sku, self.mapping.limits().places
        return {
            "places": str(places),
            "exact": f"DECIMAL(65, {places})",
            "text": f"CHARACTER SET utf8mb4 COLLATE {exact_collation(self.mapping.connection)}",
            "hashed": hashed,
            "needs_digests": str(_is_digested(self.mapping.onec_id)).upper(),
            "hashed_by_onec_id": "" if self.mapping.onec_id.is_indexed else hashed,
            "hashed_by_sku": "" if sku is None or sku.is_indexed else hashed,
            "by_onec_id": self._joined("tmp_stock_offer", self.mapping.onec_id, "onec_id_matches"),
            "by_product_id": self._joined("tmp_stock_missed", self.mapping.onec_id, "product_id_matches"),
            "by_sku": self._joined("tmp_stock_missed", sku, "sku_matches"),
        }

    def _joined(self, offers: str, key: Key | None, matches: str) -> str:
        """Return a table of offers joined to the rows that count, in the order that has use of an index or of digests.

        Offers are looked up by the index of the shop's own table. Of digests only those of the offers are columns, and
        so can be hashed. In what order the tables are taken in which a path of the shop leads, the server knows best.
        """
        offers, rows, matches = f"{offers} o", self.values["stored"], self.values[matches]
        if key and _is_digested(key):
            return f"{rows} STRAIGHT_JOIN {offers} ON {matches}"
        return f"{offers} {'STRAIGHT_JOIN' if self.mapping.is_plain else 'JOIN'} {rows} ON {matches}"

    def matching(self, key: Key, column: str) -> Callable[[str], str]:
        """Return what makes of the SQL of a text the condition that `column` of `key` holds it and no other.

        In the collation of the column, for its index, and in the exact one; by digests where there is no index.
        """
        field = walk(self.mapping.model, key.path)[-1]
        if _is_digested(key):
            return lambda text: f"{DIGESTS[text]} = UNHEX(SHA2({column}, 256))"
        if key.is_text:
            exact = exact_collation(self.mapping.connection)
            collation = collations(self.mapping.connection, field.model._meta.db_table).get(field.column, exact)
            if collation == exact:
                return lambda text: f"{column} = {text}"
            return lambda text: f"({column} = {text} COLLATE {collation} AND {column} COLLATE {exact} = {text})"
        if key.kind is WHOLE_NUMBER:
            return lambda text: (
                f"{column} = CASE WHEN {text} REGEXP '{key.kind.pattern}' THEN CAST({text} AS SIGNED) END"
            )
        stored = "{}" if self._has_uuids else "REPLACE({}, '-', '')"
        return lambda text: f"{column} = CASE WHEN {text} REGEXP '{key.kind.pattern}' THEN {stored.format(text)} END"

    def has_id(self, key: Key, column: str) -> str:
        """Return the condition that `column` holds an id: in most collations blanks are equal to an empty text."""
        return f"CHAR_LENGTH({column}) > 0" if key.is_text else f"{column} IS NOT NULL"

    def as_text(self, path: str, column: str) -> str:
        """Return SQL for the text of what stands in `column`, the field at the end of `path`."""
        text = f"CAST({column} AS CHAR)"
        if not isinstance(walk(self.mapping.model, path)[-1], models.UUIDField) or self._has_uuids:
            return text
        parts = ", ".join(f"SUBSTR({column}, {start}, {size})" for start, size in ((1, 8), (9, 4), (13, 4), (17, 4)))
        return f"CONCAT_WS('-', {parts}, SUBSTR({column}, 21))"

    @property
    def _has_uuids(self) -> bool:
        """Whether the database has a type for UUIDs; else they are texts without dashes."""
        return self.mapping.connection.features.has_native_uuid_field


def _is_digested(key: Key) -> bool:
    """Tell whether digests of texts are compared."""
    return key.is_text and not key.is_indexed
