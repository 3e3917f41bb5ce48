-- owner: finance
-- tier: T2
-- grain: entity x currency x loan, and one row for entries without a loan
-- key: legal_entity_id, currency_code, loan_id
-- refresh: minute
-- description: The break list: what the ledger's loan receivable accounts hold for each loan, against what the loan still owes
-- column legal_entity_id: Company whose books they are: of the entries, and of the loan where there are none
-- column currency_code: Currency of the amounts, ISO 4217
-- column loan_id: Loan; NULL: entries that name none
-- column gl: Debits less credits on accounts with a code in setting loan_receivable_account_codes, with an entry_date up to the company's business date
-- column subledger: Outstanding principal less overpaid principal of the loan (loan_state); 0 in another currency or company than the loan's
-- column difference: gl - subledger; a break where it is not 0
CREATE VIEW analytics.ledger_loan_balance AS
WITH booked AS (
    SELECT
        n.legal_entity_id,
        n.currency_code,
        n.loan_id,
        sum(CASE n.side WHEN 'debit' THEN n.amount ELSE -n.amount END) AS gl
    FROM public.ledger_account AS a
    INNER JOIN public.ledger_entry AS n ON a.id = n.account_id
    INNER JOIN analytics.entity_day AS e ON n.legal_entity_id = e.legal_entity_id AND n.entry_date <= e.business_date
    WHERE (SELECT analytics.setting('loan_receivable_account_codes')) ? a.code
    GROUP BY n.legal_entity_id, n.currency_code, n.loan_id
),

owed AS (
    SELECT
        s.legal_entity_id,
        s.currency_code,
        s.loan_id,
        s.outstanding_principal - s.overpaid_principal AS subledger
    FROM analytics.loan_state AS s
)

SELECT
    coalesce(b.legal_entity_id, o.legal_entity_id) AS legal_entity_id,
    coalesce(b.currency_code, o.currency_code) AS currency_code,
    coalesce(b.loan_id, o.loan_id) AS loan_id,
    coalesce(b.gl, 0) AS gl,
    coalesce(o.subledger, 0) AS subledger,
    coalesce(b.gl, 0) - coalesce(o.subledger, 0) AS difference
FROM booked AS b
FULL JOIN owed AS o ON b.legal_entity_id = o.legal_entity_id AND b.currency_code = o.currency_code AND b.loan_id = o.loan_id;
