-- owner: collections
-- tier: T1
-- grain: month x legal entity
-- key: month_start, legal_entity_id
-- refresh: daily
-- description: Delinquency episodes (runs of days with dpd > 0) that began and that were resolved in each month, and how long that took. Episodes that
--     began before setting collections_history_months are left out
-- column month_start: First day of the month; months with neither have no row
-- column months_ago: Months before that of the business date, which has 0
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column opened: Episodes that began in the month
-- column resolved: Episodes that ended in the month by payment, re-plan or closing
-- column lost: Episodes that ended in the month by write-off or transfer
-- column resolved_days: Days from beginning to end of the resolved ones, summed
-- column avg_days: resolved_days / resolved, rounded to 2 places; NULL: none
-- column median_days: Median of the days (mean of the middle two), rounded to 2 places; NULL: none
CREATE VIEW analytics.dash_resolution_month AS
WITH entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        e.business_date
    FROM analytics.entity_day AS e
),

episode AS (
    SELECT
        s.legal_entity_id,
        d.entered_on,
        d.ended_on,
        d.is_cured
    FROM analytics.mv_delinquency_entry AS d
    INNER JOIN analytics.loan_state AS s ON d.loan_id = s.loan_id
    WHERE d.bucket_sort = 0
),

event AS (
    SELECT
        o.legal_entity_id,
        date_trunc('month', o.entered_on)::date AS month_start,
        'opened' AS kind,
        NULL::integer AS days
    FROM episode AS o
    UNION ALL
    SELECT
        o.legal_entity_id,
        date_trunc('month', o.ended_on)::date AS month_start,
        CASE WHEN o.is_cured THEN 'resolved' ELSE 'lost' END AS kind,
        CASE WHEN o.is_cured THEN o.ended_on - o.entered_on END AS days
    FROM episode AS o
    WHERE o.ended_on IS NOT NULL
),

total AS (
    SELECT
        v.legal_entity_id,
        v.month_start,
        count(*) FILTER (WHERE v.kind = 'opened') AS opened,
        count(*) FILTER (WHERE v.kind = 'resolved') AS resolved,
        count(*) FILTER (WHERE v.kind = 'lost') AS lost,
        coalesce(sum(v.days), 0) AS resolved_days,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY v.days) AS median_days
    FROM event AS v
    GROUP BY v.legal_entity_id, v.month_start
)

SELECT
    t.month_start,
    (
        (extract(YEAR FROM e.business_date) - extract(YEAR FROM t.month_start)) * 12
        + extract(MONTH FROM e.business_date) - extract(MONTH FROM t.month_start)
    )::integer AS months_ago,
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.opened,
    t.resolved,
    t.lost,
    t.resolved_days,
    round(t.resolved_days::numeric / nullif(t.resolved, 0), 2) AS avg_days,
    round(t.median_days::numeric, 2) AS median_days
FROM total AS t
INNER JOIN entity AS e ON t.legal_entity_id = e.legal_entity_id;
