-- owner: finance
-- severity: fail
-- tags: selftest
-- table: ledger_entry
-- description: An entry of the ledger is never changed
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_changing_a_ledger_entry AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'ledger_entry_append_only',
        $$INSERT INTO public.ledger_entry (id, legal_entity_id, account_id, currency_code, amount, side) VALUES (:line,
            :entity, :account, 'SGD', 10, 'debit')$$,
        $$UPDATE public.ledger_entry SET amount = 11 WHERE id = :line$$
    ) AS p;
