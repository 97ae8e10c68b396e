"""Keys that the models call unique, and the database may hold twice.

An index of a partitioned table is unique only together with the columns by which it is partitioned. Where a shop's key
is not among these, one id may lead to two rows, whatever the models say. Such a key is matched as one that promises
nothing: an offer that leads to several rows is told as ambiguous and changes none.
"""

from dataclasses import replace
from typing import NamedTuple

from stock_loader.database.choice import dialect_of
from stock_loader.database.keys import Key
from stock_loader.database.mapping import ShopMapping
from stock_loader.database.paths import Field, fixed_fields, walk


class Promise(NamedTuple):
    """That no two rows of a table share a value of a column, among rows that all have the same `fixed` columns."""

    table: str
    column: str
    fixed: frozenset[str]


_doubted: dict[str, frozenset[Promise]] = {}
"""What `doubt_keys` found not to be kept, by the alias of the database."""


def doubt_keys(mapping: ShopMapping) -> None:
    """Ask the database which keys may be held twice; from then on the mapping of this process knows.

    At most one query.
    """
    keys = [mapping.onec_id, *([mapping.sku] if mapping.sku else [])]
    promises = {promise for key in keys for promise in _promises(mapping, key)}
    indexes = dialect_of(mapping.connection).indexes_of_spread_tables({promise.table for promise in promises})
    _doubted[mapping.database] = frozenset(
        promise
        for promise in promises
        if promise.table in indexes and not any(_keeps(index, promise) for index in indexes[promise.table])
    )


def without_doubted_promises(mapping: ShopMapping) -> ShopMapping:
    """Return the mapping with keys that promise no more than the database was found to keep."""
    doubted = _doubted and _doubted.get(mapping.database)
    if not doubted:
        return mapping

    def believed(key: Key) -> Key:
        if doubted.isdisjoint(_promises(mapping, key)):
            return key
        return replace(key, is_unique=False, is_unique_column=False)

    return replace(mapping, onec_id=believed(mapping.onec_id), sku=mapping.sku and believed(mapping.sku))


def _promises(mapping: ShopMapping, key: Key) -> list[Promise]:
    """Return what the models promise of the fields on the path of the key."""
    steps = [_stored(field) for field in walk(mapping.model, key.path)]
    names = fixed_fields(mapping.model, mapping.row_filter)
    fixed = frozenset(_stored(mapping.model._meta.get_field(name)).column for name in names)
    return [
        Promise(field.model._meta.db_table, field.column, frozenset() if place else fixed)
        for place, field in enumerate(steps)
    ]


def _stored(field: Field) -> Field:
    """Return the field that has a column: of a one-to-one relation that leads here, the one on the other side."""
    return field.field if field.auto_created and not field.concrete else field


def _keeps(index: frozenset[str], promise: Promise) -> bool:
    return promise.column in index and index - promise.fixed <= {promise.column}
