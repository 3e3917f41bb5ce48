-- owner: risk
-- tier: T1
-- grain: loan on the book that owes principal
-- key: loan_id
-- refresh: minute
-- description: What each loan exposes the company and the group to, in their currencies at the rate of the business date
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column country_code: Its country
-- column business_date: Its business date, for which the figures hold
-- column product_id: Product
-- column borrower_party_id: Party that owes the loan
-- column obligor_id: Group of connected borrowers, else the borrower
-- column currency_code: Currency of the loan, ISO 4217
-- column functional_ccy: Currency of the company's books
-- column group_ccy: Currency of the group
-- column dpd: Days past due
-- column outstanding_principal: Principal still owed, above 0, in the loan's currency
-- column exposure_fn: The same in functional_ccy, unrounded; NULL: the rate is missing
-- column exposure_group: The same in group_ccy, unrounded; NULL: the rate is missing
CREATE VIEW analytics.loan_exposure AS
SELECT
    p.loan_id,
    p.legal_entity_id,
    p.legal_entity_name,
    p.country_code,
    p.business_date,
    p.product_id,
    p.borrower_party_id,
    p.obligor_id,
    p.currency_code,
    r.functional_ccy,
    r.group_ccy,
    p.dpd,
    p.outstanding_principal,
    p.outstanding_principal * r.functional_rate AS exposure_fn,
    p.outstanding_principal * r.group_rate AS exposure_group
FROM analytics.loan_position AS p
INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
WHERE p.is_on_book AND p.outstanding_principal > 0;
