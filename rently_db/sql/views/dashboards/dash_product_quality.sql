-- owner: risk
-- tier: T3
-- grain: legal entity x product category
-- key: legal_entity_id, product_category
-- refresh: daily
-- description: How much of each product was lent and how good it is, at the newest published month-end: volume against quality
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column product_category: Category of the product
-- column month_end: The newest published month-end
-- column loans: Loans on the book
-- column outstanding_fn: Their outstanding principal at the rate of the month-end, rounded to 2 places; NULL: a rate is missing
-- column default_pct: Outstanding principal of loans in default / outstanding_fn in percent, rounded to 2 places
-- column par30_pct: Outstanding principal of loans more than 30 days past due / outstanding_fn likewise
-- column new_loans: Loans first disbursed in the twelve months up to month_end
-- column originated_fn: Amount lent by contract of these, at the rates of their month-ends, rounded to 2 places; NULL: a rate is missing
CREATE VIEW analytics.dash_product_quality AS
WITH newest AS (
    SELECT max(d.day) AS day FROM analytics.published_day AS d
    WHERE d.is_month_end
),

month AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        p.category,
        m.month_end = n.day AS is_newest,
        sum(m.loans) AS loans,
        sum(m.outstanding_on_book) AS outstanding,
        sum(m.default_outstanding) AS defaulted,
        sum(m.past_due_30) AS past_due_30,
        sum(m.loans_in_month) AS new_loans,
        sum(m.originated_in_month) AS originated
    FROM analytics.mv_portfolio_month_end AS m
    INNER JOIN newest AS n ON m.month_end > (n.day + 1 - interval '12 months')::date - 1
    INNER JOIN public.product AS p ON m.product_id = p.id
    GROUP BY m.month_end, m.legal_entity_id, m.currency_code, p.category, n.day
),

rate AS (
    SELECT
        k.month_end,
        k.legal_entity_id,
        k.currency_code,
        f.rate
    FROM (
        SELECT DISTINCT
            m.month_end,
            m.legal_entity_id,
            m.currency_code,
            e.functional_ccy
        FROM month AS m
        INNER JOIN public.legal_entity AS e ON m.legal_entity_id = e.id
    ) AS k
    CROSS JOIN LATERAL analytics.fx_rate(k.currency_code, k.functional_ccy, k.month_end) AS f
),

total AS (
    SELECT
        m.legal_entity_id,
        m.category,
        coalesce(sum(m.loans) FILTER (WHERE m.is_newest), 0)::bigint AS loans,
        bool_and(NOT m.is_newest OR m.outstanding = 0 OR r.rate IS NOT NULL) AS book_is_known,
        coalesce(sum(m.outstanding * r.rate) FILTER (WHERE m.is_newest), 0) AS outstanding,
        coalesce(sum(m.defaulted * r.rate) FILTER (WHERE m.is_newest), 0) AS defaulted,
        coalesce(sum(m.past_due_30 * r.rate) FILTER (WHERE m.is_newest), 0) AS past_due_30,
        sum(m.new_loans)::bigint AS new_loans,
        bool_and(m.originated = 0 OR r.rate IS NOT NULL) AS volume_is_known,
        coalesce(sum(m.originated * r.rate), 0) AS originated
    FROM month AS m
    INNER JOIN rate AS r ON m.month_end = r.month_end AND m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
    GROUP BY m.legal_entity_id, m.category
)

SELECT
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.category AS product_category,
    n.day AS month_end,
    t.loans,
    CASE WHEN t.book_is_known THEN round(t.outstanding, 2) END AS outstanding_fn,
    CASE WHEN t.book_is_known THEN analytics.percentage(t.defaulted, t.outstanding) END AS default_pct,
    CASE WHEN t.book_is_known THEN analytics.percentage(t.past_due_30, t.outstanding) END AS par30_pct,
    t.new_loans,
    CASE WHEN t.volume_is_known THEN round(t.originated, 2) END AS originated_fn
FROM total AS t
CROSS JOIN newest AS n
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id;
