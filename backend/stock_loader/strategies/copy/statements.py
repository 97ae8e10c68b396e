"""The statements of `copy`. `{table}`, `{p_pk}` and the like are those of `Names`; what `settling` does is its own.

Every table of ours is named with its schema: a shop may have tables of the same names, and look for them first.
"""

from stock_loader.commerceml.records import VARIANT_MARK, Problem
from stock_loader.reasons import Reason

TABLES = (
    "stock_offer",
    "stock_rejected",
    "stock_match",
    "stock_missed",
    "stock_several",
    "stock_lead",
    "stock_judged",
    "stock_change",
)

OFFERS = "pg_temp.stock_offer"
"""Where the lines of a file go."""

DROP = "DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in TABLES)

CREATE = """
CREATE TEMP TABLE pg_temp.stock_offer (
    number integer NOT NULL, line integer NOT NULL, onec_id text NOT NULL, sku text NOT NULL,
    quantity {quantity_type}, problem text, seen text
);
CREATE TEMP TABLE pg_temp.stock_rejected (number integer NOT NULL, code text NOT NULL, seen text);
CREATE TEMP TABLE pg_temp.stock_lead AS
SELECT 0 AS number, p.{pk} AS product, p.{quantity} AS old, NULL::{quantity_type} AS quantity,
       false AS is_silent, false AS is_by_sku,
       '' COLLATE "C" AS key, '' COLLATE "C" AS base, false AS is_variant
FROM {table} p WHERE false;
CREATE TEMP TABLE pg_temp.stock_several AS
SELECT 0 AS number, p.{pk} AS product FROM {table} p WHERE false
"""
"""`quantity` is NULL where there is none to use; a silent offer that is taken as 0 has 0, and its problem still."""

MATCH_BY_ONEC_ID = f"""
CREATE TEMP TABLE pg_temp.stock_match AS
SELECT o.number, {{p_pk}} AS product, {{p_quantity}} AS old, o.quantity,
       o.problem IS NOT DISTINCT FROM '{Problem.NO_STOCK_DATA}' AS is_silent
FROM pg_temp.stock_offer o JOIN {{stored}} ON {{onec_id_matches}}
WHERE o.onec_id <> ''
"""

FIND_SEVERAL = """
WITH several AS (
    DELETE FROM pg_temp.{found} f
    USING (SELECT number FROM pg_temp.{found} GROUP BY number HAVING count(*) > 1) s
    WHERE f.number = s.number
    RETURNING f.number, f.product
)
INSERT INTO pg_temp.stock_several SELECT number, product FROM several
"""
"""Offers whose key leads to more than one row."""

REJECT_SEVERAL = f"""
WITH several AS (
    DELETE FROM pg_temp.stock_missed o WHERE EXISTS (SELECT FROM pg_temp.stock_several s WHERE s.number = o.number)
    RETURNING o.number
)
INSERT INTO pg_temp.stock_rejected SELECT number, '{Reason.AMBIGUOUS_KEY}' FROM several
"""

FIND_MISSED = f"""
CREATE TEMP TABLE pg_temp.stock_missed AS
SELECT o.number, CASE WHEN o.onec_id <> '' THEN o.onec_id WHEN o.sku <> '' THEN E'\\n' || o.sku END COLLATE "C" AS key,
       CASE WHEN strpos(o.onec_id, '{VARIANT_MARK}') > 1 THEN split_part(o.onec_id, '{VARIANT_MARK}', 1) ELSE '' END
           COLLATE "C" AS product_id,
       o.onec_id, coalesce(nullif(o.sku, ''), o.onec_id) AS sku, o.quantity,
       o.problem IS NOT DISTINCT FROM '{Problem.NO_STOCK_DATA}' AS is_silent
FROM pg_temp.stock_offer o
WHERE NOT EXISTS (SELECT FROM pg_temp.stock_match m WHERE m.number = o.number)
"""
"""`key` is `StockRecord.key`, NULL where that is empty."""

COUNT_REPEATED = """
SELECT count({key}) - count(DISTINCT {key}) FROM pg_temp.{found} WHERE quantity IS NOT NULL OR NOT is_silent
"""

FIND_SUPERSEDED = f"""
INSERT INTO pg_temp.stock_rejected
SELECT o.number, '{Reason.SUPERSEDED}'
FROM pg_temp.{{found}} o JOIN (
    SELECT {{key}}, coalesce(max(number) FILTER (WHERE NOT is_silent), max(number)) AS counting
    FROM pg_temp.{{found}} WHERE quantity IS NOT NULL OR NOT is_silent
    GROUP BY {{key}} HAVING count(*) > 1
) repeated USING ({{key}})
WHERE o.number <> repeated.counting AND (o.quantity IS NOT NULL OR NOT o.is_silent)
"""
"""Offers that repeat a key lead to the same product, or none does: products are cheaper to compare than texts.

The count before costs a quarter of this, and most files repeat nothing.
"""

DROP_SUPERSEDED = "DELETE FROM pg_temp.{found} o USING pg_temp.stock_rejected r WHERE o.number = r.number"

CODE = f"""
CASE WHEN r.code = '{Reason.SUPERSEDED}' THEN r.code
     WHEN o.quantity IS NULL THEN o.problem
     ELSE coalesce(r.code, '{Reason.NO_PRODUCT}') END
"""
"""Why an offer is not applied: one that is invalid by itself is told as such, unless it was superseded."""

COUNT_REJECTED = f"""
SELECT {CODE} AS code, count(*)
FROM pg_temp.stock_offer o LEFT JOIN pg_temp.stock_rejected r ON r.number = o.number
WHERE r.number IS NOT NULL OR o.quantity IS NULL
GROUP BY 1
"""
"""All but those that no product has."""

LIST_REJECTED = f"""
SELECT * FROM (
    SELECT o.number, o.line, o.onec_id, o.sku,
           coalesce(r.seen, CASE WHEN o.problem IS NULL THEN o.quantity::text ELSE o.seen END, '') AS seen,
           {CODE} AS code
    FROM pg_temp.stock_offer o
    LEFT JOIN pg_temp.stock_rejected r ON r.number = o.number
    LEFT JOIN pg_temp.stock_match m ON m.number = o.number
    LEFT JOIN pg_temp.stock_lead l ON l.number = o.number
    WHERE r.number IS NOT NULL OR o.quantity IS NULL OR (m.number IS NULL AND l.number IS NULL)
) rejected
WHERE code = ANY(%s)
ORDER BY number
"""

COUNT_MATCHES = "SELECT count(*) FROM pg_temp.stock_match WHERE quantity = old"

FIND_CHANGES = """
CREATE TEMP TABLE pg_temp.stock_change AS
SELECT product, quantity AS new, 1 AS offers, old FROM pg_temp.stock_match
WHERE quantity IS NOT NULL AND quantity IS DISTINCT FROM old
"""
"""`offers` is how many say so, 0 of a product that none names. `old` may be NULL, which differs from every number."""

FIND_MISSING = """
INSERT INTO pg_temp.stock_change
SELECT {p_pk}, 0, 0, {p_quantity} FROM {stored}
WHERE {has_onec_id} AND {p_quantity} > 0
  AND NOT EXISTS (SELECT FROM pg_temp.stock_offer o WHERE {onec_id_matches})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_lead l WHERE l.product = {p_pk})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_several s WHERE s.product = {p_pk})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_missed o WHERE {product_id_matches})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_missed o WHERE {sku_matches} AND o.sku <> '')
"""
"""Products in stock that no offer names (`MatchRules.zeroes_missing`)."""

COUNT_CHANGES = """
SELECT coalesce(sum(offers), 0), count(*), count(*) FILTER (WHERE new = 0 AND old > 0),
       count(*) FILTER (WHERE offers = 0)
FROM pg_temp.stock_change
"""

LIST_CHANGES = """
SELECT {listed_pk}, {told_onec_id}, {told_sku}, {told_name}, {listed_quantity}, c.new
FROM pg_temp.stock_change c JOIN {listed} ON {listed_pk} = c.product
WHERE {listed_quantity} IS DISTINCT FROM c.new
ORDER BY {listed_pk}
"""

LIST_WRITTEN = "SELECT product, old, new FROM pg_temp.stock_change ORDER BY product"

JOIN_IN_KEY_ORDER = """
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_nestloop', 'off', true),
       CASE WHEN pg_size_bytes(current_setting('work_mem')) < 64 * 1024 * 1024
            THEN set_config('work_mem', '64MB', true) END
"""
"""For the open transaction. What is left is a merge join, which hands rows to an update in the order of their keys:
two loads or an order that takes rows in the same order cannot deadlock with it. Lock and update of 100,000 rows take
twice the time of such an update alone.

With the usual 4 MB of memory the sort of a million changed rows goes to disk. The server takes twice 64 MB at most."""

_COMPARE = """
SELECT coalesce(sum(offers), 0), coalesce(sum(offers) FILTER (WHERE differs), 0), count(*) FILTER (WHERE differs),
       count(*) FILTER (WHERE differs AND new = 0 AND stored > 0), count(*) FILTER (WHERE differs AND offers = 0),
       count(*) FILTER (WHERE stored IS DISTINCT FROM old)
FROM (
    SELECT p.{{quantity}} IS DISTINCT FROM c.new AS differs, p.{{quantity}} AS stored, c.new, c.offers, c.old
    FROM pg_temp.stock_change c JOIN {{table}} p ON p.{{pk}} = c.product{locking}
) compared
"""

LOCK = _COMPARE.format(locking="\n    ORDER BY p.{pk} FOR NO KEY UPDATE OF p")

LOCK_BY_UPDATE = """
UPDATE {table} p SET {quantity} = p.{quantity} FROM pg_temp.stock_change c WHERE p.{pk} = c.product
"""
"""Of a table whose server cannot lock rows otherwise: it writes each row as it is. Then `COMPARE_LOCKED` counts."""

COMPARE_LOCKED = _COMPARE.format(locking="")

DROP_UNCHANGED = """
DELETE FROM pg_temp.stock_change c
WHERE NOT EXISTS (SELECT FROM {table} p WHERE p.{pk} = c.product AND p.{quantity} IS DISTINCT FROM c.new)
"""
"""Of rows that are locked: those that are gone, or that somebody set to the same meanwhile."""

CORRECT_OLD = """
UPDATE pg_temp.stock_change c SET old = p.{quantity}
FROM {table} p
WHERE p.{pk} = c.product AND p.{quantity} IS DISTINCT FROM c.old
"""
"""Of rows that are locked: those that somebody changed since they were read."""

UPDATE = """
UPDATE {table} p SET {quantity} = c.new{stamp}
FROM pg_temp.stock_change c
WHERE p.{pk} = c.product AND p.{quantity} IS DISTINCT FROM c.new
"""

UPDATE_AT_ONCE = f"{UPDATE.rstrip()} AND p.{{quantity}} IS NOT DISTINCT FROM c.old\n"
"""Of rows that nothing has locked; one that somebody changed meanwhile is left out, lest it be told or counted
wrongly."""

RETURNING = "RETURNING c.product, c.old, c.new"
"""What a journal keeps of an update."""

COUNT_DIFFERING = """
SELECT count(*)
FROM pg_temp.stock_change c JOIN {table} p ON p.{pk} = c.product
WHERE p.{quantity} IS DISTINCT FROM c.new
"""
"""Of the products that should have been changed, what was not. Rows that row-level security lets be read but not
locked are among them."""
