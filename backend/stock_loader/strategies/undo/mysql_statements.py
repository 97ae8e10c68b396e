"""The statements of an undo in the server, on MariaDB and MySQL; what each does, `statements` says."""

from stock_loader.reasons import Reason
from stock_loader.strategies.copy.mysql_tables import CREATE_CHANGE
from stock_loader.strategies.undo.rule import Verdict

DROP = "DROP TEMPORARY TABLE IF EXISTS tmp_stock_undo, tmp_stock_verdict, tmp_stock_locked, tmp_stock_change"

CHANGES = "tmp_stock_undo"
"""Where the lines of the journal go."""

CREATE = f"""
CREATE TEMPORARY TABLE tmp_stock_undo (PRIMARY KEY (number)) ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product, p.{{quantity}} AS `before`, p.{{quantity}} AS `after`
FROM {{table}} p WHERE FALSE;
CREATE TEMPORARY TABLE tmp_stock_verdict (
    number INT NOT NULL PRIMARY KEY, stored {{quantity_type}}, wanted DECIMAL(65, {{places}}),
    verdict VARCHAR(64) {{text}}
) ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product, NULL AS stored, NULL AS wanted, NULL AS verdict FROM {{table}} p WHERE FALSE;
{CREATE_CHANGE.strip()}
"""

TAKE_APART = ""

JUDGE = f"""
DELETE FROM tmp_stock_verdict;
INSERT INTO tmp_stock_verdict (number, product, stored, wanted, verdict)
SELECT number, product, stored, wanted, CASE
           WHEN is_gone THEN NULL
           WHEN is_relative AND wanted > {{maximum}} THEN '{Verdict.CHANGED_SINCE}'
           WHEN is_relative AND NOT (wanted <=> stored) THEN '{Verdict.RESTORE}'
           WHEN is_relative THEN '{Verdict.EQUAL}'
           WHEN stored <=> `after` THEN '{Verdict.RESTORE}'
           WHEN stored <=> `before` THEN '{Verdict.EQUAL}'
           ELSE '{Verdict.CHANGED_SINCE}' END
FROM (
    SELECT number, product, `before`, `after`, stored, is_gone, is_relative,
           CASE WHEN is_relative
                THEN GREATEST(CAST(stored AS {{exact}}) - (CAST(`after` AS {{exact}}) - CAST(`before` AS {{exact}})),
                              LEAST(CAST(stored AS {{exact}}), 0))
                ELSE `before` END AS wanted
    FROM (
        SELECT u.number, u.product, u.`before`, u.`after`, p.{{quantity}} AS stored, p.{{pk}} IS NULL AS is_gone,
               {{relative}} AND u.`before` IS NOT NULL AND u.`after` IS NOT NULL AND p.{{quantity}} IS NOT NULL
               AS is_relative
        FROM tmp_stock_undo u LEFT JOIN {{table}} p ON p.{{pk}} = u.product
    ) compared
) aimed
"""
"""Quantities are subtracted as decimals: a column may be unsigned."""

FIND_CHANGES = f"""
DELETE FROM tmp_stock_change;
INSERT INTO tmp_stock_change (product, new, offers, old)
SELECT product, wanted, 1, stored FROM tmp_stock_verdict WHERE verdict = '{Verdict.RESTORE}' ORDER BY product
"""

COUNT = f"""
SELECT COUNT(CASE WHEN verdict = '{Verdict.RESTORE}' THEN 1 END),
       COUNT(CASE WHEN verdict = '{Verdict.EQUAL}' THEN 1 END), COUNT(CASE WHEN verdict IS NULL THEN 1 END),
       COUNT(CASE WHEN verdict = '{Verdict.CHANGED_SINCE}' THEN 1 END),
       COUNT(CASE WHEN verdict = '{Verdict.RESTORE}' AND wanted = 0 AND stored > 0 THEN 1 END)
FROM tmp_stock_verdict
"""

KEEP_LOCKED = """
DELETE u FROM tmp_stock_undo u LEFT JOIN tmp_stock_change c ON c.product = u.product WHERE c.product IS NULL
"""

LIST_KEPT = f"""
SELECT j.number, 0, COALESCE({{told_onec_id}}, ''), CASE WHEN j.verdict IS NULL THEN '' ELSE {{told_sku}} END,
       CASE WHEN j.verdict IS NULL THEN {{told_product}} ELSE COALESCE(CAST(j.stored AS CHAR), '') END,
       CASE WHEN j.verdict IS NULL THEN '{Reason.DELETED_PRODUCT}' ELSE '{Reason.CHANGED_SINCE}' END
FROM tmp_stock_verdict j LEFT JOIN {{listed}} ON {{listed_pk}} = j.product
WHERE (j.verdict IS NULL OR j.verdict = '{Verdict.CHANGED_SINCE}') AND (%s IS NULL OR j.number > %s)
ORDER BY j.number
"""
