"""Files of an exchange of the ten products."""

from tests.documents import offer, rests

NEW = {f"p{n}": 10 + n for n in range(10)}
OLD = dict.fromkeys(NEW, 5)

CATALOGUE = (
    '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация><Классификатор><Ид>1</Ид></Классификатор>'
    "<Каталог><Товары><Товар><Ид>p1</Ид></Товар></Товары></Каталог></КоммерческаяИнформация>"
).encode()

OFFERS_WITHOUT_STOCK = (
    '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ДатаФормирования="2026-01-15T03:00:00">'
    "<ПакетПредложений><Предложения><Предложение><Ид>p1</Ид><Цены><Цена><ЦенаЗаЕдиницу>5</ЦенаЗаЕдиницу></Цена></Цены>"
    "</Предложение></Предложения></ПакетПредложений></КоммерческаяИнформация>"
).encode()


def stock_file(quantities: dict[str, int] | None = None, *, date: str = "2026-01-15T03:00:00") -> bytes:
    """A rests.xml with these quantities, by default new ones of all products."""
    offers = (offer(onec_id, quantity) for onec_id, quantity in (NEW if quantities is None else quantities).items())
    return rests(*offers, date=date).encode()
