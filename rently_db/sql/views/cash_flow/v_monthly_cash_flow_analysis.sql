-- owner: finance
-- tier: T3
-- grain: month x currency
-- key: month_start, currency_code
-- refresh: daily
-- description: What should come in and what is committed to go out in this and the next 11 months. Every currency of the book has all 12 months
-- column month_start: First day of the month; the first month is that of the earliest business date among the companies
-- column currency_code: Currency of the amounts, ISO 4217
-- column scheduled_inflow: Unpaid amounts, all components, of instalments due in the month, from the loan's business date on, of loans on the book: of the
--     plan in force on the due date. Arrears are not in it
-- column loans_with_payments: Loans with instalments due in the month, paid ahead or not
-- column projected_disbursements: undisbursed of v_disbursement_pipeline, in the month of the later of start_date and business date
-- column new_loans: Loans that these are of
-- column net_cash_flow: scheduled_inflow - projected_disbursements
-- column contractual_amount: The same instalments as agreed, paid ahead or not
-- column as_of: Latest business date among the companies when it was computed
CREATE VIEW analytics.v_monthly_cash_flow_analysis AS
SELECT
    m.month_start,
    m.currency_code,
    m.scheduled_inflow,
    m.loans_with_payments,
    m.projected_disbursements,
    m.new_loans,
    m.scheduled_inflow - m.projected_disbursements AS net_cash_flow,
    m.contractual_amount,
    m.as_of
FROM analytics.mv_monthly_cash_flow AS m;
