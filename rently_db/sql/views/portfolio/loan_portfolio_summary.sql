-- owner: portfolio
-- tier: T1
-- grain: legal entity x product category x business unit x currency x status
-- key: legal_entity_id, category, business_unit, currency_code, status
-- refresh: minute
-- description: Originated and outstanding principal by status on the business date; every loan counts once
-- column legal_entity_id: Company that lends
-- column category: Category of the product
-- column business_unit: Business unit of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract on the business date: active, closed, written_off, transferred
-- column loan_count: Loans
-- column total_principal: Originated principal: amounts lent by contract
-- column avg_interest_rate: Mean of the loans' yearly interest rates, each loan alike, as a fraction, rounded to 4 places
-- column earliest_start: First start date by contract
-- column latest_end: Last end date by contract
-- column outstanding_principal: Outstanding principal
CREATE VIEW analytics.loan_portfolio_summary AS
SELECT
    t.legal_entity_id,
    r.category,
    r.business_unit,
    t.currency_code,
    t.status,
    sum(t.loans)::bigint AS loan_count,
    sum(t.approved) AS total_principal,
    round(sum(t.interest_rates) / sum(t.loans), 4) AS avg_interest_rate,
    min(t.earliest_start) AS earliest_start,
    max(t.latest_end) AS latest_end,
    sum(t.outstanding) AS outstanding_principal
FROM analytics.mv_portfolio_total AS t
INNER JOIN public.product AS r ON t.product_id = r.id
GROUP BY t.legal_entity_id, r.category, r.business_unit, t.currency_code, t.status;
