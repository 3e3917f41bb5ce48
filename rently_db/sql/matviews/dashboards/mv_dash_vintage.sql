-- owner: risk
-- tier: T3
-- grain: legal entity x cohort month x months on book
-- key: legal_entity_id, cohort_month, mob
-- refresh: daily
-- description: The counts of v_vintage_curve, which knows no company, for each company over its products. Materialized: it reads every month-end
-- column legal_entity_id: Company that lends
-- column cohort_month: First day of the month of the first completed disbursement's value date
-- column mob: Months on book: calendar months from cohort_month to the month of observed_on
-- column observed_on: The published month-end observed
-- column originated_n: Loans of the cohort, of any status, as known today
-- column ever30: Loans whose max_dpd was over 30 in the snapshot of any published month-end up to observed_on
-- column ever90: The same over 90
-- column ever_epd: The same over setting epd_days (90), which makes an early default
CREATE MATERIALIZED VIEW analytics.mv_dash_vintage AS
WITH setting AS (
    SELECT (SELECT analytics.setting_number('epd_days')) AS epd_days
),

reached AS (
    SELECT
        h.loan_id,
        min(h.snapshot_date) FILTER (WHERE h.max_dpd > 30) AS over30,
        min(h.snapshot_date) FILTER (WHERE h.max_dpd > 90) AS over90,
        min(h.snapshot_date) FILTER (WHERE h.max_dpd > t.epd_days) AS over_epd
    FROM analytics.published_day AS d
    CROSS JOIN setting AS t
    INNER JOIN analytics.loan_daily_snapshot AS h ON d.day = h.snapshot_date
    WHERE d.is_month_end AND h.max_dpd > least(30, t.epd_days)
    GROUP BY h.loan_id
),

-- Loans by the days on which they reached each mark: few rows to hold against every month-end.
cohort AS (
    SELECT
        s.legal_entity_id,
        date_trunc('month', s.first_disbursed_on)::date AS cohort_month,
        r.over30,
        r.over90,
        r.over_epd,
        count(*) AS loans
    FROM analytics.loan_state AS s
    LEFT JOIN reached AS r ON s.loan_id = r.loan_id
    WHERE s.first_disbursed_on IS NOT NULL
    GROUP BY s.legal_entity_id, date_trunc('month', s.first_disbursed_on)::date, r.over30, r.over90, r.over_epd
)

SELECT
    c.legal_entity_id,
    c.cohort_month,
    (
        12 * (extract(YEAR FROM d.day) - extract(YEAR FROM c.cohort_month)) + extract(MONTH FROM d.day) - extract(MONTH FROM c.cohort_month)
    )::integer AS mob,
    d.day AS observed_on,
    sum(c.loans)::bigint AS originated_n,
    coalesce(sum(c.loans) FILTER (WHERE c.over30 <= d.day), 0)::bigint AS ever30,
    coalesce(sum(c.loans) FILTER (WHERE c.over90 <= d.day), 0)::bigint AS ever90,
    coalesce(sum(c.loans) FILTER (WHERE c.over_epd <= d.day), 0)::bigint AS ever_epd
FROM cohort AS c
INNER JOIN analytics.published_day AS d ON d.is_month_end AND c.cohort_month <= d.day
GROUP BY c.legal_entity_id, c.cohort_month, d.day;
CREATE UNIQUE INDEX uq_mv_dash_vintage ON analytics.mv_dash_vintage (legal_entity_id, cohort_month, mob);
