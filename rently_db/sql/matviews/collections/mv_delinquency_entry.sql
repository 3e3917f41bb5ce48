-- owner: collections
-- tier: T3
-- grain: delinquency episode of a loan x bucket of scheme collections_entry that it entered
-- key: loan_id, episode_from, bucket_sort
-- refresh: daily
-- description: Episodes: the longest runs of days on which a loan was past due (dpd > 0). Each counts once in every bucket that it entered, from the day
--     on which dpd first reached the bucket; entries older than setting collections_history_months are left out
-- column loan_id: Loan
-- column episode_from: First day of the episode
-- column bucket: Bucket entered
-- column bucket_sort: Position of the bucket, from 0
-- column is_last: Whether it is the open bucket at the end
-- column entered_on: First day on which dpd reached the bucket
-- column ended_on: First day on which the loan was no longer past due; NULL: it still is
-- column ended_by: What ended it: closed, replanned, settled, transferred, written_off (of several on one day the first of this list); NULL: open
-- column is_cured: Whether it ended by settled, replanned or closed
-- column is_forborne: Whether it ended by replanned, or flag forborne held on a day from entered_on to ended_on
-- column outstanding: Outstanding principal at the end of entered_on, in the loan's currency
-- column actions: Events of collections from entered_on to ended_on, or to the business date
CREATE MATERIALIZED VIEW analytics.mv_delinquency_entry AS
WITH entry AS (
    SELECT
        e.line_id,
        e.loan_id,
        e.bucket,
        e.bucket_sort,
        e.is_first,
        e.is_last,
        e.reached_on,
        e.last_day,
        e.ended_by
    FROM analytics.overdue_entry AS e
),

-- Days past due run on if the next instalment is late at the latest on the day after.
island AS (
    SELECT
        s.line_id,
        s.loan_id,
        s.reached_on,
        s.last_day,
        s.ended_by,
        count(*) FILTER (WHERE s.covered_until IS NULL OR s.reached_on > s.covered_until + 1) OVER (
            PARTITION BY s.loan_id ORDER BY s.reached_on, s.line_id
        ) AS episode
    FROM (
        SELECT
            e.line_id,
            e.loan_id,
            e.reached_on,
            e.last_day,
            e.ended_by,
            max(e.last_day)
                OVER (PARTITION BY e.loan_id ORDER BY e.reached_on, e.line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                AS covered_until
        FROM entry AS e
        WHERE e.is_first
    ) AS s
),

episode AS (
    SELECT
        i.loan_id,
        i.episode,
        min(i.reached_on) AS episode_from,
        max(i.last_day) AS last_day,
        (array_agg(i.ended_by ORDER BY i.last_day DESC, i.ended_by ASC))[1] AS ended_by
    FROM island AS i
    GROUP BY i.loan_id, i.episode
),

entered AS MATERIALIZED (
    SELECT
        p.loan_id,
        p.episode_from,
        e.bucket,
        e.bucket_sort,
        e.is_last,
        min(e.reached_on) AS entered_on,
        CASE WHEN p.ended_by IS NOT NULL THEN p.last_day + 1 END AS ended_on,
        p.ended_by
    FROM island AS i
    INNER JOIN entry AS e ON i.line_id = e.line_id
    INNER JOIN episode AS p ON i.loan_id = p.loan_id AND i.episode = p.episode
    GROUP BY p.loan_id, p.episode_from, e.bucket, e.bucket_sort, e.is_last, p.last_day, p.ended_by
    HAVING min(e.reached_on) > (
        analytics.business_date('UTC') - make_interval(months => (SELECT analytics.setting_number('collections_history_months'))::integer)
    )::date
),

-- Once, not for each row that it is joined to.
action AS MATERIALIZED (
    SELECT
        e.loan_id,
        e.episode_from,
        e.bucket_sort,
        count(*) AS actions
    FROM entered AS e
    INNER JOIN
        analytics.collections_action AS a
        ON e.loan_id = a.loan_id AND e.entered_on <= a.event_on AND (e.ended_on IS NULL OR e.ended_on >= a.event_on)
    GROUP BY e.loan_id, e.episode_from, e.bucket_sort
)

SELECT
    e.loan_id,
    e.episode_from,
    e.bucket,
    e.bucket_sort,
    e.is_last,
    e.entered_on,
    e.ended_on,
    e.ended_by,
    coalesce(e.ended_by IN ('settled', 'replanned', 'closed'), FALSE) AS is_cured,
    coalesce(e.ended_by = 'replanned', FALSE) OR EXISTS (
        SELECT FROM public.loan_flag AS f
        WHERE
            f.loan_id = e.loan_id AND f.flag = 'forborne' AND f.effective_from <= coalesce(e.ended_on, analytics.business_date('UTC'))
            AND (f.effective_through IS NULL OR f.effective_through > e.entered_on)
    ) AS is_forborne,
    b.outstanding,
    coalesce(a.actions, 0) AS actions
FROM entered AS e
-- By loan, through the indexes: the planner can't know how many rows there are, and would compare each with each.
CROSS JOIN
    LATERAL (
        SELECT greatest(coalesce(sum(m.amount), 0), 0) AS outstanding
        FROM analytics.principal_movement AS m
        WHERE m.loan_id = e.loan_id AND m.value_date <= e.entered_on AND m.counts_until > e.entered_on
    ) AS b
LEFT JOIN action AS a ON e.loan_id = a.loan_id AND e.episode_from = a.episode_from AND e.bucket_sort = a.bucket_sort;
CREATE UNIQUE INDEX uq_mv_delinquency_entry ON analytics.mv_delinquency_entry (loan_id, episode_from, bucket_sort);
