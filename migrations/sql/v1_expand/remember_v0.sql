-- What v0 is like where v1 will change it: the way down gives back exactly this.

--: data remember-v0 once
WITH v0 AS (
    SELECT c.oid, c.relname FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname IN (
        'legal_entity', 'product', 'party', 'party_role', 'payment_instrument', 'application', 'decision', 'loan', 'amortisation_plan',
        'amortisation_line', 'payment', 'disbursement', 'payment_allocation', 'collections_event', 'ledger_account', 'ledger_entry',
        'security_interest', 'document', 'document_link', 'fx_rate'
    )
), gone AS (
    DELETE FROM ops.v0_object WHERE kind <> 'extension'
), object AS (
    SELECT
        'column' AS kind, v0.relname AS table_name, a.attname AS name,
        jsonb_build_object('not_null', a.attnotnull, 'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid)) AS detail
    FROM v0
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v0.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = v0.oid AND d.adnum = a.attnum
    UNION ALL
    SELECT DISTINCT ON (v0.relname, a.attname)
        'foreign_key', v0.relname, a.attname,
        jsonb_build_object('name', k.conname, 'definition', pg_catalog.pg_get_constraintdef(k.oid))
    FROM v0
    INNER JOIN pg_catalog.pg_constraint AS k ON k.conrelid = v0.oid AND k.contype = 'f' AND cardinality(k.conkey) = 1
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v0.oid AND a.attnum = k.conkey[1]
    UNION ALL
    SELECT 'comment', v0.relname, coalesce(a.attname, ''), jsonb_build_object('text', d.description)
    FROM v0
    INNER JOIN pg_catalog.pg_description AS d ON d.objoid = v0.oid AND d.classoid = 'pg_catalog.pg_class'::regclass
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v0.oid AND a.attnum = d.objsubid AND d.objsubid > 0
)
INSERT INTO ops.v0_object (kind, table_name, name, detail)
SELECT kind, table_name, name, detail FROM object
ON CONFLICT (kind, table_name, name) DO UPDATE SET detail = excluded.detail;
