-- owner: finance
-- tier: T2
-- grain: entity x currency
-- key: legal_entity_id, currency_code
-- refresh: quarter_hour
-- description: Loan receivable in the general ledger against the sum of what the loans owe; ledger_loan_balance lists the loans where they differ
-- column legal_entity_id: Company whose books they are
-- column legal_entity_name: Its name
-- column currency_code: Currency of the amounts, ISO 4217
-- column gl: Debits less credits up to the business date on the accounts of setting loan_receivable_account_codes
-- column subledger: Outstanding less overpaid principal of the company's loans in the currency
-- column difference: gl - subledger
-- column difference_pct: difference in percent of subledger; NULL: nothing is owed
-- column is_reconciled: Whether difference is 0 and no loan is broken
-- column unassigned_gl: Of gl, entries that name no loan
-- column broken_loans: Loans whose ledger balance is not what they owe
-- column broken_amount: Sum of the absolute differences of loans: breaks that cancel each other are seen too
-- column reconciled_at: Moment of the comparison
CREATE VIEW analytics.v_ledger_subledger_reconciliation AS
SELECT
    r.legal_entity_id,
    e.name AS legal_entity_name,
    r.currency_code,
    r.gl,
    r.subledger,
    r.gl - r.subledger AS difference,
    analytics.percentage(r.gl - r.subledger, r.subledger) AS difference_pct,
    r.gl = r.subledger AND r.broken_loans = 0 AS is_reconciled,
    r.unassigned_gl,
    r.broken_loans,
    r.broken_amount,
    r.reconciled_at
FROM analytics.mv_ledger_subledger_reconciliation AS r
INNER JOIN public.legal_entity AS e ON r.legal_entity_id = e.id;
