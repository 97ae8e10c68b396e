"""What decides of products to which offers lead otherwise than by their id, on MariaDB and MySQL.

What each does, `settling` says. Names as of `MySQLNames`; `key` and `base` are digests of texts.
"""

from stock_loader.reasons import Reason

FIND_PARTS = """
{hashed_by_onec_id} INSERT INTO tmp_stock_lead
    (number, product, old, quantity, is_silent, is_by_sku, `key`, base, is_variant)
SELECT o.number, {p_pk}, {p_quantity}, o.quantity, o.is_silent, FALSE, o.`key`, o.product_base, TRUE
FROM {by_product_id}
WHERE o.product_id <> ''
"""

DROP_PARTS = "DELETE o FROM tmp_stock_missed o JOIN tmp_stock_lead l ON l.number = o.number"

MATCH_BY_SKU = f"""
DELETE FROM tmp_stock_found;
{{hashed_by_sku}} INSERT INTO tmp_stock_found (number, product, old, is_claimed)
SELECT o.number, {{p_pk}}, {{p_quantity}}, ({{has_onec_id}}) IS TRUE AND NOT {{takes_any}}
FROM {{by_sku}}
WHERE o.sku <> '';
INSERT INTO tmp_stock_rejected (number, code)
SELECT number, CASE WHEN COUNT(*) > 1 THEN '{Reason.AMBIGUOUS_KEY}' ELSE '{Reason.OTHER_1C_ID}' END
FROM tmp_stock_found GROUP BY number HAVING COUNT(*) > 1 OR MAX(is_claimed);
INSERT INTO tmp_stock_lead (number, product, old, quantity, is_silent, is_by_sku, `key`, base, is_variant)
SELECT f.number, f.product, f.old, o.quantity, o.is_silent, TRUE, o.`key`, o.base, {{sums}} AND o.product_id <> ''
FROM tmp_stock_found f JOIN tmp_stock_missed o ON o.number = f.number
LEFT JOIN tmp_stock_rejected r ON r.number = f.number
WHERE r.number IS NULL;
SELECT COUNT(DISTINCT CASE WHEN r.number IS NULL THEN f.number END), COUNT(DISTINCT r.number)
FROM tmp_stock_found f LEFT JOIN tmp_stock_rejected r ON r.number = f.number
"""

ADD_OWN_OFFERS = """
DELETE FROM tmp_stock_named;
INSERT INTO tmp_stock_named SELECT DISTINCT product FROM tmp_stock_lead;
INSERT INTO tmp_stock_lead (number, product, old, quantity, is_silent, is_by_sku, `key`, base, is_variant)
SELECT own.number, own.product, own.old, own.quantity, own.is_silent, FALSE, NULL, NULL, FALSE
FROM tmp_stock_match own JOIN tmp_stock_named n ON n.product = own.product;
DELETE own FROM tmp_stock_match own JOIN tmp_stock_named n ON n.product = own.product
"""
"""Digests are asked for of what was found by its sku only."""

JUDGE = f"""
INSERT INTO tmp_stock_judged (number, product, old, quantity, is_by_sku, is_variant, is_sum, total, code)
WITH ranked AS (
    SELECT number, product, old, quantity, is_by_sku, is_variant, is_silent AND quantity IS NULL AS is_mute,
           2 * is_silent + is_by_sku AS place,
           CASE WHEN is_by_sku THEN `key` END AS sku_key, CASE WHEN is_by_sku THEN base END AS sku_base,
           is_by_sku AND base = UNHEX(SHA2('', 256)) AS has_no_base
    FROM tmp_stock_lead
), spread AS (
    SELECT ranked.*, MIN(CASE WHEN NOT is_mute THEN place END) OVER (PARTITION BY product) AS best,
           MIN(sku_key) OVER (PARTITION BY product) AS first_key, MAX(sku_key) OVER (PARTITION BY product) AS last_key,
           MIN(sku_base) OVER (PARTITION BY product) AS first_base,
           MAX(sku_base) OVER (PARTITION BY product) AS last_base,
           MAX(has_no_base) OVER (PARTITION BY product) AS no_base
    FROM ranked
), compared AS (
    SELECT spread.*, first_key <> last_key AND NOT ({{sums}} AND NOT no_base AND first_base = last_base) AS is_ambiguous
    FROM spread
), told AS (
    SELECT compared.*, CASE
        WHEN is_mute THEN '{Reason.NO_STOCK_DATA}'
        WHEN is_by_sku AND best IN (0, 2) THEN '{Reason.OTHER_1C_ID}'
        WHEN is_by_sku AND is_ambiguous THEN '{Reason.AMBIGUOUS_SKU}'
        WHEN place <> best OR (best IN (1, 3) AND is_ambiguous) THEN '{Reason.SUPERSEDED}' END AS told_code
    FROM compared
), owned AS (
    SELECT told.*, MAX(CASE WHEN told_code IS NULL THEN NOT is_variant END) OVER (PARTITION BY product) AS has_own
    FROM told
), totalled AS (
    SELECT owned.*, CASE WHEN told_code IS NULL AND {{own_is_total}} AND is_variant AND has_own
        THEN '{Reason.SUPERSEDED}' ELSE told_code END AS verdict
    FROM owned
), summed AS (
    SELECT totalled.*, MAX(CASE WHEN verdict IS NULL THEN is_variant END) OVER (PARTITION BY product) AS is_sum,
           MAX(CASE WHEN verdict IS NULL THEN quantity IS NULL END) OVER (PARTITION BY product) AS is_broken,
           SUM(CASE WHEN verdict IS NULL THEN quantity END) OVER (PARTITION BY product) AS total
    FROM totalled
)
SELECT number, product, old, quantity, is_by_sku, is_variant, is_sum, total, CASE
           WHEN verdict IS NOT NULL OR NOT is_sum THEN verdict
           WHEN is_broken THEN '{Reason.OTHER_VARIANT}'
           WHEN total > {{maximum}} THEN '{Reason.QUANTITY_TOO_LARGE}' END
FROM summed
"""
"""What is computed over all offers of a product is a column first: MariaDB 10.11 takes COALESCE of a comparison of two
such values for false, whatever they are."""

REJECT_JUDGED = f"""
INSERT INTO tmp_stock_rejected
SELECT number, code, CASE WHEN code = '{Reason.QUANTITY_TOO_LARGE}' THEN CAST(total AS CHAR) END
FROM tmp_stock_judged WHERE code <> '{Reason.NO_STOCK_DATA}'
"""

COUNT_JUDGED = """
SELECT COUNT(CASE WHEN total = old THEN 1 END), COUNT(CASE WHEN is_by_sku THEN 1 END),
       COUNT(CASE WHEN is_sum THEN 1 END)
FROM tmp_stock_judged WHERE code IS NULL AND quantity IS NOT NULL
"""

FIND_JUDGED_CHANGES = """
INSERT INTO tmp_stock_change (product, new, offers, old)
SELECT product, total, COUNT(*), old FROM tmp_stock_judged
WHERE code IS NULL AND quantity IS NOT NULL AND NOT (total <=> old)
GROUP BY product, total, old
"""

FIND_EQUAL_TOTALS = """
SELECT COUNT(*) OVER (), o.onec_id
FROM tmp_stock_judged j JOIN tmp_stock_offer o ON o.number = j.number
WHERE j.code IS NULL AND j.is_sum AND NOT j.is_variant AND j.quantity > 0 AND j.total = 2 * j.quantity
ORDER BY j.number LIMIT 1
"""
