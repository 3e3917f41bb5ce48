-- owner: risk
-- tier: T3
-- grain: month x type x currency
-- key: month_start, modification_type, currency_code
-- refresh: daily
-- description: The figures of v_loan_modification_analysis, where each is defined
-- column month_start: First day of the month of the modification
-- column modification_type: transfer, refinance, renewal or re_plan
-- column currency_code: Currency of the amount, ISO 4217
-- column modifications: Modifications
-- column amount: Amount modified
-- column observed_6m: Those whose later conduct is known
-- column re_default_6m: Those of them in default later
-- column max_dpd_6m: Worst days past due later
-- column default_now: Those whose loan is in default today
CREATE MATERIALIZED VIEW analytics.mv_loan_modification AS
WITH span AS (
    SELECT
        min(d.day) AS first_day,
        max(d.day) AS last_day,
        coalesce(analytics.setting_number('re_default_months'), 6) * interval '1 month' AS watched
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

modification AS MATERIALIZED (
    SELECT
        m.modification_id,
        m.modification_type,
        m.loan_id,
        m.modified_on,
        m.amount,
        s.currency_code,
        (m.modified_on + w.watched)::date AS watched_until,
        m.modified_on + w.watched <= w.last_day
        AND w.first_day <= (date_trunc('month', m.modified_on) + interval '1 month')::date - 1 AS is_observed,
        k.is_default
    FROM analytics.loan_modification AS m
    INNER JOIN analytics.loan_position AS s ON m.loan_id = s.loan_id AND m.modified_on <= s.business_date
    INNER JOIN analytics.loan_risk AS k ON m.loan_id = k.loan_id
    CROSS JOIN span AS w
),

later AS (
    SELECT
        m.modification_id,
        max(h.dpd) AS max_dpd,
        bool_or(f.loan_id IS NOT NULL) AS is_default
    FROM modification AS m
    INNER JOIN analytics.published_day AS d ON d.is_month_end AND m.modified_on < d.day AND m.watched_until >= d.day
    INNER JOIN analytics.loan_daily_snapshot AS h ON d.day = h.snapshot_date AND m.loan_id = h.loan_id
    LEFT JOIN analytics.mv_month_end_default AS f ON d.day = f.day AND m.loan_id = f.loan_id
    GROUP BY m.modification_id
)

SELECT
    date_trunc('month', m.modified_on)::date AS month_start,
    m.modification_type,
    m.currency_code,
    count(*) AS modifications,
    sum(m.amount) AS amount,
    count(*) FILTER (WHERE m.is_observed) AS observed_6m,
    count(*) FILTER (WHERE m.is_observed AND n.is_default) AS re_default_6m,
    max(n.max_dpd) AS max_dpd_6m,
    count(*) FILTER (WHERE m.is_default) AS default_now
FROM modification AS m
LEFT JOIN later AS n ON m.modification_id = n.modification_id
GROUP BY date_trunc('month', m.modified_on), m.modification_type, m.currency_code;
CREATE UNIQUE INDEX ix_mv_loan_modification_key ON analytics.mv_loan_modification (month_start, modification_type, currency_code);
