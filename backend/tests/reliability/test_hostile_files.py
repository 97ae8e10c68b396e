"""Whatever file comes: the stock stays as it was and the session says `failed` and why, or all of it is loaded."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher
from tests.reliability.shop import NEW, OLD, last_message, load, statuses, stock, write_new_stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

ROOT = "<КоммерческаяИнформация"
Change = Callable[[str], str | bytes]


def with_doctype(subset: str, quantity: str = "10") -> Change:
    def change(text: str) -> str:
        return text.replace(ROOT, f"<!DOCTYPE x{subset}>{ROOT}").replace(">10<", f">{quantity}<")

    return change


def after(place: str, piece: bytes) -> Change:
    def change(text: str) -> bytes:
        before, found, rest = text.encode().rpartition(place.encode())
        return before + found + piece + rest

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "entity to a local file": (with_doctype(' [<!ENTITY x SYSTEM "file:///etc/hostname">]', "&x;"), "DOCTYPE"),
    "entity in a quantity": (with_doctype(' [<!ENTITY x "1">]', "1&x;1"), "DOCTYPE"),
    "external DTD": (with_doctype(' SYSTEM "http://127.0.0.1:9/x"'), "DOCTYPE"),
    "DOCTYPE without entities": (with_doctype(""), "DOCTYPE"),
    "deep": (after("</Предложение>", b"<x>" * 300 + b"</x>" * 300), "elements lie deeper"),
    "cut off after the last offer": (lambda text: text[: text.rindex("</Предложения>")], "not well-formed XML"),
    "cut off before its last byte": (lambda text: text.rstrip()[:-1], "not well-formed XML"),
    "NUL after the end": (after("</КоммерческаяИнформация>", b"\0"), "not well-formed XML"),
    "second document after the end": (lambda text: text + text, "not well-formed XML"),
    "no UTF-8 in the last offer": (after("<Количество>", b"\xff"), "not well-formed XML"),
    "control character in the last offer": (after("<Количество>", b"\x0b"), "not well-formed XML"),
    "attribute twice": (after("</Предложение>", b'<x a="1" a="2"/>'), "not well-formed XML"),
    "undefined prefix": (after("</Предложение>", b"<p:x/>"), "not well-formed XML"),
    "bare ampersand after the offers": (after("</Предложения>", b"&"), "not well-formed XML"),
    "windows-1251 undeclared": (
        lambda text: text.replace(' encoding="UTF-8"', "").encode("windows-1251"),
        "not well-formed XML",
    ),
    "KOI8-R declared as windows-1251": (
        lambda text: text.replace("UTF-8", "windows-1251").encode("koi8-r"),
        "not a stock file",
    ),
    "offer in an offer": (after("<Предложение>", b"<x>" + "<Предложение/>".encode() + b"</x>"), "stands inside"),
    "catalogue": (
        lambda text: f"{ROOT}><Каталог><Товары/></Каталог></КоммерческаяИнформация>",
        "not a stock file",
    ),
    "HTML error page": (lambda text: "<html><body>502</body></html>", "saw <html>"),
    "JSON": (lambda text: '{"error": 502}', "saw JSON"),
    "empty": (lambda text: "", "saw an empty file"),
    "BOM only": (lambda text: b"\xef\xbb\xbf", "saw an empty file"),
}
"""What becomes of a good file, and what the message must say of it."""

GOOD: dict[str, Change] = {
    "BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "windows-1251": lambda text: text.replace("UTF-8", "windows-1251").encode("windows-1251"),
    "no namespace": lambda text: text.replace(' xmlns="urn:1C.ru:commerceml_3"', ""),
    "comments and CDATA in a quantity": lambda text: text.replace(">10<", "><!-- x -->1<![CDATA[0]]><?y?><"),
    "long blanks": lambda text: text.replace("<Предложение>", " " * 100_000 + "<Предложение>"),
}


def write(rests: Path, change: Change) -> str:
    """Write the file that changes every product, changed itself; return its path."""
    changed = change(Path(write_new_stock(rests)).read_text(encoding="utf-8"))
    rests.write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    return str(rests)


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_broken_file_fails_and_changes_nothing(kind: str, strategy: str, rests: Path) -> None:
    change, said = BROKEN[kind]
    file = write(rests, change)

    with pytest.raises(StockLoadError) as failed:
        load(file, strategy=strategy)

    assert (stock(), statuses()) == (OLD, ["failed"])
    message = last_message()
    assert message == str(failed.value)
    assert message.startswith(f"{file}: ")
    assert said in message
    assert message.isprintable()


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_unusual_file_is_loaded_as_a_usual_one(kind: str, strategy: str, rests: Path) -> None:
    load(write(rests, GOOD[kind]), strategy=strategy)
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_offer_that_includes_a_file_is_invalid_and_the_others_are_loaded(strategy: str, rests: Path) -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    file = write(rests, lambda text: text.replace(">10<", f">{include}<"))
    options = LoadOptions(file=file, strategy=strategy, batch_size=4, chunk_size=4)
    report = load_stocks(options)
    assert (report.details.invalid_count, stock(), statuses()) == (1, [5, *NEW[1:]], ["completed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_package_without_offers_is_completed_and_changes_nothing(strategy: str, rests: Path) -> None:
    rests.write_text(f"{ROOT}><ПакетПредложений><Предложения/></ПакетПредложений></КоммерческаяИнформация>")
    load(str(rests), strategy=strategy)
    assert (stock(), statuses()) == (OLD, ["completed"])


def missing(rests: Path) -> str:
    return str(rests)


def pipe(rests: Path) -> str:
    os.mkfifo(rests)
    return str(rests)


def loop(rests: Path) -> str:
    rests.symlink_to(rests)
    return str(rests)


def device(rests: Path) -> str:
    return "/dev/zero"


def folder(rests: Path) -> str:
    rests.mkdir()
    return str(rests)


def nul_in_name(rests: Path) -> str:
    return f"{rests}\0"


def undecodable_name(rests: Path) -> str:
    return os.fsdecode(os.fsencode(rests) + b"\xff")


@pytest.mark.parametrize("place", [missing, pipe, loop, device, folder, nul_in_name, undecodable_name])
def test_what_is_no_file_fails_with_a_session(place: Callable[[Path], str], rests: Path) -> None:
    with pytest.raises(StockLoadError) as failed:
        load(place(rests))
    assert (stock(), statuses()) == (OLD, ["failed"])
    assert last_message().isprintable()
    assert last_message() == str(failed.value)


def grow(rests: Path) -> None:
    with rests.open("ab") as file:
        file.write(b"<!-- more -->")


def rewrite(rests: Path) -> None:
    content = rests.read_bytes().replace(b">19<", b">91<")
    with rests.open("r+b") as file:
        file.write(content)
    os.utime(rests, ns=(0, 0))  # kernels stamp with a clock of 4 ms: what was written above may bear the old time


def rename_over(rests: Path) -> None:
    other = rests.with_name("other")
    other.write_bytes(rests.read_bytes().replace(b">19<", b">91<"))
    other.replace(rests)


def load_while(change: Callable[[Path], None], strategy: str, rests: Path) -> None:
    """Load a file of several reads, which is changed once after the second."""
    file = write_new_stock(rests, padding=200_000)
    reads: list[int] = []

    def on_read(size: int) -> None:
        reads.append(size)
        if len(reads) == 2:
            change(rests)

    load_stocks(
        LoadOptions(file=file, strategy=strategy, batch_size=4, chunk_size=4), watcher=LoadWatcher(on_read=on_read)
    )


@pytest.mark.parametrize("change", [grow, rewrite])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_file_that_changes_while_it_is_loaded_changes_nothing(
    change: Callable[[Path], None], strategy: str, rests: Path
) -> None:
    with pytest.raises(StockLoadError, match=r"rests\.xml: changed while being read\."):
        load_while(change, strategy, rests)
    assert (stock(), statuses()) == (OLD, ["failed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_file_that_is_renamed_over_is_loaded_as_it_was(strategy: str, rests: Path) -> None:
    load_while(rename_over, strategy, rests)
    assert b">91<" in rests.read_bytes()
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_file_cut_off_anywhere_changes_nothing(encoding: str, strategy: str, rests: Path) -> None:
    """The parser's own test cuts at every byte; here every hundredth or so goes through the whole load."""
    write_new_stock(rests)
    whole = rests.read_text(encoding="utf-8").replace("UTF-8", encoding).rstrip().encode(encoding)
    for length in range(0, len(whole), len(whole) // 40):
        rests.write_bytes(whole[:length])
        with pytest.raises(StockLoadError):
            load(str(rests), strategy=strategy)
        assert (stock(), statuses()[-1]) == (OLD, "failed"), length
    rests.write_bytes(whole)
    load(str(rests), strategy=strategy)
    assert stock() == NEW
