-- owner: portfolio
-- tier: T1
-- grain: legal entity x product category x business unit x currency x status
-- key: legal_entity_id, category, business_unit, currency_code, status
-- refresh: minute
-- description: The same as loan_portfolio_summary, under the name that other software reads; at most a minute old
-- column legal_entity_id: Company that lends
-- column category: Category of the product
-- column business_unit: Business unit of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract on the business date
-- column loan_count: Loans
-- column total_principal: Originated principal: amounts lent by contract
-- column avg_interest_rate: Mean of the loans' yearly interest rates, each loan alike, as a fraction, rounded to 4 places
-- column earliest_start: First start date by contract
-- column latest_end: Last end date by contract
-- column outstanding_principal: Outstanding principal
CREATE VIEW analytics.mv_portfolio_summary_realtime AS
SELECT
    s.legal_entity_id,
    s.category,
    s.business_unit,
    s.currency_code,
    s.status,
    s.loan_count,
    s.total_principal,
    s.avg_interest_rate,
    s.earliest_start,
    s.latest_end,
    s.outstanding_principal
FROM analytics.loan_portfolio_summary AS s;
