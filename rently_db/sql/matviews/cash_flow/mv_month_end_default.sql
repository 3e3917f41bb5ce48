-- owner: risk
-- tier: T3
-- grain: month-end x loan that was non-performing on it
-- key: day, loan_id
-- refresh: daily
-- description: The non-performing loans of each published month-end, kept because classifying all month-ends anew is slow
-- column day: Month-end
-- column loan_id: Loan that was non-performing
CREATE MATERIALIZED VIEW analytics.mv_month_end_default AS
SELECT
    r.day,
    r.loan_id
FROM analytics.snapshot_risk AS r
WHERE r.is_default;
CREATE UNIQUE INDEX ix_mv_month_end_default_key ON analytics.mv_month_end_default (day, loan_id);
