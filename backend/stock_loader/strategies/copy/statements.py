"""The statements of `copy`. `{table}`, `{pk}` and the like are names of products; what `settling` does is its own.

Every table of ours is named with its schema: a shop may have tables of the same names, and look for them first.
"""

from stock_loader.commerceml.records import VARIANT_MARK, Problem
from stock_loader.reasons import Reason

TABLES = (
    "stock_offer",
    "stock_rejected",
    "stock_match",
    "stock_missed",
    "stock_lead",
    "stock_judged",
    "stock_change",
)

DROP = "DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in TABLES)

CREATE = """
CREATE TEMP TABLE pg_temp.stock_offer (
    number integer NOT NULL, line integer NOT NULL, onec_id text NOT NULL, sku text NOT NULL,
    quantity integer, problem text, seen text
);
CREATE TEMP TABLE pg_temp.stock_rejected (number integer NOT NULL, code text NOT NULL, seen text);
CREATE TEMP TABLE pg_temp.stock_lead AS
SELECT 0 AS number, p.{pk} AS product, p.{quantity} AS old, 0 AS quantity, false AS is_silent, false AS is_by_sku,
       '' COLLATE "C" AS key, '' COLLATE "C" AS base, false AS is_variant
FROM {table} p WHERE false
"""
"""`quantity` is NULL where there is none to use; a silent offer that is taken as 0 has 0, and its problem still."""

MATCH_BY_ONEC_ID = f"""
CREATE TEMP TABLE pg_temp.stock_match AS
SELECT o.number, p.{{pk}} AS product, p.{{quantity}} AS old, o.quantity,
       o.problem IS NOT DISTINCT FROM '{Problem.NO_STOCK_DATA}' AS is_silent
FROM pg_temp.stock_offer o JOIN {{table}} p ON p.{{onec_id}} = o.onec_id
WHERE o.onec_id <> ''
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
SELECT product, quantity AS new, 1 AS offers FROM pg_temp.stock_match WHERE quantity <> old
"""
"""`offers` is how many say so, 0 of a product that none names."""

FIND_MISSING = """
INSERT INTO pg_temp.stock_change
SELECT p.{pk}, 0, 0 FROM {table} p
WHERE p.{onec_id} <> '' AND p.{quantity} > 0
  AND NOT EXISTS (SELECT FROM pg_temp.stock_offer o WHERE o.onec_id = p.{onec_id})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_lead l WHERE l.product = p.{pk})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_missed o WHERE o.product_id = p.{onec_id})
  AND NOT EXISTS (SELECT FROM pg_temp.stock_missed o WHERE o.sku = p.{sku} AND o.sku <> '')
"""
"""Products in stock that no offer names (`MatchRules.zeroes_missing`)."""

COUNT_CHANGES = """
SELECT coalesce(sum(offers), 0), count(*), count(*) FILTER (WHERE new = 0), count(*) FILTER (WHERE offers = 0)
FROM pg_temp.stock_change
"""

LIST_CHANGES = """
SELECT p.{pk}, p.{onec_id}, p.{sku}, p.{name}, p.{quantity}, c.new
FROM pg_temp.stock_change c JOIN {table} p ON p.{pk} = c.product
WHERE p.{quantity} <> c.new
ORDER BY p.{pk}
"""

LIST_CHANGED_PRODUCTS = "SELECT product FROM pg_temp.stock_change ORDER BY product"

WORK_MEMORY = """
SELECT set_config('work_mem', '64MB', true) WHERE pg_size_bytes(current_setting('work_mem')) < 64 * 1024 * 1024
"""
"""For the open transaction. With the usual 4 MB the join of a million changed rows is cut into parts, and the update
goes through the table as many times, out of order: 7 to 13 s, with 64 MB 2.4 s. The server takes twice that at most."""

LOCK = """
SELECT coalesce(sum(offers), 0), coalesce(sum(offers) FILTER (WHERE differs), 0), count(*) FILTER (WHERE differs),
       count(*) FILTER (WHERE differs AND new = 0), count(*) FILTER (WHERE differs AND offers = 0)
FROM (
    SELECT p.{quantity} <> c.new AS differs, c.new, c.offers
    FROM pg_temp.stock_change c JOIN {table} p ON p.{pk} = c.product
    ORDER BY p.{pk} FOR NO KEY UPDATE OF p
) locked
"""

DROP_UNCHANGED = """
DELETE FROM pg_temp.stock_change c
WHERE NOT EXISTS (SELECT FROM {table} p WHERE p.{pk} = c.product AND p.{quantity} <> c.new)
"""
"""Of rows that are locked: those that are gone, or that somebody set to the same meanwhile."""

UPDATE = """
UPDATE {table} p SET {quantity} = c.new, {changed_at} = %s
FROM pg_temp.stock_change c
WHERE p.{pk} = c.product AND p.{quantity} <> c.new
"""

COUNT_DIFFERING = """
SELECT count(*)
FROM pg_temp.stock_change c JOIN {table} p ON p.{pk} = c.product
WHERE p.{quantity} IS DISTINCT FROM c.new
"""
"""Of the products that should have been changed, what was not. Rows that row-level security lets be read but not
locked are among them."""
