-- owner: finance
-- tier: T2
-- grain: entity x account x currency x month
-- key: month_start, legal_entity_id, account_id, currency_code
-- refresh: quarter_hour
-- description: Opening balance, turnover and closing balance of each account, currency and month. In balanced books opening and closing of a company and currency
--     add up to 0, and debits equal credits
-- column month_start: First day of the month; every month from the account's first entry in the currency to the last month with any entry of the company
-- column legal_entity_id: Company whose books they are (of the entries)
-- column legal_entity_name: Its name
-- column account_id: Account
-- column account_code: Its code
-- column account_name: Its name
-- column account_type: asset, liability, equity, revenue or expense
-- column currency_code: Currency of the amounts, ISO 4217
-- column opening: Balance before the month: debits less credits of all earlier months
-- column debit: Debits of the month, by entry_date
-- column credit: Credits of the month
-- column closing: opening + debit - credit, the opening of the next month
-- column entries: Entries of the month
CREATE VIEW analytics.v_ledger_trial_balance AS
WITH last_month AS (
    SELECT
        t.legal_entity_id,
        max(t.month_start) AS month_start
    FROM analytics.mv_ledger_trial_balance AS t
    GROUP BY t.legal_entity_id
),

calendar AS (
    SELECT
        a.legal_entity_id,
        a.account_id,
        a.currency_code,
        g.month_start::date AS month_start
    FROM (
        SELECT
            t.legal_entity_id,
            t.account_id,
            t.currency_code,
            min(t.month_start) AS first_month
        FROM analytics.mv_ledger_trial_balance AS t
        GROUP BY t.legal_entity_id, t.account_id, t.currency_code
    ) AS a
    INNER JOIN last_month AS m ON a.legal_entity_id = m.legal_entity_id
    CROSS JOIN LATERAL generate_series(a.first_month::timestamp, m.month_start::timestamp, interval '1 month') AS g (month_start)
),

running AS (
    SELECT
        c.month_start,
        c.legal_entity_id,
        c.account_id,
        c.currency_code,
        coalesce(t.debit, 0) AS debit,
        coalesce(t.credit, 0) AS credit,
        coalesce(t.entries, 0) AS entries,
        sum(coalesce(t.debit, 0) - coalesce(t.credit, 0)) OVER (
            PARTITION BY c.legal_entity_id, c.account_id, c.currency_code ORDER BY c.month_start
        ) AS closing
    FROM calendar AS c
    LEFT JOIN analytics.mv_ledger_trial_balance AS t
        ON
            c.month_start = t.month_start AND c.legal_entity_id = t.legal_entity_id
            AND c.account_id = t.account_id AND c.currency_code = t.currency_code
)

SELECT
    r.month_start,
    r.legal_entity_id,
    e.name AS legal_entity_name,
    r.account_id,
    a.code AS account_code,
    a.name AS account_name,
    a.type AS account_type,
    r.currency_code,
    r.closing - r.debit + r.credit AS opening,
    r.debit,
    r.credit,
    r.closing,
    r.entries
FROM running AS r
INNER JOIN public.legal_entity AS e ON r.legal_entity_id = e.id
INNER JOIN public.ledger_account AS a ON r.account_id = a.id;
