-- owner: portfolio
-- tier: T1
-- grain: legal entity x product category x business unit x currency x status
-- key: legal_entity_id, product_category, business_unit, currency_code, loan_status
-- refresh: minute
-- description: Size and mix of the book: every loan counts once, in the group of its status on the business date
-- column legal_entity_name: Name of the company that lends
-- column country_code: Its country, ISO 3166
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column loan_status: Status of the contract on the business date: active, closed, written_off, transferred
-- column loan_count: Loans
-- column total_principal: Originated principal: amounts lent by contract
-- column avg_loan_amount: total_principal / loan_count, rounded to 2 places
-- column avg_interest_rate: Mean of the loans' yearly interest rates, each loan alike, as a fraction, rounded to 4 places
-- column avg_rc_fee_rate: Mean of the loans' Rently Care fee rates, each loan that has one alike, as a fraction, rounded to 4 places; NULL: none has
-- column earliest_start_date: First start date by contract
-- column latest_end_date: Last end date by contract
-- column active_loans: Loans of status active
-- column closed_loans: Loans of status closed
-- column written_off_loans: Loans of status written_off
-- column active_principal: Outstanding principal of loans of status active
-- column written_off_principal: Principal written off so far, in part or with the whole contract
-- column legal_entity_id: Company that lends
-- column originated_principal: As total_principal
-- column outstanding_principal: Outstanding principal
-- column wavg_interest_rate: Yearly interest rate weighted by outstanding principal, a fraction rounded to 4 places; NULL: nothing is outstanding
-- column wavg_rc_fee_rate: Rently Care fee rate of loans that have one, weighted by outstanding principal, a fraction rounded to 4 places; NULL: nothing is outstanding
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_loan_portfolio_overview AS
SELECT
    e.name AS legal_entity_name,
    e.country_code,
    r.category AS product_category,
    r.business_unit,
    t.currency_code,
    t.status AS loan_status,
    sum(t.loans)::bigint AS loan_count,
    sum(t.approved) AS total_principal,
    round(sum(t.approved) / sum(t.loans), 2) AS avg_loan_amount,
    round(sum(t.interest_rates) / sum(t.loans), 4) AS avg_interest_rate,
    round(sum(t.rc_fee_rates) / nullif(sum(t.rc_fee_loans), 0), 4) AS avg_rc_fee_rate,
    min(t.earliest_start) AS earliest_start_date,
    max(t.latest_end) AS latest_end_date,
    coalesce(sum(t.loans) FILTER (WHERE t.status = 'active'), 0)::bigint AS active_loans,
    coalesce(sum(t.loans) FILTER (WHERE t.status = 'closed'), 0)::bigint AS closed_loans,
    coalesce(sum(t.loans) FILTER (WHERE t.status = 'written_off'), 0)::bigint AS written_off_loans,
    coalesce(sum(t.outstanding) FILTER (WHERE t.status = 'active'), 0) AS active_principal,
    sum(t.written_off) AS written_off_principal,
    t.legal_entity_id,
    sum(t.approved) AS originated_principal,
    sum(t.outstanding) AS outstanding_principal,
    round(sum(t.interest_weight) / nullif(sum(t.outstanding), 0), 4) AS wavg_interest_rate,
    round(sum(t.rc_fee_weight) / nullif(sum(t.rc_fee_outstanding), 0), 4) AS wavg_rc_fee_rate,
    t.business_date
FROM analytics.mv_portfolio_total AS t
INNER JOIN public.legal_entity AS e ON t.legal_entity_id = e.id
INNER JOIN public.product AS r ON t.product_id = r.id
GROUP BY t.legal_entity_id, e.name, e.country_code, t.business_date, r.category, r.business_unit, t.currency_code, t.status;
