-- owner: finance
-- tier: T3
-- grain: month-end x entity x product x currency
-- key: month_end, legal_entity_id, product_code, currency_code
-- refresh: daily
-- description: Gross loan portfolio of each product at each published month-end. Materialized: it reads every month-end of every loan
-- column month_end: Published month-end
-- column legal_entity_id: Company that lends
-- column product_code: Product
-- column currency_code: Currency of the amounts, ISO 4217
-- column loans: Loans on the book
-- column glp: Outstanding principal of them
CREATE MATERIALIZED VIEW analytics.mv_product_glp AS
SELECT
    s.snapshot_date AS month_end,
    s.legal_entity_id,
    p.code AS product_code,
    s.currency_code,
    count(*) AS loans,
    sum(s.outstanding_principal) AS glp
FROM analytics.loan_daily_snapshot AS s
INNER JOIN analytics.published_day AS d ON s.snapshot_date = d.day
INNER JOIN public.product AS p ON s.product_id = p.id
WHERE d.is_month_end AND s.status = 'active'
GROUP BY s.snapshot_date, s.legal_entity_id, p.code, s.currency_code;
CREATE UNIQUE INDEX mv_product_glp_key ON analytics.mv_product_glp (month_end, legal_entity_id, product_code, currency_code);
