-- owner: portfolio
-- tier: T1
-- grain: legal entity x product x currency x status
-- key: legal_entity_id, product_id, currency_code, status
-- refresh: minute
-- description: Sums over all loans that loan_portfolio_summary and v_loan_portfolio_overview divide. Kept for a minute: contracts stand in another table
--     than the state of loans, and joining all of both takes longer than a reader should wait
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract: active, closed, written_off, transferred
-- column business_date: Business date of the company, for which the sums hold
-- column loans: Loans
-- column approved: Amount lent by contract
-- column outstanding: Outstanding principal
-- column written_off: Principal written off
-- column interest_rates: Yearly interest rates, summed
-- column rc_fee_rates: Yearly rates of the Rently Care fee, summed over the contracts that have one
-- column rc_fee_loans: Contracts that have one
-- column interest_weight: Outstanding principal times interest rate
-- column rc_fee_weight: Outstanding principal times rate of the Rently Care fee
-- column rc_fee_outstanding: Outstanding principal of contracts that have a rate of the Rently Care fee; NULL: none has
-- column earliest_start: Earliest first day of a contract
-- column latest_end: Latest last day of a contract
CREATE MATERIALIZED VIEW analytics.mv_portfolio_total AS
SELECT
    p.legal_entity_id,
    p.product_id,
    p.currency_code,
    p.status,
    p.business_date,
    count(*) AS loans,
    sum(p.approved_principal) AS approved,
    sum(p.outstanding_principal) AS outstanding,
    sum(p.principal_written_off) AS written_off,
    sum(l.interest_rate) AS interest_rates,
    sum(l.rc_fee_rate) AS rc_fee_rates,
    count(l.rc_fee_rate) AS rc_fee_loans,
    sum(p.outstanding_principal * l.interest_rate) AS interest_weight,
    sum(p.outstanding_principal * l.rc_fee_rate) AS rc_fee_weight,
    sum(p.outstanding_principal) FILTER (WHERE l.rc_fee_rate IS NOT NULL) AS rc_fee_outstanding,
    min(l.start_date) AS earliest_start,
    max(l.end_date) AS latest_end
FROM analytics.loan_position AS p
INNER JOIN public.loan AS l ON p.loan_id = l.id
GROUP BY p.legal_entity_id, p.product_id, p.currency_code, p.status, p.business_date;
CREATE UNIQUE INDEX uq_mv_portfolio_total ON analytics.mv_portfolio_total (legal_entity_id, product_id, currency_code, status);
