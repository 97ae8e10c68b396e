"""The options of the command line, named after the fields of `Catalogue` and `Document` that they set."""

import argparse
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from typing import NoReturn

from fixtures_generator.catalogue import Catalogue
from fixtures_generator.document import NAMESPACES, Document, Encoding
from fixtures_generator.layouts import FORMS, Layout, check_warehouses

DESCRIPTION = """\
Write a synthetic CommerceML stock file (rests.xml) as 1C writes it. The same arguments give the same
bytes, and memory stays flat whatever the size."""
EPILOG = """\
A SHARE is a part of all offers from 0 to 1, and holds exactly: round(SHARE * N) offers, spread evenly.

example: a file, and the same with other totals in exactly 5% of its offers
  python -m fixtures_generator --offers 100000 --output rests.xml
  python -m fixtures_generator --offers 100000 --changed-share 0.05 --output rests_changed.xml"""

KIND_SHARES = {
    "zero": "0 in every warehouse",
    "fractional": "fractional quantities, with a decimal point or a decimal comma in turn",
    "negative": "a sum below 0, though only one warehouse is",
    "deleted": "a deletion mark, in one of four ways in turn, beside quantities above 0",
    "unknown": "an id and a sku that the same file without this option does not have",
    "invalid": "a broken quantity: text, NaN, 1e5, 1_000, too large, empty, a child element and more in turn",
    "no-stock": "no quantity anywhere",
    "duplicate": "the id of an earlier offer again, with another total; takes twice as many offers",
    "changed": "another total than in the same file without this option; the others stay as they are",
}


class OneLineParser(argparse.ArgumentParser):
    """Reports a wrong argument in one line, without the usage in front of it."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def build_parser() -> OneLineParser:
    """Build the parser of the command line."""
    parser = OneLineParser(
        prog="python -m fixtures_generator",
        usage="%(prog)s --output PATH [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--output", required=True, metavar="PATH", help="file to write, - for standard output")
    parser.add_argument("--quiet", action="store_true", default=False, help="print nothing when all goes well")
    _add_catalogue(parser.add_argument_group("offers"))
    _add_kinds(parser.add_argument_group("kinds of offers, which exclude each other"))
    _add_document(parser.add_argument_group("form of the document"))
    return parser


def read_options(parser: OneLineParser, options: argparse.Namespace) -> tuple[Catalogue, Document]:
    """Return what the options ask for; what is wrong with them ends the program with exit code 2."""
    given = dict(vars(options))
    if "segment" in given:
        given["segment"], given["segments"] = given["segment"]
    try:
        catalogue = Catalogue(**{f.name: given[f.name] for f in fields(Catalogue) if f.name in given})
        document = Document(**{f.name: given[f.name] for f in fields(Document) if f.name in given})
        check_warehouses(document.layout, catalogue.warehouses)
    except ValueError as error:
        parser.error(str(error))
    return catalogue, document


def _add_catalogue(group: argparse._ArgumentGroup) -> None:
    usual = Catalogue()
    group.add_argument("--offers", type=int, metavar="N", help=f"number of offers (default: {usual.offers})")
    group.add_argument(
        "--warehouses",
        type=int,
        metavar="N",
        help=f"number of warehouses; 0 where the layout has a total (default: {usual.warehouses})",
    )
    group.add_argument(
        "--seed", type=int, metavar="N", help=f"decides ids, skus and quantities (default: {usual.seed})"
    )
    group.add_argument(
        "--segment",
        type=_segment,
        metavar="K/M",
        help="write the K-th of M files that together hold all offers (default: 1/1)",
    )
    group.add_argument("--composite-share", type=float, metavar="SHARE", help="ids of the form GUID#GUID (default: 0)")
    sku = group.add_mutually_exclusive_group()
    sku.add_argument("--sku-share", type=float, metavar="SHARE", help="offers that name their sku (default: 0)")
    sku.add_argument("--sku", dest="sku_share", action="store_const", const=1.0, help="the same as --sku-share 1")


def _add_kinds(group: argparse._ArgumentGroup) -> None:
    for kind, meaning in KIND_SHARES.items():
        group.add_argument(f"--{kind}-share", type=float, metavar="SHARE", help=f"{meaning} (default: 0)")
    group.add_argument(
        "--changed-seed",
        type=int,
        metavar="N",
        help=f"decides which offers change, and to what (default: {Catalogue.changed_seed})",
    )


def _add_document(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--layout",
        type=_member_of(Layout),
        metavar="L",
        help="where the quantity stands: L1 to L4 as 1C writes it, L5 to L10 as readers expect (default: L1)",
    )
    versions = ", ".join(f"{layout} {form.schema_version}" for layout, form in FORMS.items())
    group.add_argument(
        "--schema-version", choices=NAMESPACES, metavar="VERSION", help=f"ВерсияСхемы (default: {versions})"
    )
    group.add_argument(
        "--namespace", type=_namespace, metavar="URI", help="or none (default: that of the schema version)"
    )
    group.add_argument(
        "--encoding",
        type=_member_of(Encoding),
        metavar="NAME",
        help=f"{', '.join(Encoding)} (default: utf-8)",
    )
    group.add_argument(
        "--bom",
        action=argparse.BooleanOptionalAction,
        help="begin UTF-8 with a byte order mark, as 1C does (default: yes)",
    )
    group.add_argument("--crlf", action="store_true", help="end lines with CR LF (default: LF)")
    shape = group.add_mutually_exclusive_group()
    shape.add_argument("--indent", dest="compact", action="store_false", help="indent with tabs (default)")
    shape.add_argument("--compact", action="store_true", help="write everything in one line")
    group.add_argument("--date", metavar="ISO", help=f"ДатаФормирования, without a zone (default: {Document.date})")


def _member_of(names: type[StrEnum]) -> Callable[[str], StrEnum]:
    def convert(text: str) -> StrEnum:
        try:
            return names(text)
        except ValueError:
            msg = f"expected one of {', '.join(names)}, not {text!r}"
            raise argparse.ArgumentTypeError(msg) from None

    return convert


def _segment(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    try:
        return int(number), int(count)
    except ValueError:
        msg = f"expected K/M as in 1/8, not {text!r}"
        raise argparse.ArgumentTypeError(msg) from None


def _namespace(text: str) -> str:
    return "" if text == "none" else text
