"""Slices read by their template against the same ones parsed: never another record, and None rather than a doubt."""

import re
from itertools import combinations, permutations
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from stock_loader.commerceml.documents import reduction, separators
from stock_loader.commerceml.documents.templated import Fitted, TemplatedReader
from stock_loader.commerceml.offers.any_layout import AnyLayoutReader
from stock_loader.commerceml.offers.batch import BatchReader
from stock_loader.commerceml.offers.numbers import NumberCache, QuantityLimits
from stock_loader.commerceml.offers.warehouses import WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import Adjustment, StockRecord
from tests.stock_loader.commerceml.documents.repeated_offers import (
    FORMS,
    LINES_BEFORE,
    STYLES,
    USUAL,
    as_bytes,
    offer,
    parsed,
    rest,
    total,
)


def reader(choice: WarehouseChoice | None = None, *, prefix: bytes = b"") -> TemplatedReader:
    warehouses = None if choice is None else WarehouseFilter(choice)
    return TemplatedReader(BatchReader(NumberCache(), warehouses), prefix=prefix)


def read(content: str | bytes, *taught_by: str | bytes, prefix: bytes = b"") -> Fitted | None:
    """Return what a reader says of a slice, having been taught by others."""
    by_template = reader(prefix=prefix)
    for slice_ in (*taught_by, content):
        by_template._pause = 0
        fitted = by_template.read(as_bytes(slice_), lines_before=LINES_BEFORE)
    return fitted


# Codes


def test_no_code_begins_another() -> None:
    codes = [separators.code_of(tags) for tags in separators.ROLES]
    assert len(set(codes)) == len(separators.ROLES)
    assert not any(second.startswith(first) for first, second in permutations(codes, 2))


def test_marks_stand_for_the_capitals_alone() -> None:
    for tags in separators.ROLES:
        capitals = "".join(re.findall("[ИКОСА]", tags))
        assert separators.code_of(tags) == separators.code_of(capitals)
        assert len(separators.code_of(tags)) == len(capitals)


def test_separators_begin_and_end_with_their_only_tags_of_that_kind() -> None:
    for tags in separators.ROLES:
        assert re.fullmatch(
            r"</(Ид|Артикул|Количество)>((?!</?(Ид|Артикул|Количество)>).)*<(Ид|Артикул|Количество)>", tags
        )


def test_marks_are_no_characters_of_xml_and_blanks_of_str() -> None:
    for mark in separators.code_of("ИКОСА").decode():
        assert mark.isspace()
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(f"<x>{mark}</x>")


# What fits


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("form", FORMS)
def test_slice_that_fits_is_read_as_if_parsed(form: str, style: str) -> None:
    content = STYLES[style](FORMS[form])
    fitted = read(content, STYLES[style](USUAL), content)
    assert fitted is not None
    assert fitted.records == parsed(content)
    assert all(type(record) is StockRecord for record in fitted.records)
    assert fitted.lines == content.count("\n")


def test_records_have_all_fields() -> None:
    content = USUAL + offer("b", rest("w1", "0,5"), sku="S-1") + offer("c", total("-1"))
    fitted = read(content, content)
    assert fitted == Fitted(
        [
            StockRecord(1003, "a", "", 12),
            StockRecord(1020, "b", "S-1", 0, Adjustment.ROUNDED),
            StockRecord(1032, "c", "", 0, Adjustment.NEGATIVE),
        ],
        content.count("\n"),
    )


def test_fractions_are_kept_where_the_shop_keeps_them() -> None:
    by_template = TemplatedReader(BatchReader(NumberCache(), limits=QuantityLimits(places=3)))
    content = offer("a", rest("w1", "2,75"), rest("w2", "0.0005")).encode()
    fitted = by_template.read(content)
    assert fitted is not None
    assert [(str(record.quantity), record.adjustment) for record in fitted.records] == [("2.750", Adjustment.ROUNDED)]


@pytest.mark.parametrize("form", [form for form in FORMS if form not in {"spaces", "Cyrillic", "beyond the plane"}])
def test_ids_and_numbers_are_read_the_faster_way(form: str) -> None:
    with patch.object(reduction.Template, "with_codes", return_value=None):
        content = FORMS[form].replace("S 2", "S-2")
        assert read(content, content) is not None


@pytest.mark.parametrize("form", FORMS)
def test_both_ways_say_the_same(form: str) -> None:
    with patch.object(reduction.Template, "without_tags", return_value=None):
        assert read(FORMS[form], FORMS[form]) == read(FORMS[form])


def test_names_with_a_prefix() -> None:
    content = re.sub("(</?)", r"\1c:", FORMS["skus in some offers"])
    fitted = read(content, content, prefix=b"c:")
    assert fitted is not None
    assert fitted.records == parsed(content)
    assert read(content, content) is None
    assert read(FORMS["skus"], content, prefix=b"c:") is None


def test_first_slice_of_a_document_teaches_though_no_white_space_stands_before_it() -> None:
    by_template = reader()
    assert by_template.read((USUAL * 2).strip().encode()) is None
    assert by_template.read(USUAL.encode()) is not None


def test_slices_of_one_offer_teach_too() -> None:
    by_template = reader()
    for content in (USUAL.strip(), USUAL, USUAL):
        fitted = by_template.read(content.encode(), lines_before=LINES_BEFORE)
        assert fitted is not None
        assert fitted.records == parsed(content)


def test_template_that_changes_is_learned_anew() -> None:
    by_template = reader()
    for style in (*STYLES.values(), *STYLES.values()):
        content = style(FORMS["warehouses"])
        fitted = by_template.read(content.encode(), lines_before=LINES_BEFORE)
        assert fitted is not None
        assert fitted.records == parsed(content)


CHOICES = [
    WarehouseChoice.of(["w1"]),
    WarehouseChoice.of(["W2", "x"]),
    WarehouseChoice.of(["w9"]),
    WarehouseChoice.of([], ["w1"]),
    WarehouseChoice.of(["w1", "w2"], ["w1"]),
]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("form", FORMS)
def test_only_warehouses_that_count_are_summed(form: str, choice: WarehouseChoice) -> None:
    together, apart = WarehouseFilter(choice), WarehouseFilter(choice)
    fitted = TemplatedReader(BatchReader(NumberCache(), together)).read(FORMS[form].encode(), lines_before=LINES_BEFORE)
    container = etree.fromstring(f"<Предложения>{FORMS[form]}</Предложения>")
    offers = AnyLayoutReader(NumberCache(), apart)
    expected = [offers.read(child, lines_before=LINES_BEFORE) for child in container]
    if form in {"warehouses in some offers", "skus in some offers"}:
        assert fitted is None
    else:
        assert fitted is not None
        assert (fitted.records, together.seen) == (expected, apart.seen)


def test_unreadable_quantity_in_a_warehouse_that_does_not_count_is_no_hindrance() -> None:
    content = offer("a", rest("w1", "none"), rest("w2", "7"))
    fitted = reader(WarehouseChoice.of(["w2"])).read(content.encode())
    assert fitted is not None
    assert [record.quantity for record in fitted.records] == [7]


# What does not fit


MISFITS = {
    "no id": USUAL.replace("<Ид>a</Ид>", "<Ид></Ид>"),
    "blank id": USUAL.replace("<Ид>a</Ид>", "<Ид> </Ид>"),
    "blank id beside a word too many": offer(" ", rest("w1", "5 7")),
    "no quantity": USUAL.replace("5", ""),
    "no number": USUAL.replace("5", "x"),
    "too many pieces": USUAL.replace("5", "2147483648"),
    "warehouse twice": offer("a", rest("w1", "5"), rest("w1", "7")),
    "warehouse twice but for spaces": offer("a", rest("w1", "5"), rest(" w1", "7")),
    "no warehouse id": offer("a", rest("", "5")),
    "reference": USUAL.replace("5", "&#53;"),
    "entity": USUAL.replace("<Ид>a", "<Ид>&amp;"),
    "bare ampersand": USUAL.replace("<Ид>a", "<Ид>&"),
    "end of cdata": USUAL.replace("<Ид>a", "<Ид>]]>"),
    "bracket": USUAL.replace("<Ид>a", "<Ид>>"),
    "comment in a value": USUAL.replace("5", "5<!-- -->"),
    "comment": USUAL.replace("<Остатки>", "<!-- --><Остатки>"),
    "element in a value": USUAL.replace("5", "5<x/>"),
    "attribute": USUAL.replace("<Предложение>", "<Предложение Статус='Удален'>"),
    "other name": USUAL.replace("Остатки", "Остаткы"),
    "other element": USUAL.replace("<Остатки>", "<Цена>5</Цена><Остатки>"),
    "quantity first": re.sub("(<Ид>w1</Ид>)(.*?)(<Количество>5</Количество>)", r"\3\2\1", USUAL, flags=re.DOTALL),
    "rests first": "\n<Предложение>\n\t<Остатки>" + rest("w", "1") + "\n\t</Остатки>\n\t<Ид>a</Ид>\n</Предложение>",
    "text between elements": USUAL.replace("<Остатки>", "7<Остатки>"),
    "text between offers": USUAL + "7" + USUAL,
    "space in a tag": USUAL.replace("<Ид>a", "<Ид >a"),
    "other white space": USUAL.replace("\t<Остатки>", " <Остатки>"),
    "lone CR": USUAL.replace("\n\t<Остатки>", "\r\t<Остатки>"),
    "CR LF in one place": USUAL.replace("\n\t<Остатки>", "\r\n\t<Остатки>"),
    "offer in an offer": USUAL.replace("<Ид>a", f"{USUAL}<Ид>a"),
    "end of the container": USUAL + "\n</Предложения><Предложения>" + USUAL,
    "empty offer": USUAL + "\n<Предложение/>" + USUAL,
    "prefix": USUAL.replace("Ид>", "c:Ид>"),
    "cdata": USUAL.replace("5", "<![CDATA[5]]>"),
    "instruction": USUAL + "<?x?>" + USUAL,
    "not a character": USUAL.replace("<Ид>a", "<Ид>\ufffe"),
    "not a character either": USUAL.replace("<Ид>a", "<Ид>\uffff"),
    "nul": USUAL.replace("<Ид>a", "<Ид>a\0"),
    "delete is fine but not a unit separator": USUAL.replace("<Ид>a", "<Ид>\x7f\x1f"),
    "line in a value": USUAL.replace("<Ид>a", "<Ид>a\nb"),
    "tab in a value": USUAL.replace("<Ид>a", "<Ид>a\tb"),
    "swapped ends": USUAL.replace("</Склад>", "@").replace("</Остаток>", "</Склад>").replace("@", "</Остаток>"),
    "unclosed": USUAL.replace("</Склад>", "", 1),
}


@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS.keys())
@pytest.mark.parametrize("before", [0, 1, 3])
def test_slice_with_anything_else_is_not_read(misfit: str, before: int) -> None:
    content = USUAL * before + misfit + USUAL
    assert content != USUAL * before + USUAL + USUAL
    for taught_by in (USUAL, FORMS["warehouses in some offers"] + FORMS["skus"]):
        assert read(content, taught_by, content) is None


@pytest.mark.parametrize("mark", separators.code_of("ИКОСА").decode() + "\x1f\x01\x0b\x0c\r\n\t")
def test_marks_in_values_are_seen(mark: str) -> None:
    for value in (mark, f"a{mark}", f"{mark}{mark}"):
        for place in ("<Ид>a", "<Ид>w1", "<Количество>5"):
            assert read(USUAL + USUAL.replace(place, place + value) + USUAL, USUAL) is None


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x98", b"\xd0"])
def test_what_is_no_utf8_is_not_read(bad: bytes) -> None:
    for place in ("<Ид>a", "<Ид>w1", "<Количество>5", "</Остатки>", "<Предл"):
        content = USUAL.encode().replace(place.encode(), place.encode() + bad, 1)
        assert read(content + USUAL.encode(), USUAL) is None


def test_slice_longer_than_a_text_may_be_is_not_read() -> None:
    content = offer("a" * reduction.MAX_SLICE_BYTES, rest("w1", "5"))
    assert read(content, USUAL) is None
    assert read(offer("a" * (reduction.MAX_SLICE_BYTES - 1000), rest("w1", "5")), USUAL) is not None


def test_code_for_code_another_order_of_separators_is_seen() -> None:
    """All swaps of two separators leave as many bytes, tags and values."""
    texts = re.split("(?<=<Ид>)|(?=</Ид>)|(?<=<Количество>)|(?=</Количество>)", USUAL * 3)
    for first, second in combinations(range(0, len(texts), 2), 2):
        if texts[first] != texts[second]:
            swapped = list(texts)
            swapped[first], swapped[second] = texts[second], texts[first]
            content = "".join(swapped)
            fitted = read(content, USUAL * 3)
            assert (fitted and fitted.records) == (parsed(content) if fitted else None)


def test_separator_of_endless_white_space_is_not_learned() -> None:
    content = USUAL.replace("\n\t<Остатки>", "\n" * (separators.MAX_SEPARATOR_BYTES + 1) + "<Остатки>")
    assert read(content, content) is None


def test_few_shapes_are_kept() -> None:
    by_template = reader()
    for size in range(1, 3 * reduction.MAX_SHAPES):
        assert by_template.read(offer("a", *(rest(f"w{number}", "1") for number in range(size))).encode()) or size < 3
        assert len(by_template._template._shapes) <= reduction.MAX_SHAPES


# How often it is tried


def test_file_that_never_fits_is_seldom_looked_at() -> None:
    by_template = reader()
    with patch.object(separators.Separators, "learn", return_value=False) as learn:
        for _ in range(500):
            assert by_template.read(b"<x/>") is None
    assert learn.call_count == 8


def test_file_that_fits_again_is_looked_at_again() -> None:
    by_template = reader()
    outcomes = [
        by_template.read(content) is not None for content in [USUAL.encode(), *[b"<x/>"] * 20, *[USUAL.encode()] * 20]
    ]
    assert outcomes[0]
    assert outcomes[-1]
    assert sum(outcomes) > 10


# Anything


SPLICES = st.sampled_from(
    [
        *(
            b"",
            b"<",
            b">",
            b"/",
            b"&",
            b"&amp;",
            b"&#53;",
            b"]]>",
            b"<!---->",
            b"<!-- </",
            b"<![CDATA[",
            b"<x/>",
            b"<?x?>",
        ),
        *(
            b" ",
            b"\t",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\x0b",
            b"\x0c",
            b"\x1c",
            b"\x1d",
            b"\x1e",
            b"\x1f",
            b"\x7f",
            b"\x85",
        ),
        *(
            b"\xff",
            b"\x98",
            b"\x9a",
            b"\xd0",
            b"\xd0\x98",
            b"\xef\xbf\xbe",
            b"\xed\xa0\x80",
            b"\xc2\xa0",
            b"\xe2\x80\xa8",
        ),
        *(b"0", b"5", b"-", b",", b"w1", b"w2", b"c:", b"1e5", b" x=''"),
        *map(
            str.encode, ("Ид", "<Ид>", "</Ид>", "<Количество>", "</Количество>", "<Склад>", "</Склад>", "И", "К", "О")
        ),
        *map(str.encode, ("</Предложение>", "<Предложение>", "</Предложения><Предложения>", "<Артикул>S</Артикул>")),
        *map(str.encode, (USUAL, rest("w1", "3"), rest("w3", "3"), total("9"), *FORMS.values())),
        *(separators.code_of(tags) for tags in separators.ROLES),
    ]
)


@st.composite
def nearly_fitting(draw: st.DrawFn) -> bytes:
    """Draw offers of known forms, changed in some places: a byte, a splice, a part repeated, dropped or moved."""
    forms = draw(st.lists(st.sampled_from(list(FORMS.values())), min_size=1, max_size=3))
    content: bytes = STYLES[draw(st.sampled_from(list(STYLES)))]("".join(forms)).encode()
    for _ in range(draw(st.integers(0, 3))):
        places = [0, *(found.start() for found in re.finditer(rb"(?<=>)|(?=<)", content)), len(content)]
        place = st.one_of(st.sampled_from(places), st.integers(0, len(content)))
        start, end = sorted((draw(place), draw(place)))
        match draw(st.sampled_from(["splice", "splice", "byte", "drop", "repeat", "move"])):
            case "splice":
                content = content[:start] + draw(SPLICES) + content[start:]
            case "byte":
                content = content[:start] + draw(SPLICES)[:1] + content[start + 1 :]
            case "drop":
                content = content[:start] + content[end:]
            case "repeat":
                content = content[:end] + content[start:end] + content[end:]
            case "move":
                part, others = content[start:end], content[:start] + content[end:]
                target = draw(st.integers(0, len(others)))
                content = others[:target] + part + others[target:]
    return content


TEACHERS = st.lists(st.sampled_from([STYLES[style](form) for style in STYLES for form in FORMS.values()]), max_size=3)


def agree(content: bytes, teachers: list[str]) -> None:
    fitted = read(content, *teachers, content)
    if fitted is not None:
        assert fitted.records == parsed(content)
        assert fitted.lines == content.count(b"\n")


@given(nearly_fitting(), TEACHERS)
@settings(deadline=None, max_examples=1500)
@example(MISFITS["blank id beside a word too many"].encode(), [USUAL])
def test_what_nearly_fits_reads_as_if_parsed(content: bytes, teachers: list[str]) -> None:
    agree(content, teachers)


@pytest.mark.slow
@given(nearly_fitting(), TEACHERS)
@settings(deadline=None, max_examples=4000)
def test_very_much_that_nearly_fits_reads_as_if_parsed(content: bytes, teachers: list[str]) -> None:
    agree(content, teachers)
