-- owner: platform
-- description: Compares the tables of v0 with what they held before the last migration, by the accounts that it kept: rows, money per currency, content, journal;
--     and says whether constraints and indexes of the revision are in force
CREATE FUNCTION ops.run_post_migration_validation()
RETURNS TABLE (check_name text, table_name text, status text, expected text, found text, message text)
LANGUAGE sql STABLE AS $function$
WITH latest AS (
    SELECT DISTINCT ON (a.table_name) a.*
    FROM ops.account AS a
    ORDER BY a.table_name ASC, a.id DESC
),

judged AS (
    SELECT
        c.sort, c.check_name, a.table_name, a.closed_at IS NULL AS is_open, c.holds, c.expected, c.found, c.message
    FROM latest AS a
    CROSS JOIN LATERAL (
        VALUES
        (
            1, 'rows', a.rows_close, (a.rows_before + a.applications_in - a.applications_out + a.migration_in - a.migration_out)::text, a.rows_after::text,
            format(
                '%s before, applications put in %s and took out %s, the migration put in %s and took out %s', a.rows_before, a.applications_in,
                a.applications_out, a.migration_in, a.migration_out
            )
        ),
        (
            2, 'money per currency', a.money_closes,
            (
                SELECT string_agg(e.key || ' ' || e.amount, ', ' ORDER BY e.key)
                FROM (
                    SELECT p.key, sum(p.value::numeric) AS amount
                    FROM (
                        SELECT b.key, b.value FROM jsonb_each_text(a.money_before) AS b
                        UNION ALL SELECT b.key, b.value FROM jsonb_each_text(a.applications_money) AS b
                        UNION ALL SELECT b.key, b.value FROM jsonb_each_text(a.migration_money) AS b
                    ) AS p
                    GROUP BY p.key
                    HAVING sum(p.value::numeric) <> 0
                ) AS e
            ),
            (SELECT string_agg(b.key || ' ' || b.value, ', ' ORDER BY b.key) FROM jsonb_each_text(a.money_after) AS b),
            'sums by column and currency, with what applications and declared repairs changed'
        ),
        (
            3, 'content', a.content_closes, (a.digest_before + a.applications_digest + a.migration_digest)::text, a.digest_after::text,
            'order-independent digest of every value of v0''s columns'
        ),
        (
            4, 'journal', a.journal_closes, '0 gaps', jsonb_array_length(a.gaps) || ' gaps',
            'every row that the migration changed, put in or took out has an entry in ops.row_journal'
        )
    ) AS c (sort, check_name, holds, expected, found, message)
)

SELECT
    j.check_name,
    j.table_name,
    CASE WHEN j.is_open THEN 'WARNING' WHEN j.holds THEN 'PASS' ELSE 'FAIL' END,
    coalesce(j.expected, 'nothing'),
    coalesce(j.found, CASE WHEN j.is_open THEN 'unknown' ELSE 'nothing' END),
    CASE WHEN j.is_open THEN 'the migration has not come to its end: run the same command again' ELSE j.message END
FROM judged AS j
UNION ALL
SELECT
    'schema: ' || k.rule, k.table_name, CASE WHEN count(o.id) = 0 THEN 'PASS' ELSE 'FAIL' END, 'none', count(o.id)::text,
    coalesce(min(o.id || ' ' || o.detail), k.description)
FROM ops.rule_catalogue AS k
LEFT JOIN (
    SELECT 'constraints_validated' AS rule, r.id, r.detail FROM ops.rule_constraints_validated AS r
    UNION ALL SELECT 'indexes_valid', r.id, r.detail FROM ops.rule_indexes_valid AS r
    UNION ALL SELECT 'triggers_enabled', r.id, r.detail FROM ops.rule_triggers_enabled AS r
) AS o ON o.rule = k.rule
WHERE k.rule IN ('constraints_validated', 'indexes_valid', 'triggers_enabled')
GROUP BY k.rule, k.table_name, k.description
ORDER BY 1, 2
$function$;
