"""The offers of a container: records out of its finished children, the usual ones a batch at a time."""

from itertools import islice

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.markup import OFFER, local_name, refuse_nested_offers
from stock_loader.commerceml.offers.any_layout import AnyLayoutReader
from stock_loader.commerceml.offers.batch import BatchReader
from stock_loader.commerceml.offers.numbers import WHOLE_PIECES, NumberCache, QuantityLimits
from stock_loader.commerceml.offers.usual_layout import UsualLayoutReader
from stock_loader.commerceml.offers.warehouses import WarehouseFilter
from stock_loader.commerceml.records import StockRecord


class ContainerReader:
    """Reads offers out of containers of one document; `warehouses` tells which count, None: all."""

    def __init__(self, warehouses: WarehouseFilter | None, *, limits: QuantityLimits = WHOLE_PIECES) -> None:
        self._numbers = NumberCache()
        self._warehouses = warehouses
        self._limits = limits
        self.batch_reader = BatchReader(self._numbers, warehouses, limits=limits)
        """Reads offers whose texts were found otherwise than in a tree."""
        self._offer_reader = AnyLayoutReader(self._numbers, warehouses, limits=limits)
        self._batch_readers: dict[str, UsualLayoutReader] = {}

    def take(self, container: _Element, count: int, *, lines_before: int = 0) -> list[StockRecord]:
        """Return the records of the first `count` children and drop these.

        `container` may have one child more, which is unfinished. `lines_before` is added to what lxml says is a line.

        Raises:
            DocumentError: an offer stands deeper than among the children.
        """
        if count < 1:
            return []
        records = self._batch_reader(container).read(container, count, lines_before=lines_before)
        if records is None:
            refuse_nested_offers(container, lines_before=lines_before)
            records = self._read_one_by_one(container, count, lines_before)
        del container[:count]
        return records

    def _batch_reader(self, container: _Element) -> UsualLayoutReader:
        namespace = etree.QName(container).namespace or ""
        reader = self._batch_readers.get(namespace)
        if reader is None:
            reader = UsualLayoutReader(self._numbers, namespace, self._warehouses, limits=self._limits)
            self._batch_readers[namespace] = reader
        return reader

    def _read_one_by_one(self, container: _Element, count: int, lines_before: int) -> list[StockRecord]:
        offers = (element for element in islice(container, count) if local_name(element) == OFFER)
        return [self._offer_reader.read(offer, lines_before=lines_before) for offer in offers]
