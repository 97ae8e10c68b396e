"""The statements of `copy`. `{table}`, `{pk}` and the like are names of products, `{no_stock_data}` is a problem."""

from stock_loader.commerceml.offers.numbers import MAX_QUANTITY
from stock_loader.commerceml.records import VARIANT_MARK, Problem
from stock_loader.outcome import MAX_LISTED
from stock_loader.reasons import Reason

TABLES = ("stock_offer", "stock_superseded", "stock_missed", "stock_part", "stock_match", "stock_change")

CREATE = """
CREATE TEMP TABLE stock_offer (
    number integer NOT NULL, line integer NOT NULL, onec_id text NOT NULL, sku text NOT NULL,
    quantity integer, problem text, seen text
);
CREATE TEMP TABLE stock_superseded (number integer NOT NULL)
"""

MATCH_BY_ONEC_ID = """
CREATE TEMP TABLE stock_match AS
SELECT o.number, p.{pk} AS product, p.{quantity} AS old, o.quantity AS new, false AS by_sku
FROM stock_offer o JOIN {table} p ON p.{onec_id} = o.onec_id
WHERE o.onec_id <> ''
"""

FIND_MISSED = """
CREATE TEMP TABLE stock_missed AS
SELECT o.number, CASE WHEN o.onec_id <> '' THEN o.onec_id WHEN o.sku <> '' THEN E'\\n' || o.sku END COLLATE "C" AS key,
       coalesce(nullif(o.sku, ''), o.onec_id) AS sku, o.quantity, o.problem
FROM stock_offer o
WHERE NOT EXISTS (SELECT FROM stock_match m WHERE m.number = o.number)
"""
"""`key` is `StockRecord.key`, NULL where that is empty."""

COUNT_REPEATED = "SELECT count({key}) - count(DISTINCT {key}) FROM {found}"

FIND_SUPERSEDED = """
INSERT INTO stock_superseded
SELECT o.number
FROM {found} o JOIN (
    SELECT {key}, max(number) AS last FROM {found} GROUP BY {key} HAVING count(*) > 1
) repeated USING ({key})
WHERE o.number < repeated.last
"""
"""Offers that repeat a key lead to the same product, or none does: products are cheaper to compare than texts.

The count before costs a quarter of this, and most files repeat nothing.
"""

DROP_SUPERSEDED = "DELETE FROM {found} o USING stock_superseded s WHERE o.number = s.number"

MATCH_BY_SKU = """
INSERT INTO stock_match
SELECT o.number, p.{pk}, p.{quantity}, o.quantity, true
FROM stock_missed o JOIN {table} p ON p.{sku} = o.sku
WHERE o.sku <> '' AND o.problem IS DISTINCT FROM '{no_stock_data}'
"""

SUPERSEDE_SKU_MATCHES = """
WITH ranked AS (
    SELECT number, row_number() OVER (PARTITION BY product ORDER BY by_sku, number DESC) AS place
    FROM stock_match WHERE product IN (SELECT product FROM stock_match WHERE by_sku)
), superseded AS (
    DELETE FROM stock_match m USING ranked r WHERE m.number = r.number AND r.place > 1 RETURNING m.number
)
INSERT INTO stock_superseded SELECT number FROM superseded
"""

FIND_PARTS = f"""
CREATE TEMP TABLE stock_part AS
SELECT o.number, p.{{pk}} AS product, p.{{quantity}} AS old, o.problem, sum(o.quantity) OVER same_product AS total,
       bool_or(o.problem <> '{Problem.NO_STOCK_DATA}') OVER same_product IS TRUE AS is_broken
FROM stock_missed o JOIN {{table}} p ON p.{{onec_id}} = split_part(o.key, '{VARIANT_MARK}', 1)
WHERE strpos(o.key, '{VARIANT_MARK}') > 1 AND left(o.key, 1) <> E'\\n'
WINDOW same_product AS (PARTITION BY p.{{pk}})
"""
"""Variants that no product has, with the product before the mark (`MatchRules.sums_variants`)."""

DROP_PARTS = "DELETE FROM stock_missed o USING stock_part s WHERE o.number = s.number"

SUPERSEDE_BY_PARTS = """
WITH superseded AS (
    DELETE FROM stock_match m USING stock_offer o
    WHERE m.product IN (SELECT product FROM stock_part WHERE problem IS DISTINCT FROM '{no_stock_data}')
      AND o.number = m.number AND o.problem IS DISTINCT FROM '{no_stock_data}'
    RETURNING m.number
)
INSERT INTO stock_superseded SELECT number FROM superseded
"""
"""The product's own offer, and what led to it by sku."""

KEEP_PARTS = "INSERT INTO stock_match SELECT number, product, old, NULL, false FROM stock_part"
"""As offers that have a product; what they change is counted by the sum."""

REPORT_BROKEN_PARTS = f"""
UPDATE stock_offer o
SET problem = CASE WHEN s.is_broken THEN '{Reason.OTHER_VARIANT}' ELSE '{Reason.QUANTITY_TOO_LARGE}' END,
    seen = CASE WHEN s.is_broken THEN o.quantity::text ELSE s.total::text END, quantity = NULL
FROM stock_part s
WHERE s.number = o.number AND o.problem IS NULL AND (s.is_broken OR s.total > {MAX_QUANTITY})
"""

COUNT_PROBLEMS = """
SELECT count(*) FILTER (WHERE problem <> '{no_stock_data}'), count(*) FILTER (WHERE problem = '{no_stock_data}')
FROM stock_offer o
WHERE problem IS NOT NULL AND NOT EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number)
"""

COUNT_MATCHES = """
SELECT count(*) FILTER (WHERE new = old), count(*) FILTER (WHERE by_sku AND new IS NOT NULL)
FROM stock_match
"""

COUNT_SUMMED = f"""
SELECT count(*), count(*) FILTER (WHERE total = old)
FROM stock_part WHERE problem IS NULL AND NOT is_broken AND total <= {MAX_QUANTITY}
"""

FIND_CHANGES = """
CREATE TEMP TABLE stock_change AS SELECT product, new, 1 AS offers FROM stock_match WHERE new <> old
"""
"""`offers` is how many say so, 0 of a product that none names."""

FIND_CHANGED_SUMS = f"""
INSERT INTO stock_change
SELECT product, total, count(*) FROM stock_part
WHERE problem IS NULL AND NOT is_broken AND total <= {MAX_QUANTITY} AND total <> old
GROUP BY product, total
"""

FIND_MISSING = """
INSERT INTO stock_change
SELECT p.{pk}, 0, 0 FROM {table} p
WHERE p.{onec_id} <> '' AND p.{quantity} > 0
  AND NOT EXISTS (SELECT FROM stock_offer o WHERE o.onec_id = p.{onec_id})
  AND NOT EXISTS (SELECT FROM stock_match m WHERE m.product = p.{pk})
  AND NOT EXISTS (
      SELECT FROM stock_missed o WHERE o.sku = p.{sku} AND o.sku <> '' AND o.problem = '{no_stock_data}'
  )
"""
"""Products in stock that no offer names (`MatchRules.zeroes_missing`)."""

COUNT_CHANGES = """
SELECT coalesce(sum(offers), 0), count(*), count(*) FILTER (WHERE new = 0), count(*) FILTER (WHERE offers = 0)
FROM stock_change
"""

LIST_NOT_FOUND = f"""
SELECT number, line, onec_id, sku, quantity::text, '{Reason.NO_PRODUCT}'
FROM stock_offer o
WHERE problem IS NULL
  AND NOT EXISTS (SELECT FROM stock_match m WHERE m.number = o.number)
  AND NOT EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number)
ORDER BY number LIMIT {MAX_LISTED}
"""

LIST_INVALID = f"""
SELECT number, line, onec_id, sku, seen, problem
FROM stock_offer o
WHERE problem <> '{{no_stock_data}}' AND NOT EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number)
ORDER BY number LIMIT {MAX_LISTED}
"""

LIST_REJECTED = f"""
SELECT number, line, onec_id, sku, coalesce(quantity::text, seen, ''),
       CASE WHEN is_superseded THEN '{Reason.SUPERSEDED}' ELSE coalesce(problem, '{Reason.NO_PRODUCT}') END
FROM (
    SELECT o.*, EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number) AS is_superseded FROM stock_offer o
) o
WHERE is_superseded OR problem IS NOT NULL OR NOT EXISTS (SELECT FROM stock_match m WHERE m.number = o.number)
ORDER BY number
"""

LIST_CHANGES = """
SELECT p.{pk}, p.{onec_id}, p.{sku}, p.{name}, p.{quantity}, c.new
FROM stock_change c JOIN {table} p ON p.{pk} = c.product
WHERE p.{quantity} <> c.new
ORDER BY p.{pk}
"""

LIST_CHANGED_PRODUCTS = "SELECT product FROM stock_change ORDER BY product"

WORK_MEMORY = """
SELECT set_config('work_mem', '64MB', true) WHERE pg_size_bytes(current_setting('work_mem')) < 64 * 1024 * 1024
"""
"""For the open transaction. With the usual 4 MB the join of a million changed rows is cut into parts, and the update
goes through the table as many times, out of order: 7 to 13 s, with 64 MB 2.4 s. The server takes twice that at most."""

LOCK = """
SELECT coalesce(sum(offers), 0), coalesce(sum(offers) FILTER (WHERE differs), 0), count(*) FILTER (WHERE differs),
       count(*) FILTER (WHERE differs AND new = 0), count(*) FILTER (WHERE differs AND offers = 0)
FROM (
    SELECT p.{quantity} <> c.new AS differs, c.new, c.offers FROM stock_change c JOIN {table} p ON p.{pk} = c.product
    ORDER BY p.{pk} FOR NO KEY UPDATE OF p
) locked
"""

DROP_UNCHANGED = """
DELETE FROM stock_change c
WHERE NOT EXISTS (SELECT FROM {table} p WHERE p.{pk} = c.product AND p.{quantity} <> c.new)
"""
"""Of rows that are locked: those that are gone, or that somebody set to the same meanwhile."""

UPDATE = """
UPDATE {table} p SET {quantity} = c.new, {changed_at} = %s
FROM stock_change c
WHERE p.{pk} = c.product AND p.{quantity} <> c.new
"""

COUNT_DIFFERING = """
SELECT count(*) FROM stock_change c JOIN {table} p ON p.{pk} = c.product WHERE p.{quantity} IS DISTINCT FROM c.new
"""
"""Of the products that should have been changed, what was not. Rows that row-level security lets be read but not
locked are among them."""
