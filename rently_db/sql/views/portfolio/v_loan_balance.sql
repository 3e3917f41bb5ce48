-- owner: finance
-- tier: T0
-- grain: loan
-- key: loan_id
-- refresh: live
-- description: What each loan owes, by component, and how its principal came about; exact when read
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column loan_status: Status of the contract on the business date
-- column disbursed: Completed disbursements
-- column transferred_in: Principal taken over from other loans
-- column refunded: Principal given back
-- column principal_paid: Principal paid
-- column principal_waived: Principal waived
-- column principal_written_off: Principal written off, with what remained when the contract was written off
-- column transferred_out: Principal moved to other loans, with what remained when the contract was transferred
-- column principal_outstanding: disbursed + transferred_in + refunded - principal_paid - principal_waived - principal_written_off
--     - transferred_out, at least 0
-- column overpaid_principal: What that sum is below 0
-- column interest_outstanding: Interest due and unpaid
-- column fee_outstanding: Rently Care fee due and unpaid
-- column penalty_outstanding: Penalties due and unpaid
-- column other_outstanding: Other amounts due and unpaid
-- column total_outstanding: Sum of the five
-- column unapplied_cash: Cash of payments that first settled this loan and is not allocated
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_loan_balance AS
SELECT
    p.loan_id,
    -- Looked up row by row, and without WITH: so the planner sorts first, and who lists the first hundred looks up a hundred.
    (
        SELECT l.loan_number FROM public.loan AS l
        WHERE l.id = p.loan_id
    ) AS loan_number,
    p.legal_entity_id,
    r.category AS product_category,
    p.currency_code,
    p.status AS loan_status,
    p.disbursed_principal AS disbursed,
    p.transferred_in,
    p.principal_refunded AS refunded,
    p.principal_paid,
    p.principal_waived,
    p.principal_written_off,
    p.transferred_out,
    p.outstanding_principal AS principal_outstanding,
    p.overpaid_principal,
    p.interest_outstanding,
    p.rc_fee_outstanding AS fee_outstanding,
    p.penalty_outstanding,
    p.other_outstanding,
    p.outstanding_principal
    + p.interest_outstanding
    + p.rc_fee_outstanding
    + p.penalty_outstanding
    + p.other_outstanding AS total_outstanding,
    p.unapplied_cash,
    p.business_date
FROM analytics.loan_position_live AS p
LEFT JOIN public.product AS r ON p.product_id = r.id;
