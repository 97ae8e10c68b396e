"""Large things in a document: refused, or read in bounded memory and time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stock_loader.commerceml.hostile import BACKEND, CHILD, LIMIT_SECONDS, OFFER, parse_in_child
from tests.stock_loader.commerceml.stock_files import package

TOO_LARGE = (
    "more than 4 MiB without the end of an offer or another element. A stock file has none such; export it again."
)


HEAD, TAIL = package("\0").split("\0")


def write_repeated(path: Path, text: str, count: int, *, before: str = "", after: str = "") -> None:
    """Write a document whose offers are `before`, `count` times `text`, and `after`."""
    with path.open("w") as file:
        file.write(HEAD + before)
        for _ in range(count // 1000):
            file.write(text * 1000)
        file.write(after + TAIL)


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("<Предложение><Ид>", "x" * 100, "</Ид></Предложение>"),
        ("<Предложение><Количество>", "1" * 100, "</Количество></Предложение>"),
        ("", " " * 100, ""),
        ("<!--", "x" * 100, "-->"),
        ("<![CDATA[", "x" * 100, "]]>"),
        ("<?x ", "x" * 100, "?>"),
        ('<Предложение Статус="', "x" * 100, '"/>'),
    ],
    ids=["id", "quantity", "spaces", "comment", "cdata", "instruction", "attribute"],
)
def test_text_of_12_megabytes_is_refused(rests: Path, before: str, piece: str, after: str) -> None:
    write_repeated(rests, piece, 120_000, before=OFFER + before, after=after)
    outcome = parse_in_child(rests)
    assert (outcome.records, outcome.refusal) in {(0, TOO_LARGE), (1, TOO_LARGE)}
    assert outcome.peak_mib < 100


def test_million_attributes_are_refused(rests: Path) -> None:
    with rests.open("w") as file:
        file.write(f"{HEAD}{OFFER}<Предложение")
        for number in range(1_000_000):
            file.write(f' a{number:x}=""')
        file.write(f"/>{TAIL}")
    outcome = parse_in_child(rests)
    assert outcome.refusal == TOO_LARGE
    assert outcome.peak_mib < 200


@pytest.mark.parametrize("depth", [254, 257, 100_000])
def test_deep_document_is_refused(rests: Path, depth: int) -> None:
    rests.write_text(f"{HEAD}{OFFER}{'<x>' * depth}{'</x>' * depth}{TAIL}")
    assert (
        "not well-formed XML: a text or name is longer, or elements lie deeper, than in any stock file."
        in parse_in_child(rests).refusal
    )


def test_deep_but_possible_document_is_read(rests: Path) -> None:
    rests.write_text(f"{HEAD}{OFFER}{'<x>' * 250}{'</x>' * 250}{TAIL}")
    assert parse_in_child(rests)[:3] == (1, 5, "")


FOREIGN = {
    "in the container": ("", "<x/>", ""),
    "with text": ("", "<x>text</x>tail\n", ""),
    "in the package": ("</Предложения>", "<x/>", "<Предложения>"),
    "in the root": ("</Предложения></ПакетПредложений>", "<x/>", "<ПакетПредложений><Предложения>"),
    "in a section": (
        "</Предложения></ПакетПредложений><Каталог><Товары>",
        "<Товар><Ид>1</Ид></Товар>",
        "</Товары></Каталог><ПакетПредложений><Предложения>",
    ),
    "empty containers": ("</Предложения>", "<Предложения/>", "<Предложения>"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("before", "piece", "after"), FOREIGN.values(), ids=FOREIGN.keys())
def test_two_million_foreign_elements_take_seconds_and_no_memory(
    rests: Path, before: str, piece: str, after: str
) -> None:
    write_repeated(rests, piece, 2_000_000, before=OFFER + before, after=after + OFFER)
    outcome = parse_in_child(rests)
    assert outcome[:3] == (2, 10, "")
    assert outcome.peak_mib < 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "count"),
    [("<x/>", 500_000), ("<Остатки/>", 200_000), ("<Остатки><Остаток>1</Остаток></Остатки>", 60_000)],
)
def test_giant_offer_is_read_in_seconds(rests: Path, piece: str, count: int) -> None:
    write_repeated(rests, piece, count, before=f"{OFFER}<Предложение><Ид>b</Ид>", after=f"</Предложение>{OFFER}")
    outcome = parse_in_child(rests)
    assert outcome[:3] == (3, 10 + 60_000 * ("1" in piece), "")


def test_giant_offer_of_many_warehouses_is_read(rests: Path) -> None:
    rows = "".join(
        f"<Остаток><Склад><Ид>w{number}</Ид><Количество>1</Количество></Склад></Остаток>" for number in range(20_000)
    )
    rests.write_text(f"{HEAD}<Предложение><Ид>b</Ид><Остатки>{rows}</Остатки></Предложение>{TAIL}")
    assert parse_in_child(rests)[:3] == (1, 20_000, "")


def test_offer_without_an_end_is_refused(rests: Path) -> None:
    write_repeated(rests, "<Остатки><Остаток>1</Остаток></Остатки>", 400_000, before=f"{OFFER}<Предложение>")
    outcome = parse_in_child(rests)
    assert outcome[:3] == (1, 5, TOO_LARGE)


@pytest.mark.slow
def test_names_without_end_are_refused_or_bounded(rests: Path) -> None:
    with rests.open("w") as file:
        file.write(HEAD + OFFER)
        for number in range(2_000_000):
            file.write(f"<x{number}/>")
        file.write(TAIL)
    outcome = parse_in_child(rests)
    assert outcome.refusal == "" or "not well-formed XML: " in outcome.refusal
    assert outcome.peak_mib < 250


@pytest.mark.slow
def test_memory_does_not_depend_on_the_number_of_offers(rests: Path) -> None:
    write_repeated(rests, OFFER, 50_000)
    few = parse_in_child(rests)
    write_repeated(rests, OFFER, 500_000)
    many = parse_in_child(rests)
    assert (few[:3], many[:3]) == ((50_000, 250_000, ""), (500_000, 2_500_000, ""))
    assert many.peak_mib - few.peak_mib < 2


@pytest.mark.slow
def test_memory_does_not_depend_on_the_number_of_irregular_offers(rests: Path) -> None:
    irregular = OFFER.replace("<Остатки>", "<Артикул>S</Артикул><Остатки>")
    write_repeated(rests, irregular, 30_000)
    few = parse_in_child(rests)
    write_repeated(rests, irregular, 200_000)
    many = parse_in_child(rests)
    assert many[:3] == (200_000, 1_000_000, "")
    assert many.peak_mib - few.peak_mib < 2


@pytest.mark.slow
def test_million_different_quantities_fill_no_memory(rests: Path) -> None:
    with rests.open("w") as file:
        file.write(HEAD)
        for number in range(500_000):
            file.write(OFFER.replace(">5<", f">{number}.{number:025}<"))
        file.write(TAIL)
    outcome = parse_in_child(rests)
    assert outcome[:3] == (500_000, sum(range(500_000)), "")
    assert outcome.peak_mib < 100


def test_too_little_memory_is_no_silent_end(rests: Path) -> None:
    """The child says so itself: without this, a limit that is never reached would pass every test here."""
    rests.write_text(package(OFFER))
    limited = subprocess.run(
        [
            sys.executable,
            "-c",
            CHILD.replace("refusal = 0, 0", "refusal = 0, bytearray(1 << 30)"),
            str(rests),
            "400",
            str(LIMIT_SECONDS),
        ],
        cwd=BACKEND,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "MemoryError" in limited.stderr
