-- Accounts of v0's tables, for each of them (:table) with its columns of money (:money) and the query that measures it
-- (:measure): what it held before and after, what applications and the migration did meanwhile. What is counted is in tallies.sql.

--: account open
-- Measuring throws away, in the same statement and so by the same snapshot, what was counted before: the lines that are left belong to
-- exactly those transactions that the measure has not seen.
WITH past AS (
    DELETE FROM ops.tally AS y
    WHERE y.table_name = ':table' AND NOT EXISTS (SELECT FROM ops.account AS a WHERE a.table_name = ':table' AND a.closed_at IS NULL)
), there AS (
:measure
), now_there AS (
    SELECT
        coalesce(sum(t.rows), 0) AS rows, coalesce(sum(t.digest), 0) AS digest,
        (
            SELECT coalesce(jsonb_object_agg(concat_ws(' ', m.name, c.currency), m.amount), '{}')
            FROM there AS c CROSS JOIN LATERAL unnest(:money, c.money) AS m (name, amount) WHERE m.amount <> 0
        ) AS money
    FROM there AS t
)
INSERT INTO ops.account (table_name, rows_before, digest_before, money_before, journal_mark)
SELECT ':table', n.rows, n.digest, n.money, (SELECT coalesce(max(j.id), 0) FROM ops.row_journal AS j)
FROM now_there AS n
WHERE NOT EXISTS (SELECT FROM ops.account AS a WHERE a.table_name = ':table' AND a.closed_at IS NULL);

--: account close
-- Measures again, takes the lines that this snapshot sees, and asks two questions. Does the content add up: before, what applications did,
-- what the migration did, after? And has every row that the migration changed, took out or put in an entry in the journal, and the reverse?
WITH account AS (
    SELECT a.* FROM ops.account AS a WHERE a.table_name = ':table' AND a.closed_at IS NULL
), tallied AS (
    DELETE FROM ops.tally AS y USING account AS a WHERE y.table_name = a.table_name RETURNING y.*
), there AS (
:measure
), now_there AS (
    SELECT
        coalesce(sum(t.rows), 0) AS rows, coalesce(sum(t.digest), 0) AS digest,
        (
            SELECT coalesce(jsonb_object_agg(concat_ws(' ', m.name, c.currency), m.amount), '{}')
            FROM there AS c CROSS JOIN LATERAL unnest(:money, c.money) AS m (name, amount) WHERE m.amount <> 0
        ) AS money
    FROM there AS t
), moved AS (
    SELECT
        coalesce(sum(y.rows_in) FILTER (WHERE NOT mine), 0) AS applications_in,
        coalesce(sum(y.rows_out) FILTER (WHERE NOT mine), 0) AS applications_out,
        coalesce(sum(y.rows_changed) FILTER (WHERE NOT mine), 0) AS applications_changed,
        coalesce(sum(y.digest_delta) FILTER (WHERE NOT mine), 0) AS applications_digest,
        coalesce(sum(y.rows_in) FILTER (WHERE mine), 0) AS migration_in,
        coalesce(sum(y.rows_out) FILTER (WHERE mine), 0) AS migration_out,
        coalesce(sum(y.rows_changed) FILTER (WHERE mine), 0) AS migration_changed,
        coalesce(sum(y.digest_delta) FILTER (WHERE mine), 0) AS migration_digest
    FROM tallied AS y CROSS JOIN LATERAL (SELECT y.origin = 'migration') AS o (mine)
), flow AS (
    SELECT y.origin, concat_ws(' ', m.name, y.currency) AS key, sum(m.amount) AS amount
    FROM tallied AS y CROSS JOIN LATERAL unnest(:money, y.money_delta) AS m (name, amount)
    GROUP BY 1, 2 HAVING sum(m.amount) <> 0
), flows AS (
    SELECT
        coalesce(jsonb_object_agg(f.key, f.amount) FILTER (WHERE f.origin = 'application'), '{}') AS applications,
        coalesce(jsonb_object_agg(f.key, f.amount) FILTER (WHERE f.origin = 'migration'), '{}') AS migration
    FROM flow AS f
), expected AS (
    SELECT coalesce(jsonb_object_agg(s.key, s.amount), '{}') AS money
    FROM (
        SELECT e.key, sum(e.amount) AS amount
        FROM (
            SELECT m.key, m.value::numeric AS amount FROM account AS a CROSS JOIN LATERAL jsonb_each_text(a.money_before) AS m
            UNION ALL
            SELECT f.key, f.amount FROM flow AS f
        ) AS e
        GROUP BY e.key HAVING sum(e.amount) <> 0
    ) AS s
), entry AS (
    SELECT
        j.row_id, j.kind, j.rule, j.state, j.origin = 'migration' AS mine,
        j.id > a.journal_mark AS is_new, coalesce(j.closed_at >= a.opened_at, false) AS is_closed,
        j.kind IN ('removed', 'quarantined') AS whole_row
    FROM account AS a
    INNER JOIN ops.row_journal AS j ON j.table_name = a.table_name AND (j.id > a.journal_mark OR j.closed_at >= a.opened_at)
), fate AS (
    SELECT f.name, CASE WHEN bool_or(e.whole_row) THEN count(*) ELSE count(DISTINCT e.row_id) END AS rows
    FROM entry AS e
    CROSS JOIN LATERAL (VALUES
        (CASE
            WHEN NOT e.is_new OR e.rule = 'reference_gone' THEN NULL
            WHEN e.kind = 'repair' AND NOT e.mine THEN 'repaired_as_written'
            WHEN e.kind = 'repair' THEN 'repaired'
            ELSE e.kind
        END),
        (CASE
            WHEN NOT e.is_closed THEN NULL
            WHEN e.whole_row AND e.state IN ('given_back', 'restored') THEN 'put_back'
            ELSE e.state
        END)
    ) AS f (name)
    WHERE f.name IS NOT NULL
    GROUP BY f.name
), fates AS (
    SELECT
        coalesce(jsonb_object_agg(f.name, f.rows), '{}') AS rows,
        coalesce(sum(f.rows) FILTER (WHERE f.name IN ('removed', 'quarantined')), 0) AS taken_out,
        coalesce(sum(f.rows) FILTER (WHERE f.name = 'put_back'), 0) AS put_back
    FROM fate AS f
), touched AS (
    SELECT t.what, t.id, count(*) AS times
    FROM tallied AS y
    CROSS JOIN LATERAL (
        SELECT 'changed' AS what, i.id FROM unnest(y.ids_changed) AS i (id)
        UNION ALL
        SELECT 'taken_out', i.id FROM unnest(y.ids_out) AS i (id)
        UNION ALL
        SELECT 'put_in', i.id FROM unnest(y.ids_in) AS i (id)
    ) AS t
    GROUP BY 1, 2
), said AS (
    -- What an application wrote was repaired in its own statement; a change that is given back or restored is always the migration's.
    SELECT
        CASE WHEN NOT e.whole_row THEN 'changed' WHEN s.back THEN 'put_in' ELSE 'taken_out' END AS what,
        e.row_id AS id, count(*) AS times, bool_or(e.mine OR s.back) AS mine
    FROM entry AS e
    CROSS JOIN LATERAL (VALUES
        (false, e.is_new AND e.kind <> 'kept'),
        (true, e.is_closed AND e.state IN ('given_back', 'restored') AND e.kind <> 'kept')
    ) AS s (back, holds)
    WHERE s.holds
    GROUP BY 1, 2
), gap AS (
    SELECT coalesce(t.what, s.what) AS what, t.id IS NOT NULL AS happened, count(*) AS rows, min(coalesce(t.id, s.id)::text) AS example
    FROM touched AS t FULL JOIN said AS s ON s.what = t.what AND s.id = t.id
    -- A row may be changed several times, and each time in several columns.
    WHERE t.id IS NULL AND s.mine OR t.times > coalesce(s.times, 0)
    GROUP BY 1, 2
), gaps AS (
    SELECT coalesce(jsonb_agg(to_jsonb(g) ORDER BY g.what, g.happened), '[]') AS list FROM gap AS g
)
UPDATE ops.account AS a
SET
    closed_at = clock_timestamp(), rows_after = n.rows, digest_after = n.digest, money_after = n.money,
    applications_in = m.applications_in, applications_out = m.applications_out, applications_changed = m.applications_changed,
    applications_digest = m.applications_digest, applications_money = f.applications,
    migration_in = m.migration_in, migration_out = m.migration_out, migration_changed = m.migration_changed,
    migration_digest = m.migration_digest, migration_money = f.migration,
    fates = j.rows, gaps = g.list,
    rows_close = a.rows_before + m.applications_in - m.applications_out + m.migration_in - m.migration_out = n.rows,
    content_closes = a.digest_before + m.applications_digest + m.migration_digest = n.digest,
    money_closes = e.money = n.money,
    journal_closes = g.list = '[]' AND m.migration_out = j.taken_out AND m.migration_in = j.put_back
FROM account AS o, now_there AS n, moved AS m, flows AS f, expected AS e, fates AS j, gaps AS g
WHERE a.id = o.id;
DO $do$
BEGIN
    IF NOT (SELECT a.closes FROM ops.account AS a WHERE a.table_name = ':table' ORDER BY a.id DESC LIMIT 1) THEN
        RAISE WARNING 'the account of :table does not close; see its last row in ops.account';
    END IF;
END
$do$;

--: account remove
-- Takes the triggers away.
DROP TRIGGER IF EXISTS tally_insert ON public.:table;
DROP TRIGGER IF EXISTS tally_update ON public.:table;
DROP TRIGGER IF EXISTS tally_delete ON public.:table;
DROP FUNCTION IF EXISTS ops.tally_:table();

--: account clear
-- What was written between the last look and the end of counting belongs to nobody.
DELETE FROM ops.tally AS y WHERE y.table_name = ':table';
