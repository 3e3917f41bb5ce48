-- owner: finance
-- tier: T2
-- grain: entity x currency
-- key: legal_entity_id, currency_code
-- refresh: quarter_hour
-- description: Sums of ledger_loan_balance. Materialized: it adds up every entry of the receivable accounts, in the same moment as the loans
-- column legal_entity_id: Company whose books they are
-- column currency_code: Currency of the amounts, ISO 4217
-- column gl: Balance of the loan receivable accounts
-- column subledger: What the loans owe
-- column unassigned_gl: Of gl, entries that name no loan
-- column broken_loans: Loans whose ledger balance is not what they owe
-- column broken_amount: Sum of their absolute differences
-- column reconciled_at: Moment of the comparison
CREATE MATERIALIZED VIEW analytics.mv_ledger_subledger_reconciliation AS
SELECT
    b.legal_entity_id,
    b.currency_code,
    sum(b.gl) AS gl,
    sum(b.subledger) AS subledger,
    coalesce(sum(b.gl) FILTER (WHERE b.loan_id IS NULL), 0) AS unassigned_gl,
    count(*) FILTER (WHERE b.loan_id IS NOT NULL AND b.difference <> 0) AS broken_loans,
    coalesce(sum(abs(b.difference)) FILTER (WHERE b.loan_id IS NOT NULL), 0) AS broken_amount,
    now() AS reconciled_at
FROM analytics.ledger_loan_balance AS b
GROUP BY b.legal_entity_id, b.currency_code;
CREATE UNIQUE INDEX mv_ledger_subledger_reconciliation_key ON analytics.mv_ledger_subledger_reconciliation (legal_entity_id, currency_code);
