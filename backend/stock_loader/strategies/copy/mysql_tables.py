"""The temporary tables of `copy` on MariaDB and MySQL. Names as of `MySQLNames`.

A temporary table hides a table of the same name, from the shop's triggers too, so the names of ours begin with `tmp_`.
All are made at once, so that no statement ever meets a table of the shop.
"""

TABLES = (
    "tmp_stock_offer",
    "tmp_stock_rejected",
    "tmp_stock_match",
    "tmp_stock_missed",
    "tmp_stock_several",
    "tmp_stock_repeated",
    "tmp_stock_found",
    "tmp_stock_named",
    "tmp_stock_lead",
    "tmp_stock_judged",
    "tmp_stock_change",
)

OFFERS = "tmp_stock_offer (number, line, onec_id, sku, quantity, problem, seen)"

DROP = "DROP TEMPORARY TABLE IF EXISTS " + ", ".join(TABLES)

CREATE_CHANGE = """
CREATE TEMPORARY TABLE tmp_stock_change (offers INT NOT NULL, PRIMARY KEY (product)) ENGINE=InnoDB
SELECT p.{pk} AS product, p.{quantity} AS new, 0 AS offers, p.{quantity} AS old FROM {table} p WHERE FALSE
"""
"""By its primary key it lies in the order of the products' keys: whoever goes through it locks them in that order."""

CREATE = f"""
CREATE TEMPORARY TABLE tmp_stock_offer (
    number INT NOT NULL PRIMARY KEY, line INT NOT NULL, onec_id MEDIUMTEXT {{text}} NOT NULL,
    sku MEDIUMTEXT {{text}} NOT NULL, quantity {{quantity_type}}, problem VARCHAR(64) {{text}},
    seen MEDIUMTEXT {{text}}, digest VARBINARY(32)
) ENGINE=InnoDB;
CREATE TEMPORARY TABLE tmp_stock_rejected (
    number INT NOT NULL PRIMARY KEY, code VARCHAR(64) {{text}} NOT NULL, seen MEDIUMTEXT {{text}}
) ENGINE=InnoDB;
CREATE TEMPORARY TABLE tmp_stock_missed (
    number INT NOT NULL PRIMARY KEY, `key` VARBINARY(32), base VARBINARY(32) NOT NULL,
    product_base VARBINARY(32) NOT NULL, sku_base VARBINARY(32) NOT NULL,
    product_id MEDIUMTEXT {{text}} NOT NULL, onec_id MEDIUMTEXT {{text}} NOT NULL, sku MEDIUMTEXT {{text}} NOT NULL,
    quantity {{quantity_type}}, is_silent BOOL NOT NULL
) ENGINE=InnoDB;
CREATE TEMPORARY TABLE tmp_stock_match (number INT NOT NULL, quantity {{quantity_type}}, is_silent BOOL NOT NULL)
ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product, p.{{quantity}} AS old, NULL AS quantity, FALSE AS is_silent
FROM {{table}} p WHERE FALSE;
CREATE TEMPORARY TABLE tmp_stock_several (number INT NOT NULL, KEY (number), KEY (product)) ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product FROM {{table}} p WHERE FALSE;
CREATE TEMPORARY TABLE tmp_stock_repeated (number INT NOT NULL PRIMARY KEY) ENGINE=InnoDB;
CREATE TEMPORARY TABLE tmp_stock_found (number INT NOT NULL, is_claimed BOOL NOT NULL, KEY (number)) ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product, p.{{quantity}} AS old, FALSE AS is_claimed FROM {{table}} p WHERE FALSE;
CREATE TEMPORARY TABLE tmp_stock_named (KEY (product)) ENGINE=InnoDB SELECT p.{{pk}} AS product FROM {{table}} p
WHERE FALSE;
CREATE TEMPORARY TABLE tmp_stock_lead (
    number INT NOT NULL, quantity {{quantity_type}}, is_silent BOOL NOT NULL, is_by_sku BOOL NOT NULL,
    `key` VARBINARY(32), base VARBINARY(32), is_variant BOOL NOT NULL, KEY (number), KEY (product)
) ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product, p.{{quantity}} AS old, NULL AS quantity, FALSE AS is_silent,
       FALSE AS is_by_sku, NULL AS `key`, NULL AS base, FALSE AS is_variant
FROM {{table}} p WHERE FALSE;
CREATE TEMPORARY TABLE tmp_stock_judged (
    number INT NOT NULL, quantity {{quantity_type}}, is_by_sku BOOL NOT NULL, is_variant BOOL NOT NULL, is_sum BOOL,
    total DECIMAL(65, {{places}}), code VARCHAR(64) {{text}}, KEY (number)
) ENGINE=InnoDB
SELECT 0 AS number, p.{{pk}} AS product, p.{{quantity}} AS old, NULL AS quantity, FALSE AS is_by_sku,
       FALSE AS is_variant, FALSE AS is_sum, NULL AS total, NULL AS code
FROM {{table}} p WHERE FALSE;
{CREATE_CHANGE.strip()}
"""
"""`key`, `base` and what ends with it are digests of texts: only a part of a longer text is grouped by. `digest` is one
of an id, filled where the shop has no index for ids."""
