-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: Every foreign key of our tables has an index that begins with it, but those to currency
-- protects: deletes and updates of the parent, which read the whole child table without it
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_foreign_keys_indexed AS
SELECT
    k.conrelid::regclass || ' ' || k.conname AS id,
    'no index begins with its columns' AS detail
FROM pg_catalog.pg_constraint AS k
INNER JOIN pg_catalog.pg_class AS c ON k.conrelid = c.oid
WHERE
    k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND k.confrelid <> 'public.currency'::regclass
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        WHERE
            i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
            AND (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
    );
