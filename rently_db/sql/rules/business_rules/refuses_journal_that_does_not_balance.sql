-- owner: finance
-- severity: fail
-- tags: selftest
-- table: ledger_entry
-- description: The entries of a journal balance at commit
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_journal_that_does_not_balance AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'ledger_entry_journal_balances',
        $$INSERT INTO public.journal_entry (id, legal_entity_id, effective_date, description) VALUES (:loan, :entity,
            '2020-02-01', 'Self-test')$$,
        $$INSERT INTO public.ledger_entry (legal_entity_id, account_id, currency_code, amount, side, journal_id) VALUES
            (:entity, :account, 'SGD', 10, 'debit', :loan)$$
    ) AS p;
