"""The statements of `copy` that decide of products to which offers lead otherwise than by their id alone.

The rules are those of `MatchRules`. `{stored}`, `{p_pk}` and the like are those of `Names`, the other words in braces
are `true` or `false`.
"""

from stock_loader.reasons import Reason

FIND_PARTS = """
INSERT INTO pg_temp.stock_lead
SELECT o.number, {p_pk}, {p_quantity}, o.quantity, o.is_silent, false, o.key, o.product_id, true
FROM pg_temp.stock_missed o JOIN {stored} ON {product_id_matches}
WHERE o.product_id <> ''
"""
"""Variants that no product has, with the product before the mark (`MatchRules.sums_variants`)."""

DROP_PARTS = "DELETE FROM pg_temp.stock_missed o USING pg_temp.stock_lead l WHERE o.number = l.number"

MATCH_BY_SKU = f"""
WITH found AS (
    SELECT o.*, {{p_pk}} AS product, {{p_quantity}} AS old,
           ({{has_onec_id}}) IS TRUE AND NOT {{takes_any}} AS is_claimed, {{several}} AS is_several
    FROM pg_temp.stock_missed o JOIN {{stored}} ON {{sku_matches}}
    WHERE o.sku <> ''
), rejected AS (
    INSERT INTO pg_temp.stock_rejected
    SELECT DISTINCT number, CASE WHEN is_several THEN '{Reason.AMBIGUOUS_KEY}' ELSE '{Reason.OTHER_1C_ID}' END
    FROM found WHERE is_claimed OR is_several
    RETURNING number
), led AS (
    INSERT INTO pg_temp.stock_lead
    SELECT number, product, old, quantity, is_silent, true, key, coalesce(nullif(product_id, ''), onec_id),
           {{sums}} AND product_id <> ''
    FROM found WHERE NOT is_claimed AND NOT is_several
    RETURNING number
)
SELECT (SELECT count(*) FROM led), (SELECT count(*) FROM rejected)
"""

ADD_OWN_OFFERS = """
WITH own AS (
    DELETE FROM pg_temp.stock_match WHERE product IN (SELECT product FROM pg_temp.stock_lead) RETURNING *
)
INSERT INTO pg_temp.stock_lead
SELECT own.number, own.product, own.old, own.quantity, own.is_silent, false, o.onec_id, o.onec_id, false
FROM own JOIN pg_temp.stock_offer o ON o.number = own.number
"""

JUDGE = f"""
CREATE TEMP TABLE pg_temp.stock_judged AS
WITH ranked AS (
    SELECT *, is_silent AND quantity IS NULL AS is_mute, 2 * is_silent::integer + is_by_sku::integer AS rank
    FROM pg_temp.stock_lead
), compared AS (
    SELECT *, min(rank) FILTER (WHERE NOT is_mute) OVER same_product AS best,
           min(key) FILTER (WHERE is_by_sku) OVER same_product
               <> max(key) FILTER (WHERE is_by_sku) OVER same_product
           AND NOT ({{sums}} AND min(base) FILTER (WHERE is_by_sku) OVER same_product <> ''
               AND min(base) FILTER (WHERE is_by_sku) OVER same_product
                   = max(base) FILTER (WHERE is_by_sku) OVER same_product) AS is_ambiguous
    FROM ranked WINDOW same_product AS (PARTITION BY product)
), told AS (
    SELECT *, CASE
        WHEN is_mute THEN '{Reason.NO_STOCK_DATA}'
        WHEN is_by_sku AND best IN (0, 2) THEN '{Reason.OTHER_1C_ID}'
        WHEN is_by_sku AND is_ambiguous THEN '{Reason.AMBIGUOUS_SKU}'
        WHEN rank <> best OR (best IN (1, 3) AND is_ambiguous) THEN '{Reason.SUPERSEDED}' END AS code
    FROM compared
), totalled AS (
    SELECT *, CASE
        WHEN code IS NULL AND {{own_is_total}} AND is_variant
             AND bool_or(NOT is_variant) FILTER (WHERE code IS NULL) OVER (PARTITION BY product)
        THEN '{Reason.SUPERSEDED}' ELSE code END AS verdict
    FROM told
), summed AS (
    SELECT *, bool_or(is_variant) FILTER (WHERE verdict IS NULL) OVER same_product AS is_sum,
           bool_or(quantity IS NULL) FILTER (WHERE verdict IS NULL) OVER same_product AS is_broken,
           sum(quantity) FILTER (WHERE verdict IS NULL) OVER same_product AS total
    FROM totalled WINDOW same_product AS (PARTITION BY product)
)
SELECT number, product, old, quantity, is_by_sku, is_variant, is_sum, total, CASE
           WHEN verdict IS NOT NULL OR NOT is_sum THEN verdict
           WHEN is_broken THEN '{Reason.OTHER_VARIANT}'
           WHEN total > {{maximum}} THEN '{Reason.QUANTITY_TOO_LARGE}' END AS code
FROM summed
"""
"""The same as `judge` of bulk_update: `rank` tells what goes first, `code` is NULL for what counts."""

REJECT_JUDGED = f"""
INSERT INTO pg_temp.stock_rejected
SELECT number, code, CASE WHEN code = '{Reason.QUANTITY_TOO_LARGE}' THEN total::text END
FROM pg_temp.stock_judged WHERE code <> '{Reason.NO_STOCK_DATA}'
"""

COUNT_JUDGED = """
SELECT count(*) FILTER (WHERE total = old), count(*) FILTER (WHERE is_by_sku), count(*) FILTER (WHERE is_sum)
FROM pg_temp.stock_judged WHERE code IS NULL AND quantity IS NOT NULL
"""

FIND_JUDGED_CHANGES = """
INSERT INTO pg_temp.stock_change
SELECT product, total, count(*), old FROM pg_temp.stock_judged
WHERE code IS NULL AND quantity IS NOT NULL AND total IS DISTINCT FROM old
GROUP BY product, total, old
"""

FIND_EQUAL_TOTALS = """
SELECT count(*) OVER (), o.onec_id
FROM pg_temp.stock_judged j JOIN pg_temp.stock_offer o ON o.number = j.number
WHERE j.code IS NULL AND j.is_sum AND NOT j.is_variant AND j.quantity > 0 AND j.total = 2 * j.quantity::numeric
ORDER BY j.number LIMIT 1
"""
"""Own offers that say as much as their variants together, as totals would."""
