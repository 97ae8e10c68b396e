"""Reading of made-up documents, for the tests of the parser."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fixtures_generator import Catalogue, Document, write_file
from fixtures_generator.layouts import Layout
from tests.stock_loader.commerceml.stock_files import DECLARATION, package

NOT_XML = "not a stock file: expected XML with the root element КоммерческаяИнформация, saw "


NESTED = (
    "line %d: an offer (Предложение) stands inside another element of Предложения. The file is broken; export it again."
)


REST = "<Остатки><Остаток><Склад><Ид>w1</Ид><Количество>%s</Количество></Склад></Остаток></Остатки>"


def offer(onec_id: str, quantity: object) -> str:
    return f"<Предложение><Ид>{onec_id}</Ид>{REST % quantity}</Предложение>\n"


def document(*parts: str, root: str = "КоммерческаяИнформация", attributes: str = "") -> str:
    return f"{DECLARATION}<{root}{attributes}>{''.join(parts)}</{root}>"


def in_package(*parts: str, name: str = "ПакетПредложений") -> str:
    return f"<{name}>{''.join(parts)}</{name}>"


def container(*offers: str) -> str:
    return f"<Предложения>{''.join(offers)}</Предложения>"


TWO_OFFERS = container(offer("a", 5), offer("b", 7))


TWO_RECORDS = [("a", 5), ("b", 7)]


GOOD = package(offer("a", 5) + offer("b", 7))


def generated(layout: Layout, folder: Path) -> bytes:
    few = Catalogue(offers=4, sku_share=0.5, fractional_share=0.3, deleted_share=0.2, invalid_share=0.2)
    write_file(few, folder / "rests.xml", document=Document(layout=layout))
    return (folder / "rests.xml").read_bytes()


SEED = package(
    offer("a-1", 5) + offer("b-2", 17) + "<Предложение><Ид>c-3</Ид><Количество>8</Количество></Предложение>\n"
).encode()


with TemporaryDirectory() as folder:
    SEEDS = [SEED, *(generated(layout, Path(folder)) for layout in Layout)]


TAGS = [b"<", b">", b"</", b"/>", b"&lt;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE x>", b"&x;"]


MARKUP = [*TAGS, *(name.encode() for name in ("<Ид>", "</Ид>", "<Предложение>", "</Предложение>"))]
