-- owner: compliance
-- tier: T1
-- grain: loan on the book x period: now (period infinity) and each published month-end
-- key: period, loan_id
-- refresh: minute
-- description: Exposure at default, eligible collateral and provision of each loan on the book, for today and for month-ends by the same rules
-- column period: The month-end; infinity for today
-- column day: Day for which it holds
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column currency_code: Currency of all amounts, ISO 4217
-- column class: Class of the loan on the day (loan_risk_by_day)
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column is_default: Whether the loan is non-performing
-- column reason: Why: dpd, obligor, unlikely_to_pay or probation; NULL: it is performing
-- column rule_version: First day on which the youngest of the classification rules applied holds; NULL: no rule
-- column outstanding_principal: Principal still owed
-- column interest_outstanding: Interest due and unpaid
-- column undrawn: Amount lent by contract less disbursements and principal taken over from other loans, at least 0
-- column ead: Exposure at default: outstanding_principal + interest_outstanding + undrawn * setting undrawn_credit_conversion
-- column eligible_collateral: Sum of value * (1 - haircut, 0 if not decided) over securities with status active, registered by the day (or without
--     a registration date), not expired by it and valued, in the loan's currency (value_ccy, else the loan's) by the rate of the day; 0 without any,
--     NULL where a rate is missing
-- column base: max(ead - eligible_collateral, 0); a missing eligible_collateral counts as 0
-- column rate: Fraction of base to set aside: provision_rate of the day for country and class, the category's row, else the one without category; NULL: no row
-- column provision: base * rate, rounded to two places; NULL without a rate
-- column needs_signoff: Whether the rate is a placeholder that nobody has signed off; false without a rate
CREATE VIEW analytics.loan_provision AS
SELECT
    t.period,
    t.day,
    t.loan_id,
    t.legal_entity_id,
    t.product_id,
    t.currency_code,
    t.class,
    t.stage,
    t.is_default,
    t.reason,
    t.rule_version,
    t.outstanding_principal,
    t.interest_outstanding,
    t.undrawn,
    t.ead,
    t.eligible_collateral,
    t.base,
    t.rate,
    t.provision,
    t.needs_signoff
FROM analytics.loan_provision_by_day AS t
WHERE t.period = 'infinity'
UNION ALL
SELECT
    m.day AS period,
    m.day,
    m.loan_id,
    s.legal_entity_id,
    s.product_id,
    s.currency_code,
    m.class,
    m.stage,
    m.is_default,
    m.reason,
    m.rule_version,
    s.outstanding_principal,
    s.interest_outstanding,
    greatest(s.approved_principal - s.disbursed_principal - s.transferred_in, 0) AS undrawn,
    m.ead,
    m.eligible_collateral,
    m.base,
    m.rate,
    m.provision,
    m.needs_signoff
FROM analytics.month_end_risk AS m
INNER JOIN analytics.loan_daily_snapshot AS s ON m.day = s.snapshot_date AND m.loan_id = s.loan_id
WHERE m.ead IS NOT NULL;
