-- owner: finance
-- tier: T3
-- grain: entity x foreign currency x day
-- key: legal_entity_id, currency_code, entry_date
-- refresh: daily
-- description: Daily movement of monetary accounts in other currencies than the books'. Materialized: it reads every ledger entry
-- column legal_entity_id: Company whose books they are
-- column currency_code: Currency other than its functional one
-- column entry_date: Day
-- column movement: Debits less credits on accounts of a type in setting monetary_account_types, in currency_code
CREATE MATERIALIZED VIEW analytics.mv_foreign_turnover AS
SELECT
    n.legal_entity_id,
    n.currency_code,
    n.entry_date,
    sum(CASE n.side WHEN 'debit' THEN n.amount ELSE -n.amount END) AS movement
FROM public.ledger_entry AS n
INNER JOIN public.legal_entity AS e ON n.legal_entity_id = e.id AND n.currency_code <> e.functional_ccy
INNER JOIN public.ledger_account AS a ON n.account_id = a.id
WHERE (SELECT analytics.setting('monetary_account_types')) ? a.type
GROUP BY n.legal_entity_id, n.currency_code, n.entry_date;
CREATE UNIQUE INDEX mv_foreign_turnover_key ON analytics.mv_foreign_turnover (legal_entity_id, currency_code, entry_date);
