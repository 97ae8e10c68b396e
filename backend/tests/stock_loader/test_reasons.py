import pytest
from django.utils.translation import gettext, override

from stock_loader.commerceml.records import Problem
from stock_loader.outcome import ListedOffer
from stock_loader.reasons import Reason


def test_every_problem_of_an_offer_is_a_reason() -> None:
    assert {problem.value for problem in Problem} <= {reason.value for reason in Reason}


@pytest.mark.parametrize("reason", Reason)
def test_reason_has_a_text_in_both_languages(reason: Reason) -> None:
    with override("ru"):
        assert reason.text() != reason.text(gettext)
    assert reason.text() != reason.value


def test_listed_offer_tells_its_reason_as_a_code_and_in_the_language_asked_for() -> None:
    offer = ListedOffer.of((7, 3, "a\nb", "s", "5", "no_product"))
    assert offer == ListedOffer(7, 3, "a b", "s", "5", Reason.NO_PRODUCT)
    seen = {"line": 3, "onec_id": "a b", "sku": "s", "seen": "5", "code": "no_product"}
    assert offer.as_dict() == seen | {"reason": "no product with this onec_id or sku"}
    with override("ru"):
        assert offer.as_dict(gettext, file="f.xml") == seen | {
            "reason": "нет товара с таким onec_id или sku",
            "file": "f.xml",
        }
