"""Know the places where CommerceML files carry an offer's quantity."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fixtures_generator.markup import Lines, element, empty, leaf

NUMBER = "%s"
"""Stands in the lines of a form where a number goes."""
WAREHOUSE = "{warehouse}"
"""Stands in the lines of a form where the id of a warehouse goes."""

BROKEN_TEXTS = ("нет", "NaN", "1e5", "1_000", "2147483648", "Infinity", "12 34", "0x10", "١٢", "1.2.3", "-")
"""Not a number, or one that no stock can be; each stands in the place of a quantity."""
BROKEN_IN_ATTRIBUTE = (*BROKEN_TEXTS, "", " ")
BROKEN_IN_ELEMENT = (*BROKEN_IN_ATTRIBUTE, "5<Единица>шт</Единица>")


class Layout(StrEnum):
    """The layouts of an offer, named after the place of the quantity."""

    L1 = "L1"
    """`Остатки/Остаток/Склад/{Ид,Количество}`, one `Остаток` per warehouse: the usual rests.xml."""
    L2 = "L2"
    """`Остатки/Остаток/Количество`: rests.xml of a 1C without warehouses."""
    L3 = "L3"
    """`Количество` in the offer: offers.xml of 2.04 to 2.08."""
    L4 = "L4"
    """`Количество`, and `<Склад ИдСклада="" КоличествоНаСкладе=""/>` per warehouse: offers.xml of 2.07."""
    L5 = "L5"
    """`<Склады ИдСклада="" КоличествоНаСкладе=""/>` per warehouse, `ИдХарактеристики` beside `Ид`: 2.10."""
    L6 = "L6"
    """`КоличествоНаСкладах/КоличествоНаСкладе/{ИдСклада,Количество}`: 2.05."""
    L7 = "L7"
    """`Остатки/Остаток/{Склад/Ид,Количество}`: the quantity beside the warehouse."""
    L8 = "L8"
    """`Остатки/Остаток` with the number as its text."""
    L9 = "L9"
    """`ОстаткиПоСкладу/ОстаткиПоСкладу/{ИдСклада,КоличествоНаСкладе}`: SBIS."""
    L10 = "L10"
    """`ОстаткиПоСкладам/Остаток/{ИдСклада,Количество}`."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the files of one layout look."""

    schema_version: str
    """Of the files in which the layout occurs."""
    total: Lines = ()
    """Markup of the sum of all warehouses, with one `NUMBER`; none where the layout has no such thing."""
    per_warehouse: Lines = ()
    """Markup of a quantity in one warehouse, with one `WAREHOUSE` and one `NUMBER`; none as above."""
    container: str | None = None
    """Name of the element around the above, where there is one."""
    broken: tuple[str, ...] = BROKEN_IN_ELEMENT
    """What can stand in the place of a number and make the offer invalid."""
    package: str = "ПакетПредложений"
    """Name of the element around the offers."""
    is_full_offer: bool = False
    """Whether the offer has a name and a price too, as in an offers.xml."""
    has_own_variant_id: bool = False
    """Whether the second half of a composite id stands in an element of its own."""
    has_directory: bool = False
    """Whether the package lists the warehouses, which is no stock."""

    def stock(self, warehouses: Iterable[str]) -> Lines:
        """Return the markup of an offer's stock in these warehouses, with a `NUMBER` for each number."""
        rows = [*self.total]
        for warehouse in warehouses:
            rows += [line.replace(WAREHOUSE, warehouse) for line in self.per_warehouse]
        return element(self.container, tuple(rows)) if self.container else tuple(rows)


AMOUNT = leaf("Количество", NUMBER)
ATTRIBUTES = f' ИдСклада="{WAREHOUSE}" КоличествоНаСкладе="{NUMBER}"'

FORMS = {
    Layout.L1: Form(
        schema_version="3.1",
        container="Остатки",
        per_warehouse=element("Остаток", element("Склад", leaf("Ид", WAREHOUSE), AMOUNT)),
    ),
    Layout.L2: Form(schema_version="3.1", container="Остатки", total=element("Остаток", AMOUNT)),
    Layout.L3: Form(schema_version="2.04", total=AMOUNT, is_full_offer=True),
    Layout.L4: Form(
        schema_version="2.07",
        total=AMOUNT,
        per_warehouse=empty("Склад", attributes=ATTRIBUTES),
        is_full_offer=True,
        has_directory=True,
    ),
    Layout.L5: Form(
        schema_version="2.10",
        package="ИзмененияПакетаПредложений",
        per_warehouse=empty("Склады", attributes=ATTRIBUTES),
        broken=BROKEN_IN_ATTRIBUTE,
        has_own_variant_id=True,
    ),
    Layout.L6: Form(
        schema_version="2.05",
        container="КоличествоНаСкладах",
        per_warehouse=element("КоличествоНаСкладе", leaf("ИдСклада", WAREHOUSE), AMOUNT),
    ),
    Layout.L7: Form(
        schema_version="3.1",
        container="Остатки",
        per_warehouse=element("Остаток", element("Склад", leaf("Ид", WAREHOUSE)), AMOUNT),
    ),
    Layout.L8: Form(
        schema_version="3.1",
        container="Остатки",
        total=leaf("Остаток", NUMBER),
        broken=BROKEN_TEXTS,  # an `Остаток` that is empty or holds an element is not of this layout
    ),
    Layout.L9: Form(
        schema_version="2.08",
        container="ОстаткиПоСкладу",
        per_warehouse=element("ОстаткиПоСкладу", leaf("ИдСклада", WAREHOUSE), leaf("КоличествоНаСкладе", NUMBER)),
    ),
    Layout.L10: Form(
        schema_version="2.08",
        container="ОстаткиПоСкладам",
        per_warehouse=element("Остаток", leaf("ИдСклада", WAREHOUSE), AMOUNT),
    ),
}


def check_warehouses(layout: Layout, warehouses: int) -> None:
    """Check that a layout can say what a catalogue holds.

    Raises:
        ValueError: there are no warehouses, and the layout has quantities of warehouses only.
    """
    if not warehouses and not FORMS[layout].total:
        alternatives = ", ".join(other for other, form in FORMS.items() if form.total)
        msg = f"layout {layout} needs at least 1 warehouse; without any, use one of {alternatives}"
        raise ValueError(msg)
