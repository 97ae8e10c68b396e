"""Slices read by their template against the same ones parsed: never another record, and None rather than a doubt."""

import re
from itertools import permutations
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
from tests.stock_loader.commerceml.documents.nearly_fitting import nearly_fitting
from tests.stock_loader.commerceml.documents.repeated_offers import (
    FORMS,
    LINES_BEFORE,
    STYLES,
    USUAL,
    offer,
    parsed,
    rest,
    total,
)
from tests.stock_loader.commerceml.documents.templates import MISFITS, read, reader


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
