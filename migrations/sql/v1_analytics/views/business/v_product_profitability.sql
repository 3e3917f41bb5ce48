-- owner: finance
-- tier: T3
-- grain: month x entity x product x currency
-- key: month_start, legal_entity_id, product_code, currency_code
-- refresh: daily
-- description: Income less provision charge and losses of each product by month, from the ledger, and the yield on what was lent
-- column month_start: First day of the month, by entry_date; months with an entry on these accounts or a loan on the book at the month-end
-- column legal_entity_id: Company
-- column legal_entity_name: Its name
-- column product_code: Product of the entry's loan; (none): the entry names no loan
-- column product_name: Its name; NULL for (none)
-- column product_category: Its category; NULL for (none)
-- column currency_code: Currency of the amounts, ISO 4217
-- column interest_income: Credits less debits on revenue accounts of setting interest_income_account_codes
-- column fee_income: The same of setting fee_income_account_codes
-- column other_income: The same on all other revenue accounts
-- column income: Sum of the three
-- column provision_charge: Debits less credits on accounts of setting provision_account_codes
-- column loss: Debits less credits on accounts of setting loss_account_codes
-- column net: income - provision_charge - loss
-- column avg_glp: Mean of the outstanding principal on the book at the end of the month before and of the month (0 where none was lent); NULL: one of the two
--     is not published
-- column yield_on_avg_glp_pct: income * 12 in percent of avg_glp; NULL: unknown or nothing lent
CREATE VIEW analytics.v_product_profitability AS
WITH slot AS (
    SELECT
        r.month_start,
        r.legal_entity_id,
        r.product_code,
        r.currency_code
    FROM analytics.mv_product_result AS r
    UNION
    SELECT
        date_trunc('month', g.month_end)::date AS month_start,
        g.legal_entity_id,
        g.product_code,
        g.currency_code
    FROM analytics.mv_product_glp AS g
),

published AS (
    SELECT d.day
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

slot_result AS (
    SELECT
        s.month_start,
        s.legal_entity_id,
        s.product_code,
        s.currency_code,
        coalesce(r.interest_income, 0) AS interest_income,
        coalesce(r.fee_income, 0) AS fee_income,
        coalesce(r.other_income, 0) AS other_income,
        coalesce(r.interest_income + r.fee_income + r.other_income, 0) AS income,
        coalesce(r.provision_charge, 0) AS provision_charge,
        coalesce(r.loss, 0) AS loss,
        CASE WHEN o.day IS NOT NULL AND c.day IS NOT NULL THEN (coalesce(g.glp, 0) + coalesce(h.glp, 0)) / 2 END AS avg_glp
    FROM slot AS s
    LEFT JOIN analytics.mv_product_result AS r
        ON
            s.month_start = r.month_start AND s.legal_entity_id = r.legal_entity_id
            AND s.product_code = r.product_code AND s.currency_code = r.currency_code
    LEFT JOIN published AS o ON o.day = s.month_start - 1
    LEFT JOIN published AS c ON c.day = (s.month_start + interval '1 month')::date - 1
    LEFT JOIN analytics.mv_product_glp AS g
        ON
            o.day = g.month_end AND s.legal_entity_id = g.legal_entity_id
            AND s.product_code = g.product_code AND s.currency_code = g.currency_code
    LEFT JOIN analytics.mv_product_glp AS h
        ON
            c.day = h.month_end AND s.legal_entity_id = h.legal_entity_id
            AND s.product_code = h.product_code AND s.currency_code = h.currency_code
)

SELECT
    s.month_start,
    s.legal_entity_id,
    e.name AS legal_entity_name,
    s.product_code,
    p.name AS product_name,
    p.category AS product_category,
    s.currency_code,
    s.interest_income,
    s.fee_income,
    s.other_income,
    s.income,
    s.provision_charge,
    s.loss,
    s.income - s.provision_charge - s.loss AS net,
    round(s.avg_glp, 2) AS avg_glp,
    analytics.percentage(12 * s.income, s.avg_glp) AS yield_on_avg_glp_pct
FROM slot_result AS s
INNER JOIN public.legal_entity AS e ON s.legal_entity_id = e.id
LEFT JOIN public.product AS p ON s.product_code = p.code;
