"""The statements of an undo in the server, on PostgreSQL. Names are those of `Names` and what `UndoInServer` adds."""

from stock_loader.reasons import Reason
from stock_loader.strategies.undo.rule import Verdict

DROP = "DROP TABLE IF EXISTS pg_temp.stock_undo, pg_temp.stock_judged, pg_temp.stock_change"

CREATE = ""
"""Nothing: the steps make their tables."""

CHANGES = ""
"""No table takes lines: the server takes the pages of the journal apart."""

TAKE_APART = """
CREATE TEMP TABLE pg_temp.stock_undo AS
SELECT (j.number - 1) * {page_size} + change.place AS number, change.product::{pk_type} AS product,
       change.old::{quantity_type} AS before, change.new::{quantity_type} AS after
FROM {journal} j, ROWS FROM (
    json_array_elements_text(j.products::json), json_array_elements_text(j.old::json),
    json_array_elements_text(j.new::json)
) WITH ORDINALITY AS change(product, old, new, place)
WHERE j.session = %s AND j.session_model = %s
"""

JUDGE = f"""
CREATE TEMP TABLE pg_temp.stock_judged AS
SELECT number, product, stored, wanted, CASE
           WHEN is_gone THEN NULL
           WHEN is_relative AND wanted > {{maximum}} THEN '{Verdict.CHANGED_SINCE}'
           WHEN is_relative AND wanted IS DISTINCT FROM stored THEN '{Verdict.RESTORE}'
           WHEN is_relative THEN '{Verdict.EQUAL}'
           WHEN stored IS NOT DISTINCT FROM after THEN '{Verdict.RESTORE}'
           WHEN stored IS NOT DISTINCT FROM before THEN '{Verdict.EQUAL}'
           ELSE '{Verdict.CHANGED_SINCE}' END AS verdict
FROM (
    SELECT number, product, before, after, stored, is_gone, is_relative,
           CASE WHEN is_relative THEN greatest(stored::numeric - (after::numeric - before::numeric), least(stored, 0))
                ELSE before END AS wanted
    FROM (
        SELECT u.number, u.product, u.before, u.after, p.{{quantity}} AS stored, p.{{pk}} IS NULL AS is_gone,
               {{relative}} AND num_nulls(u.before, u.after, p.{{quantity}}) = 0 AS is_relative
        FROM pg_temp.stock_undo u LEFT JOIN {{table}} p ON p.{{pk}} = u.product
    ) compared
) aimed
"""
"""As `UndoRule.judge`; no verdict of a product that was deleted."""

FIND_CHANGES = f"""
CREATE TEMP TABLE pg_temp.stock_change AS
SELECT product, wanted::{{quantity_type}} AS new, 1 AS offers, stored AS old
FROM pg_temp.stock_judged WHERE verdict = '{Verdict.RESTORE}'
"""

COUNT = f"""
SELECT count(*) FILTER (WHERE verdict = '{Verdict.RESTORE}'), count(*) FILTER (WHERE verdict = '{Verdict.EQUAL}'),
       count(*) FILTER (WHERE verdict IS NULL), count(*) FILTER (WHERE verdict = '{Verdict.CHANGED_SINCE}'),
       count(*) FILTER (WHERE verdict = '{Verdict.RESTORE}' AND wanted = 0 AND stored > 0)
FROM pg_temp.stock_judged
"""

KEEP_LOCKED = """
DELETE FROM pg_temp.stock_undo u WHERE NOT EXISTS (SELECT FROM pg_temp.stock_change c WHERE c.product = u.product);
DROP TABLE pg_temp.stock_judged, pg_temp.stock_change
"""
"""Judged again are the rows that are locked."""

LIST_KEPT = f"""
SELECT j.number, 0, coalesce({{told_onec_id}}, ''), CASE WHEN j.verdict IS NULL THEN '' ELSE {{told_sku}} END,
       CASE WHEN j.verdict IS NULL THEN j.product::text ELSE coalesce(j.stored::text, '') END,
       CASE WHEN j.verdict IS NULL THEN '{Reason.DELETED_PRODUCT}' ELSE '{Reason.CHANGED_SINCE}' END
FROM pg_temp.stock_judged j LEFT JOIN {{listed}} ON {{listed_pk}} = j.product
WHERE j.verdict IS NULL OR j.verdict = '{Verdict.CHANGED_SINCE}'
ORDER BY j.number
"""
