-- owner: risk
-- tier: T3
-- grain: loan x month-end
-- key: day, loan_id
-- refresh: daily
-- description: Class, stage and default of each loan at each published month-end, by the rules of that day, as they were published
-- column day: Day
-- column loan_id: Loan
-- column is_default: Whether the loan is non-performing
-- column reason: Why: dpd, obligor, unlikely_to_pay or probation; NULL: it is performing
-- column class: Class by the rules of the country; normal below all of them
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column obligor_dpd: Highest days past due among the obligor's loans on the book
-- column rule_version: First day on which the youngest of the rules applied holds; NULL: no rule
CREATE VIEW analytics.snapshot_risk AS
SELECT
    r.day,
    r.loan_id,
    r.is_default,
    r.reason,
    r.class,
    r.stage,
    r.obligor_dpd,
    r.rule_version
FROM analytics.month_end_risk AS r;
