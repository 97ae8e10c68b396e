"""Where 1C's ids stand in the shop: a field of its rows, or a path to one across relations."""

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations

from stock_loader.database.paths import Field, Model, is_indexed, is_unique


class KeyKind(NamedTuple):
    """How a text of 1C becomes a value of a column, and whether it can be one at all.

    A row is found by the text that its value is written as: `7` finds the number 7, `007` does not.
    """

    pattern: str
    """Of the texts that can stand for a value, as Python and PostgreSQL read it."""
    sql_type: str
    """What PostgreSQL casts such a text to."""
    value_of: Callable[[str], Any]


TEXT = KeyKind("", "text", str)
WHOLE_NUMBER = KeyKind("^(0|-?[1-9][0-9]{0,17})$", "bigint", int)
UUID = KeyKind("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "uuid", uuid.UUID)

KINDS: dict[type[Field], KeyKind] = {
    models.CharField: TEXT,
    models.TextField: TEXT,
    models.IntegerField: WHOLE_NUMBER,
    models.UUIDField: UUID,
}
"""By the fields whose descendants they are for."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A path from a row to the field that holds an id."""

    path: str
    field: Field
    """The last one on the path."""
    kind: KeyKind
    is_own: bool
    """Whether it is a column of the row itself."""
    is_unique_column: bool
    """Whether it is such a column, and no two rows of the whole table (not only of those that count) share a value."""
    is_unique: bool
    """Whether the models promise that no id leads to two of the rows that count."""
    is_indexed: bool

    @property
    def is_text(self) -> bool:
        """Tell whether ids are stored as they stand in the file."""
        return self.kind is TEXT

    def values_of(self, texts: Iterable[str]) -> dict[Any, str]:
        """Return the texts by the values that they stand for, without those that the column cannot hold."""
        if self.is_text:
            return {text: text for text in texts}
        matches, value_of = re.compile(self.kind.pattern, re.ASCII).fullmatch, self.kind.value_of
        values = {value_of(text): text for text in texts if matches(text)}
        if self.kind is WHOLE_NUMBER:
            low, high = BaseDatabaseOperations.integer_field_ranges[self.field.get_internal_type()]
            return {value: text for value, text in values.items() if low <= value <= high}
        return values

    def equals(self, column: str, text: str) -> str:
        """Return SQL of PostgreSQL that says whether `column` holds the value of the SQL expression `text`."""
        if self.is_text:
            return f"{column} = {text}"
        return f"{column} = CASE WHEN {text} ~ '{self.kind.pattern}' THEN ({text})::{self.kind.sql_type} END"

    def is_given(self, column: str) -> str:
        """Return SQL that says whether `column` holds an id."""
        return f"{column} <> ''" if self.is_text else f"{column} IS NOT NULL"

    def given(self) -> dict[str, Any]:
        """Return the look-up of the rows that have an id. Some fields, such as oscar's, keep no empty text but NULL."""
        may_be_empty = self.is_text and self.field.get_prep_value("") is not None
        return {f"{self.path}__gt": ""} if may_be_empty else {f"{self.path}__isnull": False}


def read_key(model: Model, path: str, steps: list[Field], fixed: frozenset[str]) -> Key | None:
    """Return the key at the end of `path`, whose fields are `steps`; None where the last one can hold no id.

    `fixed` are the fields of `model` that have one and the same value in all the rows that count.
    """
    first, *rest = steps
    kind = next((kind for parent, kind in KINDS.items() if isinstance(steps[-1], parent)), None)
    if kind is None:
        return None
    is_own = not rest and first in model._meta.local_concrete_fields
    return Key(
        path=path,
        field=steps[-1],
        kind=kind,
        is_own=is_own,
        is_unique_column=is_own and is_unique(first),
        is_unique=is_unique(first, fixed) and all(map(is_unique, rest)),
        is_indexed=is_indexed(first, fixed) and all(map(is_indexed, rest)),
    )
