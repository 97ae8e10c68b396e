"""Small stock documents for tests."""

from collections.abc import Iterable


def rests(*offers: str, date: str = "2026-01-15T03:00:00") -> str:
    """A rests.xml of schema 3.1 with `offers`, each the inside of a `Предложение`."""
    body = "".join(f"<Предложение>{offer}</Предложение>\n" for offer in offers)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_3" ВерсияСхемы="3.1" ДатаФормирования="{date}">\n'
        '<ПакетПредложений СодержитТолькоИзменения="true">\n'
        f"<Предложения>\n{body}</Предложения>\n</ПакетПредложений>\n</КоммерческаяИнформация>\n"
    )


def offer(onec_id: str, quantity: object, *, sku: str = "") -> str:
    """The inside of an offer with one quantity and no warehouse."""
    article = f"<Артикул>{sku}</Артикул>" if sku else ""
    return f"<Ид>{onec_id}</Ид>{article}<Остатки><Остаток><Количество>{quantity}</Количество></Остаток></Остатки>"


def offer_by_warehouse(onec_id: str, quantities: Iterable[object]) -> str:
    """The inside of an offer with a quantity per warehouse, as the usual rests.xml has it."""
    rows = "".join(
        f"<Остаток><Склад><Ид>w{number}</Ид><Количество>{quantity}</Количество></Склад></Остаток>"
        for number, quantity in enumerate(quantities, 1)
    )
    return f"<Ид>{onec_id}</Ид><Остатки>{rows}</Остатки>"
