-- owner: finance
-- tier: T2
-- grain: entity x account x currency x month
-- key: month_start, legal_entity_id, account_id, currency_code
-- refresh: quarter_hour
-- description: Monthly turnover of each account and currency. Materialized: it adds up every ledger entry
-- column month_start: First day of the month of entry_date
-- column legal_entity_id: Company whose books they are
-- column account_id: Account
-- column currency_code: Currency of the amounts, ISO 4217
-- column debit: Debits of the month
-- column credit: Credits of the month
-- column entries: Entries of the month
CREATE MATERIALIZED VIEW analytics.mv_ledger_trial_balance AS
SELECT
    date_trunc('month', n.entry_date)::date AS month_start,
    n.legal_entity_id,
    n.account_id,
    n.currency_code,
    coalesce(sum(n.amount) FILTER (WHERE n.side = 'debit'), 0) AS debit,
    coalesce(sum(n.amount) FILTER (WHERE n.side = 'credit'), 0) AS credit,
    count(*) AS entries
FROM public.ledger_entry AS n
GROUP BY date_trunc('month', n.entry_date)::date, n.legal_entity_id, n.account_id, n.currency_code;
CREATE UNIQUE INDEX mv_ledger_trial_balance_key ON analytics.mv_ledger_trial_balance (
    month_start, legal_entity_id, account_id, currency_code
);
