-- owner: data_science
-- tier: T3
-- grain: currency
-- key: currency_code
-- refresh: daily
-- description: What was not recovered of loans that became non-performing in our own month-ends. Materialized: it reads every month-end
-- column currency_code: Currency of the amounts, ISO 4217
-- column defaults: Loans that first were non-performing (snapshot_risk) at a published month-end later than the first one, for which the month-end
--     lgd_workout_months later is published and lists the loan
-- column exposure: Outstanding principal and interest due at that first month-end, summed
-- column recovered: Principal and interest paid between it and the month-end lgd_workout_months later, per loan at most its exposure, summed; not discounted
-- column lgd: 1 - recovered / exposure, rounded to six places; NULL: no exposure
CREATE MATERIALIZED VIEW analytics.mv_loss_given_default AS
WITH defaulted AS (
    SELECT
        r.loan_id,
        min(r.day) AS day
    FROM analytics.snapshot_risk AS r
    WHERE r.is_default
    GROUP BY r.loan_id
),

first_day AS (
    SELECT min(d.day) AS day
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

workout AS (
    SELECT
        d.loan_id,
        d.day,
        (
            date_trunc('month', d.day::timestamp)
            + make_interval(months => 1 + (SELECT analytics.setting_number('lgd_workout_months'))::integer)
        )::date
        - 1 AS ends_on
    FROM defaulted AS d
    CROSS JOIN first_day AS f
    WHERE d.day > f.day
),

loss AS (
    SELECT
        s.currency_code,
        s.outstanding_principal + s.interest_outstanding AS exposure,
        least(
            greatest(h.principal_paid + h.interest_paid - s.principal_paid - s.interest_paid, 0),
            s.outstanding_principal + s.interest_outstanding
        ) AS recovered
    FROM workout AS w
    INNER JOIN analytics.loan_daily_snapshot AS s ON w.day = s.snapshot_date AND w.loan_id = s.loan_id
    INNER JOIN analytics.published_day AS d ON w.ends_on = d.day AND d.is_month_end
    INNER JOIN analytics.loan_daily_snapshot AS h ON d.day = h.snapshot_date AND w.loan_id = h.loan_id
)

SELECT
    l.currency_code,
    count(*) AS defaults,
    sum(l.exposure) AS exposure,
    sum(l.recovered) AS recovered,
    round(1 - sum(l.recovered) / nullif(sum(l.exposure), 0), 6) AS lgd
FROM loss AS l
GROUP BY l.currency_code;
CREATE UNIQUE INDEX mv_loss_given_default_key ON analytics.mv_loss_given_default (currency_code);
