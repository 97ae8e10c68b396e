"""The statements of `copy` for MariaDB and MySQL; what each does, `statements` says. Names as of `MySQLNames`.

Neither knows statements that change rows inside another one, DISTINCT ON or FILTER, and MySQL no temporary table twice
in one statement.
"""

from stock_loader.commerceml.records import VARIANT_MARK, Problem
from stock_loader.reasons import Reason
from stock_loader.strategies.copy import mysql_tables

OFFERS = mysql_tables.OFFERS
DROP = mysql_tables.DROP
CREATE = mysql_tables.CREATE

MATCH_BY_ONEC_ID = f"""
UPDATE tmp_stock_offer SET digest = UNHEX(SHA2(onec_id, 256)) WHERE {{needs_digests}} AND onec_id <> '';
{{hashed_by_onec_id}} INSERT INTO tmp_stock_match (number, product, old, quantity, is_silent)
SELECT o.number, {{p_pk}}, {{p_quantity}}, o.quantity, o.problem <=> '{Problem.NO_STOCK_DATA}'
FROM {{by_onec_id}}
WHERE o.onec_id <> ''
"""

FIND_SEVERAL = """
DELETE FROM tmp_stock_repeated;
INSERT INTO tmp_stock_repeated SELECT number FROM tmp_{found} GROUP BY number HAVING COUNT(*) > 1;
INSERT INTO tmp_stock_several (number, product)
SELECT f.number, f.product FROM tmp_{found} f JOIN tmp_stock_repeated r ON r.number = f.number;
DELETE f FROM tmp_{found} f JOIN tmp_stock_repeated r ON r.number = f.number
"""

REJECT_SEVERAL = f"""
INSERT INTO tmp_stock_rejected (number, code)
SELECT DISTINCT o.number, '{Reason.AMBIGUOUS_KEY}'
FROM tmp_stock_missed o JOIN tmp_stock_several s ON s.number = o.number;
DELETE o FROM tmp_stock_missed o JOIN tmp_stock_several s ON s.number = o.number
"""

FIND_MISSED = f"""
{{hashed}} INSERT INTO tmp_stock_missed
SELECT number,
       CASE WHEN onec_id <> '' THEN UNHEX(SHA2(onec_id, 256))
            WHEN sku <> '' THEN UNHEX(SHA2(CONCAT(CHAR(10 USING utf8mb4), sku), 256)) END,
       UNHEX(SHA2(CASE WHEN product_id <> '' THEN product_id ELSE onec_id END, 256)),
       UNHEX(SHA2(product_id, 256)), UNHEX(SHA2(CASE WHEN sku <> '' THEN sku ELSE onec_id END, 256)),
       product_id, onec_id, CASE WHEN sku <> '' THEN sku ELSE onec_id END, quantity,
       problem <=> '{Problem.NO_STOCK_DATA}'
FROM (
    SELECT o.number, o.onec_id, o.sku, o.quantity, o.problem,
           CASE WHEN LOCATE('{VARIANT_MARK}', o.onec_id) > 1
                THEN SUBSTRING_INDEX(o.onec_id, '{VARIANT_MARK}', 1) ELSE '' END AS product_id
    FROM tmp_stock_offer o LEFT JOIN tmp_stock_match m ON m.number = o.number
    WHERE m.number IS NULL
) missed
"""

COUNT_REPEATED = """
SELECT COUNT(`{key}`) - COUNT(DISTINCT `{key}`) FROM tmp_{found} WHERE quantity IS NOT NULL OR NOT is_silent
"""

FIND_SUPERSEDED = f"""
INSERT INTO tmp_stock_rejected (number, code)
SELECT number, '{Reason.SUPERSEDED}'
FROM (
    SELECT number, MAX(CASE WHEN NOT is_silent THEN number END) OVER (PARTITION BY `{{key}}`) AS last_heard,
           MAX(number) OVER (PARTITION BY `{{key}}`) AS last
    FROM tmp_{{found}} WHERE `{{key}}` IS NOT NULL AND (quantity IS NOT NULL OR NOT is_silent)
) ranked
WHERE number <> COALESCE(last_heard, last)
"""

DROP_SUPERSEDED = "DELETE o FROM tmp_{found} o JOIN tmp_stock_rejected r ON r.number = o.number"

CODE = f"""
CASE WHEN r.code = '{Reason.SUPERSEDED}' THEN r.code
     WHEN o.quantity IS NULL THEN o.problem
     ELSE COALESCE(r.code, '{Reason.NO_PRODUCT}') END
"""

COUNT_REJECTED = f"""
SELECT code, COUNT(*)
FROM (
    SELECT {CODE} AS code
    FROM tmp_stock_offer o LEFT JOIN tmp_stock_rejected r ON r.number = o.number
    WHERE r.number IS NOT NULL OR o.quantity IS NULL
) rejected
GROUP BY code
"""

LIST_REJECTED = f"""
SELECT * FROM (
    SELECT o.number, o.line, o.onec_id, o.sku,
           COALESCE(r.seen, CASE WHEN o.problem IS NULL THEN CAST(o.quantity AS CHAR) ELSE o.seen END, '') AS seen,
           {CODE} AS code
    FROM tmp_stock_offer o
    LEFT JOIN tmp_stock_rejected r ON r.number = o.number
    LEFT JOIN tmp_stock_missed m ON m.number = o.number
    LEFT JOIN tmp_stock_lead l ON l.number = o.number
    WHERE r.number IS NOT NULL OR o.quantity IS NULL OR (m.number IS NOT NULL AND l.number IS NULL)
) rejected
WHERE code IN %s AND (%s IS NULL OR number > %s)
ORDER BY number
"""

COUNT_MATCHES = "SELECT COUNT(*) FROM tmp_stock_match WHERE quantity = old"

FIND_CHANGES = """
INSERT INTO tmp_stock_change (product, new, offers, old)
SELECT product, quantity, 1, old FROM tmp_stock_match
WHERE quantity IS NOT NULL AND NOT (quantity <=> old)
ORDER BY product
"""

FIND_MISSING = """
DELETE FROM tmp_stock_named;
INSERT INTO tmp_stock_named SELECT product FROM tmp_stock_match;
INSERT INTO tmp_stock_named SELECT product FROM tmp_stock_lead;
INSERT INTO tmp_stock_named SELECT product FROM tmp_stock_several;
{hashed_by_onec_id} INSERT INTO tmp_stock_named
SELECT {p_pk} FROM {by_product_id} WHERE o.product_id <> '';
{hashed_by_sku} INSERT INTO tmp_stock_named
SELECT {p_pk} FROM {by_sku} WHERE o.sku <> '';
INSERT INTO tmp_stock_change (product, new, offers, old)
SELECT {p_pk}, 0, 0, {p_quantity} FROM {stored}
WHERE {has_onec_id} AND {p_quantity} > 0
  AND NOT EXISTS (SELECT 1 FROM tmp_stock_named n WHERE n.product = {p_pk})
"""
"""What offers name by their id was matched, or leads to several products or to one that settles."""

COUNT_CHANGES = """
SELECT CAST(COALESCE(SUM(offers), 0) AS SIGNED), COUNT(*), COUNT(CASE WHEN new = 0 AND old > 0 THEN 1 END),
       COUNT(CASE WHEN offers = 0 THEN 1 END)
FROM tmp_stock_change
"""

LIST_CHANGES = """
SELECT {listed_pk}, {told_onec_id}, {told_sku}, {told_name}, {listed_quantity}, c.new
FROM tmp_stock_change c STRAIGHT_JOIN {listed} ON {listed_pk} = c.product
WHERE NOT ({listed_quantity} <=> c.new) AND (%s IS NULL OR c.product > %s)
ORDER BY c.product
"""

LIST_WRITTEN = """
SELECT product, old, new FROM tmp_stock_change WHERE %s IS NULL OR product > %s ORDER BY product
"""

JOIN_IN_KEY_ORDER = ""
"""Nothing to set: `LOCK` and `UPDATE` go through the table of changes and look its products up, one by one."""

LOCK = """
SELECT CAST(COALESCE(SUM(c.offers), 0) AS SIGNED),
       CAST(COALESCE(SUM(CASE WHEN NOT (p.{quantity} <=> c.new) THEN c.offers END), 0) AS SIGNED),
       COUNT(CASE WHEN NOT (p.{quantity} <=> c.new) THEN 1 END),
       COUNT(CASE WHEN NOT (p.{quantity} <=> c.new) AND c.new = 0 AND p.{quantity} > 0 THEN 1 END),
       COUNT(CASE WHEN NOT (p.{quantity} <=> c.new) AND c.offers = 0 THEN 1 END),
       COUNT(CASE WHEN NOT (p.{quantity} <=> c.old) THEN 1 END)
FROM tmp_stock_change c FORCE INDEX (PRIMARY) STRAIGHT_JOIN {table} p ON p.{pk} = c.product
FOR UPDATE
"""

DROP_UNCHANGED = """
DELETE c FROM tmp_stock_change c LEFT JOIN {table} p ON p.{pk} = c.product
WHERE p.{pk} IS NULL OR p.{quantity} <=> c.new
"""

CORRECT_OLD = """
UPDATE tmp_stock_change c STRAIGHT_JOIN {table} p ON p.{pk} = c.product
SET c.old = p.{quantity}
WHERE NOT (p.{quantity} <=> c.old)
"""

UPDATE = """
UPDATE tmp_stock_change c FORCE INDEX (PRIMARY) STRAIGHT_JOIN {table} p ON p.{pk} = c.product
SET p.{quantity} = c.new{stamp}
WHERE NOT (p.{quantity} <=> c.new)
"""

UPDATE_AT_ONCE = f"{UPDATE.rstrip()} AND p.{{quantity}} <=> c.old\n"

RETURNING = ""
"""No UPDATE gives rows."""

COUNT_DIFFERING = """
SELECT COUNT(*)
FROM tmp_stock_change c JOIN {table} p ON p.{pk} = c.product
WHERE NOT (p.{quantity} <=> c.new)
"""
