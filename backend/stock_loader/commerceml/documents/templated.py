"""Slices of the usual rests.xml, read without parsing: a file is one text repeated, with values in between.

What stands between two values of the usual offers is nearly always the same text, tags and white space included: a
separator. A slice that consists of known separators and values, in the order of an offer, is read here with a handful
of passes that Python makes in C. For any other slice this module returns None, and lxml reads it. Nothing here finds a
fault or refuses a document.

How, and why that is safe, stands in `reduction`. What the values say is decided as for `usual_layout` (`BatchReader`).
"""

from collections.abc import Iterator
from itertools import accumulate, compress, repeat
from operator import attrgetter
from typing import NamedTuple

from stock_loader.commerceml.documents.reduction import Reduced, Shape, Template
from stock_loader.commerceml.documents.separators import ROLE_MASKS
from stock_loader.commerceml.offers.batch import Batch, BatchReader, are_equal
from stock_loader.commerceml.records import StockRecord


class Fitted(NamedTuple):
    """A slice that was read here."""

    records: list[StockRecord]
    lines: int
    """Line ends in it."""


class TemplatedReader:
    """Reads slices whose offers repeat one text. `prefix` is that of the names, with its colon."""

    def __init__(self, batch_reader: BatchReader, *, prefix: bytes = b"") -> None:
        self._batch_reader = batch_reader
        self._template = Template(prefix)
        self._has_prefix = bool(prefix)
        self._misfits = 0
        self._pause = 0

    def read(self, content: bytes, *, lines_before: int = 0) -> Fitted | None:
        """Return what the slice says, or None where it does not fit; its lines are `lines_before` more.

        The reader learns from a slice that does not fit. After several in a row that do not, it skips the next ones;
        the more, the longer it skips. Of a file that never fits it tries 8 slices in 500.
        """
        if self._pause:
            self._pause -= 1
            return None
        fitted = self._fitted(content, lines_before)
        if fitted is None and self._template.learn(content):
            fitted = self._fitted(content, lines_before)
        self._misfits = 0 if fitted else self._misfits + 1
        self._pause = 2**self._misfits - 2 if self._misfits else 0
        return fitted

    def _fitted(self, content: bytes, lines_before: int) -> Fitted | None:
        if not self._template.frames(content):
            return None
        reduced = None if self._has_prefix else self._template.without_tags(content)
        if reduced is None:
            reduced = self._template.with_codes(content)
        return None if reduced is None else self._read(reduced, lines_before)

    def _read(self, reduced: Reduced, lines_before: int) -> Fitted | None:
        first_line = lines_before + self._template.first_line
        lines = list(accumulate(_of_each(reduced.shapes, "lines"), initial=first_line))
        records = self._batch_reader.records(_batch(reduced, lines))
        return None if records is None else Fitted(records, lines[-1] - first_line)


def _of_each(shapes: list[Shape], name: str) -> list[int]:
    if are_equal(shapes):
        return [getattr(shapes[0], name)] * len(shapes)
    return list(map(attrgetter(name), shapes))


def _batch(reduced: Reduced, lines: list[int]) -> Batch:
    """Part the values by what they are."""
    values, shapes = reduced
    sizes, warehouse_sizes = _of_each(shapes, "quantities"), _of_each(shapes, "warehouses")
    if not are_equal(shapes):
        roles = b"".join(shape.roles for shape in shapes)
        ids, skus, warehouses, quantities = (list(compress(values, roles.translate(mask))) for mask in ROLE_MASKS)
        return Batch(lines, ids, _skus_or_none(skus, shapes), quantities, sizes, warehouses, warehouse_sizes)
    size = len(shapes[0].roles)
    ids, skus = values[::size], values[1::size]
    del values[::size]
    if shapes[0].skus:
        del values[:: size - 1]
    warehouses, quantities = (values[::2], values[1::2]) if warehouse_sizes[0] else ([], values)
    return Batch(lines, ids, skus if shapes[0].skus else repeat(""), quantities, sizes, warehouses, warehouse_sizes)


def _skus_or_none(skus: list[str], shapes: list[Shape]) -> Iterator[str]:
    rest = iter(skus)
    return (next(rest) if shape.skus else "" for shape in shapes)
