"""Write synthetic CommerceML stock files of any size, and tell what a loader must make of them.

The command is `python -m fixtures_generator`; the same from Python:

    catalogue = Catalogue(offers=100_000, warehouses=3, seed=1)
    write_file(catalogue, Path("rests.xml"))
    write_file(replace(catalogue, changed_share=0.05), Path("rests_changed.xml"))
    total = sum(offer.quantity or 0 for offer in expected(catalogue))

`Catalogue` is what is said: the offers, their ids and quantities. `Document` is how it is written: layout,
schema version, encoding, line ends. The same catalogue holds the same offers and totals in every document.

Everything about an offer follows from the seed and the offer's index by integer arithmetic, so that

- the same arguments give the same bytes, with every version of Python;
- an offer keeps its id and sku whatever the other options are: a larger catalogue begins with the offers of a
  smaller one (`composite_share`, `unknown_share` and `duplicate_share` are the options that change ids);
- memory stays flat, and any segment of a catalogue can be written by itself.

Standard library only, and nothing in common with the loader that its files are for.
"""

from fixtures_generator.catalogue import Catalogue, Kind
from fixtures_generator.document import Document, Encoding
from fixtures_generator.layouts import Layout
from fixtures_generator.offers import Expectation, expected
from fixtures_generator.writer import write, write_file

__all__ = [
    "Catalogue",
    "Document",
    "Encoding",
    "Expectation",
    "Kind",
    "Layout",
    "expected",
    "write",
    "write_file",
]
