-- owner: risk
-- tier: T3
-- grain: month of first default x currency x months since
-- key: default_month, currency_code, months_since
-- refresh: daily
-- description: What was recovered on loans after their first default, by cohort; months without recovery have no row
-- column default_month: First day of the month of the first default
-- column currency_code: Currency of all amounts, ISO 4217
-- column months_since: Calendar months from the month of default to the month of the value date
-- column recovered: Effective allocations of principal with a value date after the first default
-- column recovered_other: Effective allocations of all other components with a value date after the first default
-- column discounted: recovered, each amount divided by (1 + yearly interest rate of the contract) to the power of days since the default / 365, rounded to 2 places
CREATE MATERIALIZED VIEW analytics.mv_recovery AS
WITH defaulted AS (
    SELECT
        d.loan_id,
        d.currency_code,
        d.defaulted_on,
        date_trunc('month', d.defaulted_on)::date AS default_month,
        l.interest_rate,
        analytics.business_date(e.time_zone) AS business_date
    FROM analytics.mv_loan_default AS d
    INNER JOIN public.loan AS l ON d.loan_id = l.id
    INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id
),

receipt AS (
    SELECT
        d.default_month,
        d.currency_code,
        a.component,
        a.amount,
        (
            12 * (extract(YEAR FROM a.value_date) - extract(YEAR FROM d.default_month))
            + extract(MONTH FROM a.value_date) - extract(MONTH FROM d.default_month)
        )::integer AS months_since,
        a.amount / power(1 + d.interest_rate, (a.value_date - d.defaulted_on) / 365.0) AS discounted
    FROM defaulted AS d
    INNER JOIN analytics.dated_allocation AS a
        ON d.loan_id = a.loan_id AND d.defaulted_on < a.value_date AND d.business_date >= a.value_date AND d.business_date < a.counts_until
)

SELECT
    r.default_month,
    r.currency_code,
    r.months_since,
    coalesce(sum(r.amount) FILTER (WHERE r.component = 'principal'), 0) AS recovered,
    coalesce(sum(r.amount) FILTER (WHERE r.component <> 'principal'), 0) AS recovered_other,
    coalesce(round(sum(r.discounted) FILTER (WHERE r.component = 'principal'), 2), 0) AS discounted
FROM receipt AS r
GROUP BY r.default_month, r.currency_code, r.months_since;
CREATE UNIQUE INDEX uq_mv_recovery ON analytics.mv_recovery (default_month, currency_code, months_since);
