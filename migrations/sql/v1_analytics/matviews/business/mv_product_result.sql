-- owner: finance
-- tier: T3
-- grain: month x entity x product x currency
-- key: month_start, legal_entity_id, product_code, currency_code
-- refresh: daily
-- description: Income, provision charge and losses of each product by month from the ledger. Materialized: it reads every entry of the income and loss accounts
-- column month_start: First day of the month of entry_date
-- column legal_entity_id: Company whose books they are
-- column product_code: Product of the loan that the entry names, else of the loan of its disbursement; (none) without either
-- column currency_code: Currency of the amounts, ISO 4217
-- column interest_income: Credits less debits on revenue accounts of setting interest_income_account_codes
-- column fee_income: The same of setting fee_income_account_codes
-- column other_income: The same on all other revenue accounts
-- column provision_charge: Debits less credits on accounts of setting provision_account_codes
-- column loss: Debits less credits on accounts of setting loss_account_codes
CREATE MATERIALIZED VIEW analytics.mv_product_result AS
WITH account AS (
    SELECT
        a.id AS account_id,
        CASE
            WHEN a.type = 'revenue' AND k.interest ? a.code THEN 'interest'
            WHEN a.type = 'revenue' AND k.fee ? a.code THEN 'fee'
            WHEN a.type = 'revenue' THEN 'other'
            WHEN k.provision ? a.code THEN 'provision'
            WHEN k.loss ? a.code THEN 'loss'
        END AS part
    FROM public.ledger_account AS a
    CROSS JOIN (
        SELECT
            (SELECT analytics.setting('interest_income_account_codes')) AS interest,
            (SELECT analytics.setting('fee_income_account_codes')) AS fee,
            (SELECT analytics.setting('provision_account_codes')) AS provision,
            (SELECT analytics.setting('loss_account_codes')) AS loss
    ) AS k
),

entry AS (
    SELECT
        date_trunc('month', n.entry_date)::date AS month_start,
        n.legal_entity_id,
        coalesce(p.code, '(none)') AS product_code,
        n.currency_code,
        a.part,
        CASE n.side WHEN 'credit' THEN n.amount ELSE -n.amount END AS credited
    FROM account AS a
    INNER JOIN public.ledger_entry AS n ON a.account_id = n.account_id
    LEFT JOIN public.disbursement AS d ON n.disbursement_id = d.id
    LEFT JOIN public.loan AS l ON l.id = coalesce(n.loan_id, d.loan_id)
    LEFT JOIN public.product AS p ON l.product_id = p.id
    WHERE a.part IS NOT NULL
)

SELECT
    e.month_start,
    e.legal_entity_id,
    e.product_code,
    e.currency_code,
    coalesce(sum(e.credited) FILTER (WHERE e.part = 'interest'), 0) AS interest_income,
    coalesce(sum(e.credited) FILTER (WHERE e.part = 'fee'), 0) AS fee_income,
    coalesce(sum(e.credited) FILTER (WHERE e.part = 'other'), 0) AS other_income,
    coalesce(-sum(e.credited) FILTER (WHERE e.part = 'provision'), 0) AS provision_charge,
    coalesce(-sum(e.credited) FILTER (WHERE e.part = 'loss'), 0) AS loss
FROM entry AS e
GROUP BY e.month_start, e.legal_entity_id, e.product_code, e.currency_code;
CREATE UNIQUE INDEX mv_product_result_key ON analytics.mv_product_result (month_start, legal_entity_id, product_code, currency_code);
