-- owner: finance
-- tier: T0
-- grain: completed inbound payment that is not fully allocated
-- key: payment_id
-- refresh: live
-- description: Cash that came in and does not yet settle anything, as v_unallocated_cash says, without who paid
-- column payment_id: Payment
-- column legal_entity_id: Company that received it
-- column legal_entity_name: Its name
-- column loan_id: Loan of its first allocation (by created_at, unknown first, then id), to which loan_position counts it as unapplied_cash; NULL: it has none
-- column currency_code: Currency, ISO 4217
-- column amount: Amount received
-- column allocated: Allocations that are not reversed on business_date
-- column unapplied: amount - allocated, above 0
-- column value_date: Local date of arrival (received_at, else processed_at, else created_at), not after business_date
-- column age_days: Days from value_date to business_date
-- column provider: Provider that took it
-- column external_reference: Its reference there
-- column business_date: Business date of the legal entity of the loan, without loan of the company that received it; its zone gives value_date
CREATE VIEW analytics.dash_unallocated_cash AS
SELECT
    u.payment_id,
    u.legal_entity_id,
    u.legal_entity_name,
    u.loan_id,
    u.currency_code,
    u.amount,
    u.allocated,
    u.unapplied,
    u.value_date,
    u.age_days,
    u.provider,
    u.external_reference,
    u.business_date
FROM analytics.v_unallocated_cash AS u;
