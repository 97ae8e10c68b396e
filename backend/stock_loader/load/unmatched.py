"""A file whose offers lead to no product: nearly always its ids are written in another way than those of the shop."""

from stock_loader.commerceml.records import VARIANT_MARK
from stock_loader.database.mapping import ShopMapping
from stock_loader.errors import Message
from stock_loader.load_warnings import LoadWarning, WarningCode
from stock_loader.outcome import Findings
from stock_loader.settings import setting_name

EXAMPLES = 2
"""Ids of the file, and of the shop, that the warning shows side by side."""

MANY_OFFERS = 100
FEW_IN_PERCENT = 1
"""Of so many offers without a product or more, so few with one are suspicious too."""


def unmatched_warning(findings: Findings, shop: ShopMapping) -> LoadWarning | None:
    """Return the warning that a file earns of which no offer has a product, or suspiciously few; None for any other.

    Asks the database two short questions where it does.
    """
    without = findings.not_found + findings.ambiguous
    if not without:
        return None
    if not findings.matched:
        return LoadWarning(
            "no offer of the file has a product (offers without one: %(not_found)s). %(comparison)s",
            code=WarningCode.NOTHING_MATCHED,
            not_found=without,
            comparison=_comparison(findings, shop),
        )
    if without < MANY_OFFERS or findings.matched * 100 >= FEW_IN_PERCENT * without:
        return None
    return LoadWarning(
        "hardly an offer of the file has a product: %(matched)s have one, %(not_found)s have none. %(comparison)s",
        code=WarningCode.FEW_MATCHED,
        matched=findings.matched,
        not_found=without,
        comparison=_comparison(findings, shop),
    )


def _comparison(findings: Findings, shop: ShopMapping) -> Message:
    """Return what of skus is the cause, else ids of the file and of the shop side by side, or one in two spellings."""
    if findings.ambiguous - findings.ambiguous_key > findings.not_found:
        return Message(
            "Offers with different ids lead to one product by its sku; where they are its variants, --sum-variants "
            "adds them up."
        )
    in_file = [
        offer.onec_id or offer.sku for offer in (*findings.not_found_offers, *findings.ambiguous_offers)[:EXAMPLES]
    ]
    spellings = {spelling: onec_id for onec_id in in_file for spelling in other_spellings(onec_id)}
    in_shop = shop.rows().filter(**{f"{shop.onec_id.path}__in": list(shop.onec_id.values_of(spellings))})
    near = in_shop.values_list(shop.onec_id.path, flat=True).first()
    if str(near) in spellings:
        return Message(
            "The file writes %(in_file)s, the shop %(in_shop)s: the same id in two spellings.",
            in_file=spellings[str(near)],
            in_shop=near,
        )
    if findings.other_id * 2 > findings.not_found:
        return Message(
            "The shop has products with these skus and with other 1C ids; if the goods were made anew in 1C, "
            "--match-sku any (setting %(setting)s).",
            setting=setting_name("MATCH_SKU"),
        )
    some = _ids_of(shop)
    if not some:
        return Message("The shop has no product at all.")
    return Message(
        "Ids of the file: %(in_file)s; ids of the shop: %(in_shop)s. Compare their spelling: braces, capitals, the "
        "part behind # of variants (--sum-variants).",
        in_file=" | ".join(in_file),
        in_shop=" | ".join(some),
    )


def _ids_of(shop: ShopMapping) -> list[str]:
    """Return the ids of the first products of the shop, of products without one their skus.

    In order, so that a load repeated says the same.
    """
    for key in (shop.onec_id, shop.sku):
        if key:
            rows = shop.rows().filter(**key.given()).order_by("pk")
            if ids := list(rows.values_list(key.path, flat=True)[:EXAMPLES]):
                return list(map(str, ids))
    return []


def other_spellings(onec_id: str) -> set[str]:
    """Return how else a shop may write the id: without its variant, in other capitals, with or without braces."""
    plain = onec_id.replace("{", "").replace("}", "")
    bare = {plain, plain.partition(VARIANT_MARK)[0]}
    cased = bare | {text.lower() for text in bare} | {text.upper() for text in bare}
    return {spelling for text in cased for spelling in (text, f"{{{text}}}")} - {onec_id, "", "{}"}
