-- owner: risk
-- tier: T3
-- grain: loan that was past due at a month-end of the last 12 months
-- key: loan_id
-- refresh: daily
-- description: Worst days past due of each loan at the published month-ends of the 12 months before the business date
-- column loan_id: Loan
-- column max_dpd: Highest days past due at these month-ends, above 0
CREATE MATERIALIZED VIEW analytics.mv_year_dpd AS
SELECT
    s.loan_id,
    max(s.dpd) AS max_dpd
FROM analytics.published_day AS d
INNER JOIN analytics.loan_daily_snapshot AS s ON d.day = s.snapshot_date AND s.dpd > 0
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
WHERE d.is_month_end AND d.day <= e.business_date AND d.day > e.business_date - interval '12 months'
GROUP BY s.loan_id;
CREATE UNIQUE INDEX ix_mv_year_dpd_key ON analytics.mv_year_dpd (loan_id);
