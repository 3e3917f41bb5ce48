-- owner: platform
-- description: Indexes that nobody reads, that say what another one says, and that are missing, each with the statement that would change it
CREATE FUNCTION ops.index_advice() RETURNS TABLE (area text, object text, finding text, command text)
LANGUAGE sql STABLE AS $function$
WITH ours AS (
    SELECT
        i.*, c.relnamespace,
        EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid) AS is_rule,
        -- That of a partition goes and comes with the index of the whole.
        EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = i.indexrelid) AS is_part
    FROM pg_catalog.pg_index AS i
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
    WHERE c.relnamespace::regnamespace::text IN ('public', 'analytics', 'ops')
),

spare AS (
    SELECT o.* FROM ours AS o WHERE NOT o.indisunique AND NOT o.is_rule AND NOT o.is_part AND NOT o.indisreplident
),

unread AS (
    SELECT o.indexrelid, pg_relation_size(o.indexrelid) AS bytes, d.stats_reset
    FROM spare AS o
    INNER JOIN pg_catalog.pg_stat_user_indexes AS s ON s.indexrelid = o.indexrelid
    INNER JOIN pg_catalog.pg_stat_database AS d ON d.datname = current_database()
    WHERE
        s.idx_scan = 0 AND o.indisvalid
        -- What a foreign key needs is used when a parent is deleted, which is rare and must not read the whole table.
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS k
            WHERE k.contype = 'f' AND k.conrelid = o.indrelid AND (o.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
        )
),

twin AS (
    SELECT o.indexrelid, min(t.indexrelid) AS kept
    FROM spare AS o
    INNER JOIN ours AS t
        ON
            t.indrelid = o.indrelid AND t.indexrelid <> o.indexrelid AND t.indisvalid
            AND t.indkey::text = o.indkey::text AND t.indclass::text = o.indclass::text AND t.indcollation::text = o.indcollation::text
            AND t.indoption::text = o.indoption::text
            AND coalesce(pg_get_expr(t.indexprs, t.indrelid), '') = coalesce(pg_get_expr(o.indexprs, o.indrelid), '')
            AND coalesce(pg_get_expr(t.indpred, t.indrelid), '') = coalesce(pg_get_expr(o.indpred, o.indrelid), '')
            -- Of two that both may go the later one does; one that a rule needs stays, whichever came first.
            AND (t.indisunique OR t.is_rule OR t.indisreplident OR t.indexrelid < o.indexrelid)
    GROUP BY o.indexrelid
),

searched AS (
    SELECT s.relid, s.seq_scan, s.seq_tup_read, coalesce(s.idx_scan, 0) AS idx_scan
    FROM pg_catalog.pg_stat_user_tables AS s
    WHERE s.schemaname IN ('public', 'analytics', 'ops') AND s.seq_scan > 100 AND s.n_live_tup > 100000 AND s.seq_scan > coalesce(s.idx_scan, 0)
)

SELECT a.area, a.object, a.finding, a.command
FROM (
    SELECT
        1 AS sort, u.bytes AS weight, 'unused index' AS area, u.indexrelid::regclass::text AS object,
        format('%s, not read since %s', pg_size_pretty(u.bytes), coalesce(u.stats_reset::text, 'the statistics began')) AS finding,
        format('-- if it is not read on a replica either: DROP INDEX CONCURRENTLY %s', u.indexrelid::regclass) AS command
    FROM unread AS u
    WHERE u.bytes > 1048576 * ops.config_number('unused_index_megabytes', 10)
    UNION ALL
    SELECT
        2, pg_relation_size(w.indexrelid), 'duplicate index', w.indexrelid::regclass::text, format('the same as %s', w.kept::regclass),
        format('DROP INDEX CONCURRENTLY %s', w.indexrelid::regclass)
    FROM twin AS w
    UNION ALL
    SELECT
        3, 0, 'missing index', r.id, 'no index begins with the columns of this foreign key',
        format(
            'CREATE INDEX CONCURRENTLY ON %s (%s)', k.conrelid::regclass,
            (
                SELECT string_agg(quote_ident(c.attname), ', ' ORDER BY n.place)
                FROM unnest(k.conkey) WITH ORDINALITY AS n (attnum, place)
                INNER JOIN pg_catalog.pg_attribute AS c ON c.attrelid = k.conrelid AND c.attnum = n.attnum
            )
        )
    FROM ops.rule_foreign_keys_indexed AS r
    INNER JOIN pg_catalog.pg_constraint AS k ON k.contype = 'f' AND k.conrelid::regclass || ' ' || k.conname = r.id
    UNION ALL
    SELECT
        3, s.seq_tup_read, 'missing index', s.relid::regclass::text,
        format('read from end to end %s times, %s rows each time, and through an index %s times', s.seq_scan, s.seq_tup_read / s.seq_scan, s.idx_scan),
        'SELECT query, calls, mean_ms FROM ops.slow_statements(100, 10) -- which statements, then EXPLAIN them'
    FROM searched AS s
) AS a
ORDER BY a.sort, a.weight DESC, a.object
$function$;
