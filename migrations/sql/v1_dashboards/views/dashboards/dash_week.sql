-- owner: finance
-- tier: T2
-- grain: week
-- key: week_start
-- refresh: quarter_hour
-- description: What falls due in this and the next 11 weeks, and what of it is expected to come in, of all companies in the group currency at the rate
--     of the latest business date: v_weekly_cash_flow_projections knows currencies, not companies
-- column week_start: Monday of the week
-- column weeks_ahead: Weeks after the first, which has 0
-- column group_ccy: Currency of all amounts, ISO 4217
-- column contractual_due: What falls due in the week and is unpaid today, rounded to 2 places; NULL: a rate is missing
-- column expected_inflow: What of it is expected, rounded to 2 places; NULL: a rate, or the efficiency of a bucket, is missing
-- column needs_signoff: Whether an efficiency was used that is a placeholder
CREATE VIEW analytics.dash_week AS
WITH target AS (
    SELECT
        analytics.setting_text('group_currency')::char(3) AS group_ccy,
        (SELECT max(e.business_date) FROM analytics.entity_day AS e) AS day
),

week AS (
    SELECT
        w.week_start,
        w.currency_code,
        w.contractual_due,
        w.expected_inflow,
        w.needs_signoff
    FROM analytics.v_weekly_cash_flow_projections AS w
),

rate AS (
    SELECT
        c.currency_code,
        f.rate
    FROM (SELECT DISTINCT w.currency_code FROM week AS w) AS c
    CROSS JOIN target AS t
    CROSS JOIN LATERAL analytics.fx_rate(c.currency_code, t.group_ccy, t.day) AS f
)

SELECT
    w.week_start,
    (w.week_start - min(w.week_start) OVER ()) / 7 AS weeks_ahead,
    t.group_ccy,
    round(
        CASE
            WHEN count(*) FILTER (WHERE w.contractual_due <> 0 AND r.rate IS NULL) = 0 THEN coalesce(sum(w.contractual_due * r.rate), 0)
        END, 2
    ) AS contractual_due,
    round(
        CASE
            WHEN count(*) FILTER (WHERE w.expected_inflow IS NULL OR (w.expected_inflow <> 0 AND r.rate IS NULL)) = 0
                THEN coalesce(sum(w.expected_inflow * r.rate), 0)
        END, 2
    ) AS expected_inflow,
    bool_or(w.needs_signoff) AS needs_signoff
FROM week AS w
INNER JOIN rate AS r ON w.currency_code = r.currency_code
CROSS JOIN target AS t
GROUP BY w.week_start, t.group_ccy;
