-- owner: risk
-- tier: T1
-- grain: loan x period: now (period infinity) and each published month-end
-- key: period, loan_id
-- refresh: minute
-- description: What the classification of a loan depends on, for today and for month-ends alike
-- column period: The month-end; infinity for today, when companies in several time zones may have different days
-- column day: Day for which it holds
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column obligor_id: Group of connected borrowers, else the borrower
-- column currency_code: Currency of the amount
-- column outstanding_principal: Principal still owed
-- column dpd: Days past due
-- column npl_last_day: Last day beyond the non-performing threshold by own days past due; NULL: never
-- column is_on_book: Whether the loan is active
-- column is_unlikely_to_pay: Flag unlikely_to_pay holds
-- column is_significant_increase: Flag significant_increase holds
-- column is_forborne: Flag forborne holds
CREATE VIEW analytics.risk_input AS
SELECT
    'infinity'::date AS period,
    p.business_date AS day,
    p.loan_id,
    p.legal_entity_id,
    p.obligor_id,
    p.currency_code,
    p.outstanding_principal,
    p.dpd,
    p.npl_last_day,
    p.is_on_book,
    p.is_unlikely_to_pay,
    p.is_significant_increase,
    p.is_forborne
FROM analytics.loan_position AS p
UNION ALL
SELECT
    s.snapshot_date AS period,
    s.snapshot_date AS day,
    s.loan_id,
    s.legal_entity_id,
    s.obligor_id,
    s.currency_code,
    s.outstanding_principal,
    s.dpd,
    s.npl_last_day,
    s.status = 'active' AS is_on_book,
    s.is_unlikely_to_pay,
    s.is_significant_increase,
    s.is_forborne
FROM analytics.loan_daily_snapshot AS s
INNER JOIN analytics.published_day AS d ON s.snapshot_date = d.day AND d.is_month_end;
