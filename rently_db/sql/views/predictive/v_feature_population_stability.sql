-- owner: data_science
-- tier: T3
-- grain: feature x month-end
-- key: feature, month_end
-- refresh: daily
-- description: How far the loans on the book have moved from those of the reference month-end, feature by feature
-- column feature: Column of loan_feature_by_day
-- column month_end: Published month-end
-- column psi: Population stability index over the deciles of the reference month-end, rounded to four places; 0: the same
-- column stability: shifted: psi over setting psi_major; moderate: over psi_moderate; else stable
-- column reference_month_end: Month-end that it is compared with
-- column loans: Loans on the book at month_end
-- column reference_loans: Loans on the book at reference_month_end
-- column bins: Ranges compared
CREATE VIEW analytics.v_feature_population_stability AS
SELECT
    p.feature,
    p.month_end,
    p.psi,
    CASE
        WHEN p.psi > (SELECT analytics.setting_number('psi_major')) THEN 'shifted'
        WHEN p.psi > (SELECT analytics.setting_number('psi_moderate')) THEN 'moderate'
        ELSE 'stable'
    END AS stability,
    p.reference_month_end,
    p.loans,
    p.reference_loans,
    p.bins
FROM analytics.mv_feature_population_stability AS p;
