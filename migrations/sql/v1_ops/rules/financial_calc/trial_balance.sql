-- owner: finance
-- severity: fail
-- tags: validation, critical
-- table: ledger_entry
-- column: amount
-- description: Company whose debits and credits of a currency differ, or journal that does not balance
-- protects: the books: every amount is somewhere else too
-- mend: book the entry that is missing, dated as the one that has no counterpart; entries are never changed
-- constraint: ledger_entry.check_journal
-- exempt: yes: of entries from before v1 that have no journal, until the auditor has agreed to the correcting entry; name company and
--     currency
CREATE VIEW ops.rule_trial_balance AS
SELECT
    e.legal_entity_id || ' ' || e.currency_code AS id,
    format('debits less credits %s', sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END)) AS detail
FROM public.ledger_entry AS e
GROUP BY e.legal_entity_id, e.currency_code
HAVING sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0
UNION ALL
SELECT
    e.journal_id || ' ' || e.currency_code AS id,
    format('journal: debits less credits %s', sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END)) AS detail
FROM public.ledger_entry AS e
WHERE e.journal_id IS NOT NULL
GROUP BY e.journal_id, e.currency_code
HAVING sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0;
