"""Documents made to do harm: each is parsed in a process of its own, with little memory and little time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from stock_loader.commerceml.records import Problem, StockRecord
from tests.patience import PATIENCE_SECONDS
from tests.stock_loader.commerceml.hostile import BACKEND, LIMIT_SECONDS, OFFER, parse_in_child
from tests.stock_loader.commerceml.stock_files import BAD_PIECES, DECLARATION, package, parse, refusal

HAS_DOCTYPE = "the file has a DOCTYPE, which a stock file never has; it is refused as unsafe."


def with_doctype(doctype: str, quantity: str = "5", onec_id: str = "a") -> str:
    document = package(OFFER.replace(">5<", f">{quantity}<").replace(">a<", f">{onec_id}<"))
    return document.replace(DECLARATION, f"{DECLARATION}<!DOCTYPE КоммерческаяИнформация{doctype}>\n")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 20))


DOCTYPES = {
    "local file": (' [<!ENTITY x SYSTEM "file:///etc/hostname">]', "&x;"),
    "external DTD": (' SYSTEM "file:///etc/hostname"', "5"),
    "public DTD": (' PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd"', "5"),
    "parameter entity": (' [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]', "5"),
    "undeclared parameter entity": (" [%x;]", "5"),
    "without entities": ("", "5"),
    "empty subset": (" []", "5"),
    "unused entities": (' [<!ENTITY x "1">]', "5"),
    "entity in a quantity": (' [<!ENTITY x "1">]', "1&x;1"),
    "billion laughs": (f' [<!ENTITY l0 "lol">{LAUGHS}]', "&l19;"),
    "laughing parameter entities": (' [<!ENTITY % a "b"><!ENTITY % c "%a;%a;">%c;]', "5"),
    "quadratic blowup": (f' [<!ENTITY x "{"1" * 100_000}">]', "&x;" * 10_000),
    "attribute defaults": (' [<!ATTLIST Предложение Статус CDATA "Удален">]', "5"),
    "broken subset": (" [<!ELEMENT]", "5"),
    "unfinished subset": (" [", "5"),
}


@pytest.mark.parametrize(("doctype", "quantity"), DOCTYPES.values(), ids=DOCTYPES.keys())
@pytest.mark.parametrize("chunk_bytes", [1, 256 * 1024])
def test_document_type_is_refused_before_the_first_offer(doctype: str, quantity: str, chunk_bytes: int) -> None:
    document = with_doctype(doctype, quantity)
    assert refusal(document, chunk_bytes=min(chunk_bytes * 50, 256 * 1024)) == HAS_DOCTYPE


def test_entity_in_an_attribute_is_refused() -> None:
    document = with_doctype(' [<!ENTITY x "Удален">]').replace("<Предложение>", '<Предложение Статус="&x;">')
    assert refusal(document) == HAS_DOCTYPE


def test_document_type_in_utf16_is_refused() -> None:
    document = with_doctype(' [<!ENTITY x "1">]').replace("UTF-8", "UTF-16")
    assert refusal(document.encode("utf-16")) == HAS_DOCTYPE


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()


def test_nothing_is_fetched_from_the_network(listener: tuple[str, list[str]]) -> None:
    address, requests = listener
    for doctype in (
        f' SYSTEM "{address}/dtd"',
        f' [<!ENTITY x SYSTEM "{address}/entity">]',
        f' [<!ENTITY % x SYSTEM "{address}/parameter"> %x;]',
    ):
        assert refusal(with_doctype(doctype, "&x;")) == HAS_DOCTYPE
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{address}/include"/>'
    refusal(package(OFFER + include) + "x")
    refusal(package(OFFER).replace("<Коммер", f'<?xml-stylesheet href="{address}/xsl"?><Коммер', 1) + "x")
    assert requests == []


def test_billion_laughs_take_no_memory(rests: Path) -> None:
    rests.write_text(with_doctype(*DOCTYPES["billion laughs"]))
    outcome = parse_in_child(rests)
    assert outcome[:3] == (0, 0, HAS_DOCTYPE)
    assert outcome.peak_mib < 60


def test_endless_prolog_is_refused_early(rests: Path) -> None:
    rests.write_bytes(DECLARATION.encode() + b"<!-- x -->\n" * 1_000_000)
    outcome = parse_in_child(rests)
    assert outcome.refusal == "not a stock file: no element within its first 1048576 bytes."
    assert outcome.peak_mib < 60


CHILD_OF_MANY = """
import json, resource, sys, time
from pathlib import Path
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.errors import DocumentError
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
found = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    began, refusal = time.process_time(), ""
    try:
        list(XMLDataParser().parse(str(path)))
    except DocumentError as error:
        refusal = error.text().partition(": ")[2]
    found[path.name] = refusal, time.process_time() - began
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
json.dump([found, peak / 1024], sys.stdout)
"""


def test_small_hostile_documents_take_neither_memory_nor_time(tmp_path: Path) -> None:
    """All of them one after the other in one process; see there for what each is refused with."""
    documents = {f"doctype {name}": with_doctype(*parts).encode() for name, parts in DOCTYPES.items()}
    whole = package(OFFER).encode()
    for name, piece in BAD_PIECES.items():
        before, found, after = whole.rpartition("<Количество>".encode())
        documents[f"bad {name}"] = before + found + piece + after
    documents |= {f"cut at {length}": whole[:length] for length in range(0, len(whole), 10)}
    documents |= {f"after the end {len(tail)}": whole + tail for tail in (b"x", b"\0" * 5000, whole)}
    for name, content in documents.items():
        (tmp_path / name).write_bytes(content)

    ended = subprocess.run(
        [sys.executable, "-c", CHILD_OF_MANY, str(tmp_path), "300", str(LIMIT_SECONDS)],
        cwd=BACKEND,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    outcomes, peak_mib = json.loads(ended.stdout)
    assert outcomes.keys() == documents.keys()
    assert [name for name, (refusal, _) in outcomes.items() if not refusal] == []
    assert [name for name, (_, seconds) in outcomes.items() if seconds > 1] == []
    assert peak_mib < 60


@pytest.mark.parametrize(
    "fault", ["<p:x/>", '<x xmlns:p="urn:1" xmlns:q="urn:1" p:a="1" q:a="2"/>', "<p:Предложение/>"]
)
@pytest.mark.parametrize("warning", ['<x xmlns="relative"/>', "<?xml-x?>", OFFER.replace(">", ' xmlns="relative">', 1)])
@pytest.mark.parametrize("place", ["first", "between", "last"])
@pytest.mark.parametrize("chunk_bytes", [1, 300, 100_000])
def test_fault_of_namespaces_before_a_warning_is_refused(
    fault: str, warning: str, place: str, chunk_bytes: int
) -> None:
    before = {"first": "", "between": OFFER, "last": OFFER * 3}[place]
    after = {"first": OFFER * 3, "between": OFFER, "last": ""}[place]
    message = refusal(package(f"{before}{fault}{warning}{after}"), chunk_bytes=chunk_bytes)
    assert "not well-formed XML: " in message


@pytest.mark.parametrize("rest", ["<Склад><Ид>w</Ид><Количество>5</Количество></Склад>", "<Количество>5</Количество>"])
@pytest.mark.parametrize("stray", ["<Ид>stray</Ид>", "<Количество>9</Количество>"])
def test_stray_leaf_after_an_offer_is_no_part_of_it(rest: str, stray: str) -> None:
    offer = f"<Предложение>%s<Остатки><Остаток>{rest}</Остаток></Остатки></Предложение>"
    content = package(offer % "<Артикул>s</Артикул>" + stray + offer.replace(">5<", "><") % "<Ид>a</Ид>" + stray)
    expected = [StockRecord(4, "", "s", 5), StockRecord(4, "a", "", None, problem=Problem.EMPTY)]
    for chunk_bytes in range(1, len(content.encode()) + 1):
        assert parse(content, chunk_bytes=chunk_bytes) == expected


@pytest.mark.parametrize(
    ("declaration", "codec"),
    [
        ('version="1.0" encoding="windows-1251"', "cp1251"),
        ("version='1.0'  encoding = 'KOI8-R' ", "koi8-r"),
        (f'version="1.0" {" " * 1000}encoding="ISO-8859-5"', "iso8859-5"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 50, 100_000])
def test_offer_of_utf8_in_another_encoding_is_refused(declaration: str, codec: str, chunk_bytes: int) -> None:
    before, after = package("\0").replace('version="1.0" encoding="UTF-8"', declaration).encode(codec).split(b"\0")
    message = refusal(before + OFFER.encode() + OFFER.encode(codec) + after, chunk_bytes=chunk_bytes)
    assert "not well-formed XML: " in message
